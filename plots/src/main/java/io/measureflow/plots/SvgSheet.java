package io.measureflow.plots;

import java.util.List;

/**
 * Several plots on one sheet, as an SVG file that stands alone: with its colors, light and dark,
 * and the legends below the plots.
 */
public final class SvgSheet {

  private static final int MARGIN = 16;
  private static final int GAP = 20;
  private static final int HEADING = 34;
  private static final int TITLE = 22;
  private static final int LEGEND_LINE = 18;
  private static final int SAMPLE = 30;
  private static final double CHARACTER = 6.6;

  private static final String STYLE =
      """
      svg { background: #ffffff; }
      text { font: 12.5px system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif; fill: #556070; }
      .heading { font-size: 17px; font-weight: 600; fill: #1b2330; }
      .title { font-size: 14px; font-weight: 600; fill: #1b2330; }
      .grid { stroke: #dde2e9; fill: none; }
      .frame { stroke: #556070; fill: none; }
      .rule { stroke: #556070; stroke-dasharray: 2 3; fill: none; }
      .line, .dashed { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
      .dashed { stroke-dasharray: 6 5; stroke-width: 1.5; }
      .marks { fill: none; stroke-width: 5; stroke-linecap: round; }
      .points { fill: none; stroke-width: 5.5; stroke-linecap: round; stroke-opacity: .8; }
      .highlight { fill: none; stroke-width: 10; stroke-linecap: round; }
      .highlight.s0 { stroke-width: 7; }
      .s0 { stroke: #0072b2; } .s1 { stroke: #c25100; } .s2 { stroke: #008a63; }
      .s3 { stroke: #a3abb8; } .s4 { stroke: #3a9ad9; } .s5 { stroke: #b47b00; }
      .s6 { stroke: #444c58; }
      .bars { fill: #0072b2; stroke: none; }
      @media (prefers-color-scheme: dark) {
        svg { background: #1b212a; }
        text { fill: #a5b0be; }
        .heading, .title { fill: #e8ecf2; }
        .grid { stroke: #323b47; }
        .frame, .rule { stroke: #a5b0be; }
        .s0 { stroke: #5cb3f0; } .s1 { stroke: #f09a5b; } .s2 { stroke: #45c8a0; }
        .s3 { stroke: #66707d; } .s4 { stroke: #9fd4f7; } .s5 { stroke: #e6b84c; }
        .s6 { stroke: #c4cbd6; }
        .bars { fill: #5cb3f0; }
      }
      """;

  private SvgSheet() {}

  /**
   * Returns the text of the file.
   *
   * @param heading what stands above all plots
   * @param plots at least one, drawn row by row
   * @param columns the number of plots in a row
   */
  public static String of(String heading, List<SvgPlot> plots, int columns) {
    int across = Math.min(columns, plots.size());
    int rows = Math.ceilDiv(plots.size(), across);
    int legend = plots.stream().mapToInt(plot -> legend(new Html(), plot, 0, 0)).max().orElse(0);
    int cell = TITLE + SvgPlot.HEIGHT + legend + GAP;
    int width = 2 * MARGIN + across * SvgPlot.WIDTH + (across - 1) * GAP;
    int height = 2 * MARGIN + HEADING + rows * cell - GAP;
    var file = new Html();
    file.markup("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    file.open(
        "svg",
        "xmlns",
        "http://www.w3.org/2000/svg",
        "viewBox",
        "0 0 " + width + " " + height,
        "width",
        String.valueOf(width),
        "height",
        String.valueOf(height));
    file.element("title", heading);
    file.open("style").markup(STYLE).close("style");
    text(file, "heading", MARGIN, MARGIN + 18, heading);
    for (int i = 0; i < plots.size(); i++) {
      int x = MARGIN + i % across * (SvgPlot.WIDTH + GAP);
      int y = MARGIN + HEADING + i / across * cell;
      text(file, "title", x, y + 14, plots.get(i).title());
      file.open("g", "transform", "translate(" + x + " " + (y + TITLE) + ")");
      plots.get(i).draw(file);
      file.close("g");
      legend(file, plots.get(i), x, y + TITLE + SvgPlot.HEIGHT);
    }
    return file.close("svg").toString();
  }

  /** Draws the legend of a plot, and returns its height. */
  private static int legend(Html file, SvgPlot plot, int left, int top) {
    if (plot.legend().size() < 2) {
      return 0;
    }
    double x = 0;
    int line = 0;
    for (SvgPlot.Series series : plot.legend()) {
      double wide = SAMPLE + CHARACTER * series.name().length() + 14;
      if (x > 0 && x + wide > SvgPlot.WIDTH) {
        x = 0;
        line++;
      }
      int middle = top + 12 + line * LEGEND_LINE;
      file.open("g", "transform", "translate(" + (left + (int) x) + " " + (middle - 5) + ")");
      SvgPlot.sample(file, series);
      file.close("g");
      text(file, "legend", left + (int) x + SAMPLE, middle + 4, series.name());
      x += wide;
    }
    return (line + 1) * LEGEND_LINE + 4;
  }

  private static void text(Html file, String style, int x, int y, String words) {
    file.open("text", "class", style, "x", String.valueOf(x), "y", String.valueOf(y));
    file.text(words).close("text");
  }
}
