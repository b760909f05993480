package io.measureflow.plots;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.knowm.xchart.AnnotationText;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** A plot of lines, bands and points on a pair of axes. */
public final class LinePlot {

  /**
   * Blue, orange, green, purple, sky blue, yellow and black, chosen to be distinguishable with
   * every kind of color vision [okabe2008].
   */
  public static final List<Color> COLORS =
      List.of(
          new Color(0x00, 0x72, 0xB2),
          new Color(0xD5, 0x5E, 0x00),
          new Color(0x00, 0x9E, 0x73),
          new Color(0xCC, 0x79, 0xA7),
          new Color(0x56, 0xB4, 0xE9),
          new Color(0xE6, 0x9F, 0x00),
          new Color(0x33, 0x33, 0x33));

  private static final Color TEXT = new Color(0x33, 0x33, 0x33);
  private static final Color GRID = new Color(0xE6, 0xE6, 0xE6);
  private static final String DECIMALS = "#,##0.#########";
  private static final float STROKE = 2.2f;
  private static final float[] DASHES = {7, 5};

  private final XYChart chart;
  private final int width;
  private final int height;
  private int empty;

  /** The position of the legend. */
  public enum Legend {
    /** The upper right corner. */
    NORTH_EAST(Styler.LegendPosition.InsideNE),
    /** The upper left corner. */
    NORTH_WEST(Styler.LegendPosition.InsideNW),
    /** The lower right corner. */
    SOUTH_EAST(Styler.LegendPosition.InsideSE),
    /** The lower left corner. */
    SOUTH_WEST(Styler.LegendPosition.InsideSW),
    /** Beside the plot. */
    OUTSIDE(Styler.LegendPosition.OutsideE);

    private final Styler.LegendPosition position;

    Legend(Styler.LegendPosition position) {
      this.position = position;
    }
  }

