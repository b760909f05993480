package io.measureflow.plots;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * A small plot as SVG within a page, with its legend and a caption. Colors come from the style of
 * the page: class {@code s0} to {@code s6} for the series, {@code grid}, {@code frame} and text.
 */
public final class SvgPlot {

  /** The width of the drawing, in its own units. */
  static final int WIDTH = 360;

  /** Its height. */
  static final int HEIGHT = 240;

  private static final int LEFT = 60;
  private static final int RIGHT = 12;
  private static final int TOP = 10;
  private static final int BOTTOM = 40;
  private static final int LABELS = 5;

  /** The width of a character, about. */
  private static final int CHARACTER = 7;

  private static final int CLASSES = 7;

  /** Lines of more points are thinned to the extremes of as many stretches. */
  private static final int STRETCHES = 250;

  private static final int MOST_MARKS = 30;

  private final String title;
  private final String xTitle;
  private final String yTitle;
  private final List<Series> all = new ArrayList<>();
  private final List<Double> rules = new ArrayList<>();
  private Axis.Scale xScale = Axis.Scale.LINEAR;
  private Axis.Scale scale = Axis.Scale.LINEAR;
  private List<String> names = List.of();
  private boolean whole;
  private double xLeast = Double.NaN;
  private double xMost = Double.NaN;
  private double yLeast = Double.NaN;
  private double yMost = Double.NaN;

  /** How a series is drawn. */
  enum Kind {
    LINE,
    DASHED,
    POINTS,
    HIGHLIGHT,
    BARS
  }

  /** Points, and how they are drawn. */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  record Series(String name, Kind kind, int style, double[] x, double[] y) {}

  /** Creates an empty plot. */
  public SvgPlot(String title, String xTitle, String yTitle) {
    this.title = title;
    this.xTitle = xTitle;
    this.yTitle = yTitle;
  }

  /** Labels the horizontal axis at integers only, as for epochs. */
  public SvgPlot wholeNumbersOnX() {
    whole = true;
    return this;
  }

  /** Makes the horizontal axis logarithmic; numbers of at most 0 are drawn at its left end. */
  public SvgPlot logarithmicX() {
    xScale = Axis.Scale.LOGARITHMIC;
    return this;
  }

  /** Labels the horizontal axis with names; the x of the first one is 0, that of the next 1. */
  public SvgPlot namesOnX(List<String> all) {
    names = List.copyOf(all);
    return this;
  }

  /** Makes the vertical axis logarithmic where the numbers differ by a factor above 1000. */
  public SvgPlot automaticY() {
    scale = Axis.Scale.AUTOMATIC;
    return this;
  }

  /** Sets both ends of the horizontal axis. */
  public SvgPlot xBetween(double least, double most) {
    xLeast = least;
    xMost = most;
    return this;
  }

  /** Sets both ends of the vertical axis; NaN leaves one to the numbers. */
  public SvgPlot yBetween(double least, double most) {
    yLeast = least;
    yMost = most;
    return this;
  }

  /**
   * Draws a line through points; those with a NaN are left out.
   *
   * @param name its name in the legend; empty to leave it out there
   * @param style the color, from 0 to 6
   */
  public SvgPlot line(String name, int style, double[] x, double[] y) {
    return add(name, Kind.LINE, style, x, y);
  }

  /** Draws a dashed line without marks. */
  public SvgPlot dashed(String name, int style, double[] x, double[] y) {
    return add(name, Kind.DASHED, style, x, y);
  }

  /** Draws points without a line. */
  public SvgPlot points(String name, int style, double[] x, double[] y) {
    return add(name, Kind.POINTS, style, x, y);
  }

  /** Draws large points, which stand out from others. */
  public SvgPlot highlight(String name, int style, double[] x, double[] y) {
    return add(name, Kind.HIGHLIGHT, style, x, y);
  }

  /**
   * Draws bars from 0.
   *
   * @param edges the left edge of each bar and the right edge of the last one
   * @param heights one fewer than edges
   */
  public SvgPlot bars(String name, int style, double[] edges, double[] heights) {
    return add(name, Kind.BARS, style, edges, heights);
  }

  /** Draws a thin vertical line. */
  public SvgPlot rule(double x) {
    rules.add(x);
    return this;
  }

  private SvgPlot add(String name, Kind kind, int style, double[] x, double[] y) {
    if (Arrays.stream(y).anyMatch(v -> !Double.isNaN(v))) {
      all.add(new Series(name, kind, style % CLASSES, x.clone(), y.clone()));
    }
    return this;
  }