  /** Creates an empty plot; width and height are in pixels. */
  public LinePlot(int width, int height, String title, String xTitle, String yTitle) {
    this.width = width;
    this.height = height;
    chart =
        new XYChartBuilder()
            .width(width)
            .height(height)
            .title(title)
            .xAxisTitle(xTitle)
            .yAxisTitle(yTitle)
            .build();
    var styler = chart.getStyler();
    styler.setChartBackgroundColor(Color.WHITE);
    styler.setPlotBackgroundColor(Color.WHITE);
    styler.setPlotBorderVisible(false);
    styler.setPlotGridLinesColor(GRID);
    styler.setPlotGridVerticalLinesVisible(false);
    styler.setChartFontColor(TEXT);
    styler.setAxisTickLabelsColor(TEXT);
    styler.setChartTitleFont(new Font(Font.SANS_SERIF, Font.BOLD, 18));
    styler.setAxisTitleFont(new Font(Font.SANS_SERIF, Font.PLAIN, 15));
    styler.setAxisTickLabelsFont(new Font(Font.SANS_SERIF, Font.PLAIN, 13));
    styler.setLegendFont(new Font(Font.SANS_SERIF, Font.PLAIN, 14));
    styler.setLegendBorderColor(GRID);
    styler.setLegendPosition(Styler.LegendPosition.InsideNE);
    styler.setAnnotationTextFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12));
    styler.setAnnotationTextFontColor(TEXT);
    styler.setChartTitleBoxVisible(false);
    styler.setErrorBarsColorSeriesColor(true);
    styler.setMarkerSize(6);
    styler.setChartPadding(18);
    // The default pattern mixes .05 and 0.1.
    styler.setXAxisDecimalPattern(DECIMALS);
    styler.setYAxisDecimalPattern(DECIMALS);
  }

  /** Sets the position of the legend; the default is the upper right corner. */
  public LinePlot legend(Legend legend) {
    chart.getStyler().setLegendPosition(legend.position);
    return this;
  }

  /** Labels the horizontal axis at integers only, as for epochs. */
  public LinePlot wholeNumbersOnX() {
    chart
        .getStyler()
        .setXAxisTickLabelsFormattingFunction(
            x -> x == Math.rint(x) ? String.valueOf(Math.round(x)) : "");
    return this;
  }

  /** Makes the horizontal axis logarithmic; all values must be positive. */
  public LinePlot logarithmicX() {
    chart.getStyler().setXAxisLogarithmic(true);
    chart.getStyler().setXAxisTickLabelsFormattingFunction(LinePlot::decimal);
    return this;
  }

  /** Makes the vertical axis logarithmic; all values must be positive. */
  public LinePlot logarithmicY() {
    chart.getStyler().setYAxisLogarithmic(true);
    chart.getStyler().setYAxisTickLabelsFormattingFunction(LinePlot::decimal);
    return this;
  }

  private static String decimal(double value) {
    if (value >= 1) {
      return value == Math.rint(value)
          ? String.valueOf(Math.round(value))
          : String.format(Locale.ROOT, "%.3g", value);
    }
    return String.format(Locale.ROOT, "%.3g", value).replaceAll("0+$", "");
  }

  /** Sets the lower end of the vertical axis. */
  public LinePlot yFrom(double least) {
    chart.getStyler().setYAxisMin(least);
    return this;
  }

  /** Sets the upper end of the vertical axis. */
  public LinePlot yTo(double most) {
    chart.getStyler().setYAxisMax(most);
    return this;
  }

  /** Sets both ends of the horizontal axis. */
  public LinePlot xBetween(double least, double most) {
    chart.getStyler().setXAxisMin(least);
    chart.getStyler().setXAxisMax(most);
    return this;
  }

  /** Draws a line through points; points with a NaN are left out. */
  public LinePlot line(String name, double[] x, double[] y, Color color) {
    draw(name, x, y, new double[0], color, SeriesMarkers.CIRCLE, false);
    return this;
  }

  /** Draws a dashed line without markers. */
  public LinePlot dashed(String name, double[] x, double[] y, Color color) {
    draw(name, x, y, new double[0], color, SeriesMarkers.NONE, true);
    return this;
  }

  /** Draws a line with error bars of the given half-lengths. */
  public LinePlot line(String name, double[] x, double[] y, double[] error, Color color) {
    draw(name, x, y, error, color, SeriesMarkers.CIRCLE, false);
    return this;
  }

  /** Draws points without a line. */
  public LinePlot points(String name, double[] x, double[] y, Color color) {
    XYSeries series = draw(name, x, y, new double[0], color, SeriesMarkers.CIRCLE, false);
    if (series != null) {
      series.setXYSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Scatter);
    }
    return this;
  }

  /** Draws a short text centered at a point of the plot. */
  public LinePlot label(double x, double y, String text) {
    chart.addAnnotation(new AnnotationText(text, x, y, false));
    return this;
  }

  /** Fills the area between two curves over the same x in a pale shade; draw it before any line. */
  public LinePlot band(String name, double[] x, double[] low, double[] high, Color color) {
    double[] xs = new double[2 * x.length];
    double[] ys = new double[2 * x.length];
    for (int i = 0; i < x.length; i++) {
      xs[i] = x[i];
      ys[i] = high[i];
      xs[2 * x.length - 1 - i] = x[i];
      ys[2 * x.length - 1 - i] = low[i];
    }
    XYSeries series = chart.addSeries(name, xs, ys);
    series.setXYSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.PolygonArea);
    series.setFillColor(new Color(color.getRed(), color.getGreen(), color.getBlue(), 0x38));
    series.setLineColor(new Color(color.getRed(), color.getGreen(), color.getBlue(), 0x38));
    series.setMarker(SeriesMarkers.NONE);
    return this;
  }

  private @Nullable XYSeries draw(
      String name,
      double[] x,
      double[] y,
      double[] error,
      Color color,
      Marker marker,
      boolean dashed) {
    int[] known =
        IntStream.range(0, x.length)
            .filter(i -> !Double.isNaN(x[i]) && !Double.isNaN(y[i]))
            .toArray();
    if (known.length == 0) {
      empty++;
      return null;
    }
    double[] xs = IntStream.of(known).mapToDouble(i -> x[i]).toArray();
    double[] ys = IntStream.of(known).mapToDouble(i -> y[i]).toArray();
    XYSeries series =
        error.length == 0
            ? chart.addSeries(name, xs, ys)
            : chart.addSeries(
                name, xs, ys, IntStream.of(known).mapToDouble(i -> error[i]).toArray());
    series.setLineColor(color);
    series.setLineStyle(
        new BasicStroke(
            STROKE, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND, 10, dashed ? DASHES : null, 0));
    series.setMarkerColor(color);
    series.setMarker(marker);
    return series;
  }

  /** Whether nothing is drawn, for lack of numbers. */
  public boolean isEmpty() {
    return chart.getSeriesCollection().isEmpty();
  }

  int width() {
    return width;
  }

  int height() {
    return height;
  }

  BufferedImage image() {
    if (isEmpty()) {
      throw new IllegalStateException("Empty plot: " + empty + " series had no numbers");
    }
    return BitmapEncoder.getBufferedImage(chart);
  }
}