  /** Whether nothing is drawn, for lack of numbers. */
  public boolean isEmpty() {
    return all.isEmpty();
  }

  /**
   * Writes the plot as a figure.
   *
   * @param caption a sentence below; may be empty
   * @param alternative what it shows, for those who cannot see it
   */
  public void writeTo(Html page, String caption, String alternative) {
    page.open("figure", "class", "chart");
    page.element("h3", title);
    page.open(
        "svg",
        "viewBox",
        "0 0 " + WIDTH + " " + HEIGHT,
        "role",
        "img",
        "aria-label",
        title + ". " + alternative);
    draw(page);
    page.close("svg");
    if (legend().size() > 1) {
      page.open("ul", "class", "legend");
      for (Series series : legend()) {
        page.open("li").open("svg", "viewBox", "0 0 24 10", "aria-hidden", "true");
        sample(page, series);
        page.close("svg").text(series.name()).close("li");
      }
      page.close("ul");
    }
    String words = (caption + " " + notes()).strip();
    if (!words.isEmpty()) {
      page.element("figcaption", words);
    }
    page.close("figure");
  }

  /** Draws axes and series. */
  void draw(Html page) {
    Axis x = xAxis();
    Axis y = yAxis();
    frame(page, x, y);
    for (double rule : rules) {
      page.open("path", "class", "rule", "d", "M" + at(x(x, rule)) + " " + TOP + "V" + bottom());
      page.markup("</path>");
    }
    all.forEach(series -> draw(page, series, x, y));
  }

  private Axis xAxis() {
    if (!names.isEmpty()) {
      return Axis.of(names, (WIDTH - RIGHT - LEFT) / names.size() / CHARACTER);
    }
    double[] xs = all.stream().flatMapToDouble(series -> Arrays.stream(series.x())).toArray();
    return Axis.of(xs, xScale, xLeast, xMost, whole, LABELS + 1);
  }

  private Axis yAxis() {
    double[] ys = all.stream().flatMapToDouble(series -> Arrays.stream(series.y())).toArray();
    boolean bars = all.stream().anyMatch(series -> series.kind() == Kind.BARS);
    return Axis.of(
        bars ? DoubleStream.concat(Arrays.stream(ys), DoubleStream.of(0)).toArray() : ys,
        scale,
        yLeast,
        yMost,
        false,
        LABELS);
  }

  /** Says what the picture does not: which axes are logarithmic, and what lies beyond them. */
  String notes() {
    Axis x = xAxis();
    Axis y = yAxis();
    long count =
        all.stream()
            .filter(series -> series.kind() != Kind.BARS)
            .mapToLong(
                series -> {
                  long found = 0;
                  for (int i = 0; i < series.x().length; i++) {
                    found += x.isBeyond(series.x()[i]) || y.isBeyond(series.y()[i]) ? 1 : 0;
                  }
                  return found;
                })
            .sum();
    String text =
        y.isLogarithmic()
            ? x.isLogarithmic() ? "Both axes are logarithmic." : "The vertical axis is logarithmic."
            : x.isLogarithmic() ? "The horizontal axis is logarithmic." : "";
    return count == 0
        ? text
        : (text
                + (count == 1
                    ? " One value lies beyond the axis and is drawn at its end."
                    : " " + count + " values lie beyond the axis and are drawn at its end."))
            .strip();
  }

  /** Returns the series that have a name. */
  List<Series> legend() {
    return all.stream().filter(series -> !series.name().isEmpty()).toList();
  }

  /** Draws what a series looks like, in 24 by 10 units. */
  static void sample(Html page, Series series) {
    String kind = series.kind().name().toLowerCase(Locale.ROOT);
    String shape =
        switch (series.kind()) {
          case LINE, DASHED -> "M1 5H23";
          case POINTS, HIGHLIGHT -> "M12 5h0";
          case BARS -> "M6 1H18V9H6z";
        };
    page.open("path", "class", kind + " s" + series.style(), "d", shape).markup("</path>");
  }

  String title() {
    return title;
  }

  private void frame(Html page, Axis x, Axis y) {
    for (Axis.Tick tick : y.ticks()) {
      double at = bottom() - tick.position() * (bottom() - TOP);
      page.open("path", "class", "grid", "d", "M" + LEFT + " " + at(at) + "H" + (WIDTH - RIGHT));
      page.markup("</path>");
      label(page, LEFT - 6, at + 4, "end", tick.label());
    }
    double before = Double.NEGATIVE_INFINITY;
    for (Axis.Tick tick : x.ticks()) {
      double at = LEFT + tick.position() * (WIDTH - RIGHT - LEFT);
      double half = 3.2 * tick.label().length();
      if (at - half > before + 4 && at + half <= WIDTH) {
        page.open("path", "class", "frame", "d", "M" + at(at) + " " + bottom() + "v4");
        page.markup("</path>");
        label(page, at, bottom() + 17, "middle", tick.label());
        before = at + half;
      }
    }
    page.open("path", "class", "frame", "d", "M" + LEFT + " " + bottom() + "H" + (WIDTH - RIGHT));
    page.markup("</path>");
    label(page, (LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 6, "middle", xTitle);
    page.open(
            "text",
            "transform",
            "translate(12 " + (TOP + bottom()) / 2 + ") rotate(-90)",
            "text-anchor",
            "middle")
        .text(yTitle)
        .markup("</text>");
  }

  private static void label(Html page, double x, double y, String anchor, String words) {
    page.open("text", "x", at(x), "y", at(y), "text-anchor", anchor).text(words).markup("</text>");
  }

  private void draw(Html page, Series series, Axis x, Axis y) {
    String style = series.kind().name().toLowerCase(Locale.ROOT) + " s" + series.style();
    var path = new StringBuilder();
    if (series.kind() == Kind.BARS) {
      for (int i = 0; i < series.y().length; i++) {
        double left = x(x, series.x()[i]);
        double right = x(x, series.x()[i + 1]);
        double top = y(y, series.y()[i]);
        if (top < bottom()) {
          path.append("M").append(at(left + 0.7)).append(' ').append(bottom());
          path.append("V").append(at(top)).append("H").append(at(right - 0.7));
          path.append("V").append(bottom()).append("z");
        }
      }
      page.open("path", "class", style, "d", path.toString()).markup("</path>");
      return;
    }
    boolean points = series.kind() == Kind.POINTS || series.kind() == Kind.HIGHLIGHT;
    int[] drawn = points ? known(series) : thinned(series);
    for (int i : drawn) {
      String command = points || path.isEmpty() ? "M" : "L";
      path.append(command).append(at(x(x, series.x()[i]))).append(' ');
      path.append(at(y(y, series.y()[i]))).append(points ? "h0" : "");
    }
    page.open("path", "class", style, "d", path.toString()).markup("</path>");
    if (series.kind() == Kind.LINE && drawn.length <= MOST_MARKS) {
      var marks = new StringBuilder();
      for (int i : drawn) {
        marks.append("M").append(at(x(x, series.x()[i]))).append(' ');
        marks.append(at(y(y, series.y()[i]))).append("h0");
      }
      page.open("path", "class", "marks s" + series.style(), "d", marks.toString());
      page.markup("</path>");
    }
  }

  private static int[] known(Series series) {
    return IntStream.range(0, series.y().length)
        .filter(i -> !Double.isNaN(series.x()[i]) && !Double.isNaN(series.y()[i]))
        .toArray();
  }

  /** Returns the least and the greatest of each stretch of a long line, in order. */
  private static int[] thinned(Series series) {
    int[] known = known(series);
    if (known.length <= 2 * STRETCHES) {
      return known;
    }
    var kept = new TreeSet<Integer>();
    kept.add(known[0]);
    kept.add(known[known.length - 1]);
    for (int stretch = 0; stretch < STRETCHES; stretch++) {
      int from = (int) ((long) stretch * known.length / STRETCHES);
      int to = (int) ((stretch + 1L) * known.length / STRETCHES);
      int least = known[from];
      int greatest = known[from];
      for (int j = from; j < to; j++) {
        least = series.y()[known[j]] < series.y()[least] ? known[j] : least;
        greatest = series.y()[known[j]] > series.y()[greatest] ? known[j] : greatest;
      }
      kept.add(least);
      kept.add(greatest);
    }
    return kept.stream().mapToInt(Integer::intValue).toArray();
  }

  private static int bottom() {
    return HEIGHT - BOTTOM;
  }

  private static double x(Axis axis, double value) {
    return LEFT + axis.position(value) * (WIDTH - RIGHT - LEFT);
  }

  private static double y(Axis axis, double value) {
    return bottom() - axis.position(value) * (bottom() - TOP);
  }

  private static String at(double coordinate) {
    double rounded = Math.rint(10 * coordinate) / 10;
    return rounded == Math.rint(rounded) ? String.valueOf((long) rounded) : String.valueOf(rounded);
  }
}
