package io.measureflow.plots;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A plot of lines, bands and points on a pair of axes. Any numbers are drawn in bounded time: what
 * is infinite, or beyond an end that was set, is drawn at the end of its axis, and a note says so.
 */
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

  private final int width;
  private final int height;
  private final String title;
  private final String xTitle;
  private final String yTitle;
  private final List<Series> series = new ArrayList<>();
  private final List<Label> labels = new ArrayList<>();
  private Legend legend = Legend.NORTH_EAST;
  private Axis.Scale xScale = Axis.Scale.LINEAR;
  private Axis.Scale yScale = Axis.Scale.LINEAR;
  private boolean whole;
  private double xLeast = Double.NaN;
  private double xMost = Double.NaN;
  private double yLeast = Double.NaN;
  private double yMost = Double.NaN;
  private int empty;

  /** The position of the legend. */
  public enum Legend {
    /** The upper right corner. */
    NORTH_EAST,
    /** The upper left corner. */
    NORTH_WEST,
    /** The lower right corner. */
    SOUTH_EAST,
    /** The lower left corner. */
    SOUTH_WEST,
    /** Beside the plot. */
    OUTSIDE
  }

  /** How a series is drawn. */
  enum Kind {
    LINE,
    DASHED,
    POINTS,
    BAND
  }

  /**
   * A series without NaN.
   *
   * @param error half-lengths of error bars; empty for none
   * @param high the upper end of a band; empty for other kinds
   */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  record Series(
      String name, Kind kind, Color color, double[] x, double[] y, double[] error, double[] high) {

    /** Whether another line would hide this one, or be hidden by it. */
    boolean coincidesWith(Series other) {
      return kind == other.kind && Arrays.equals(x, other.x) && Arrays.equals(y, other.y);
    }
  }

  /** A text at a point. */
  record Label(double x, double y, String text) {}

  /** Creates an empty plot; width and height are in pixels. */
  public LinePlot(int width, int height, String title, String xTitle, String yTitle) {
    this.width = width;
    this.height = height;
    this.title = title;
    this.xTitle = xTitle;
    this.yTitle = yTitle;
  }

  /** Sets the position of the legend; the default is the upper right corner. */
  public LinePlot legend(Legend position) {
    legend = position;
    return this;
  }

  /** Labels the horizontal axis at integers only, as for epochs. */
  public LinePlot wholeNumbersOnX() {
    whole = true;
    return this;
  }

  /** Makes the horizontal axis logarithmic; all values must be positive. */
  public LinePlot logarithmicX() {
    xScale = Axis.Scale.LOGARITHMIC;
    return this;
  }

  /** Makes the vertical axis logarithmic; numbers of at most 0 are drawn at its lower end. */
  public LinePlot logarithmicY() {
    yScale = Axis.Scale.LOGARITHMIC;
    return this;
  }

  /** Makes the vertical axis logarithmic if the numbers differ by a factor above 1000. */
  public LinePlot automaticY() {
    yScale = Axis.Scale.AUTOMATIC;
    return this;
  }

  /** Sets the lower end of the vertical axis. */
  public LinePlot yFrom(double least) {
    yLeast = least;
    return this;
  }

  /** Sets the upper end of the vertical axis. */
  public LinePlot yTo(double most) {
    yMost = most;
    return this;
  }

  /** Sets both ends of the horizontal axis. */
  public LinePlot xBetween(double least, double most) {
    xLeast = least;
    xMost = most;
    return this;
  }

  /** Draws a line through points; points with a NaN are left out. */
  public LinePlot line(String name, double[] x, double[] y, Color color) {
    return add(name, Kind.LINE, color, x, y, new double[0]);
  }

  /** Draws a dashed line without markers. */
  public LinePlot dashed(String name, double[] x, double[] y, Color color) {
    return add(name, Kind.DASHED, color, x, y, new double[0]);
  }

  /** Draws a line with error bars of the given half-lengths. */
  public LinePlot line(String name, double[] x, double[] y, double[] error, Color color) {
    return add(name, Kind.LINE, color, x, y, error);
  }

  /** Draws points without a line. */
  public LinePlot points(String name, double[] x, double[] y, Color color) {
    return add(name, Kind.POINTS, color, x, y, new double[0]);
  }

  /** Draws a short text centered at a point of the plot. */
  public LinePlot label(double x, double y, String text) {
    labels.add(new Label(x, y, text));
    return this;
  }

  /**
   * Fills the area between two curves over the same x in a pale shade; draw it before any line.
   * Points with a NaN are left out.
   *
   * @param name its name in the legend; empty to leave it out there
   */
  public LinePlot band(String name, double[] x, double[] low, double[] high, Color color) {
    int[] known =
        IntStream.range(0, x.length)
            .filter(i -> !Double.isNaN(x[i]) && !Double.isNaN(low[i]) && !Double.isNaN(high[i]))
            .toArray();
    if (known.length > 0) {
      series.add(
          new Series(
              name,
              Kind.BAND,
              color,
              chosen(x, known),
              chosen(low, known),
              new double[0],
              chosen(high, known)));
    }
    return this;
  }

  private LinePlot add(
      String name, Kind kind, Color color, double[] x, double[] y, double[] error) {
    int[] known =
        IntStream.range(0, x.length)
            .filter(i -> !Double.isNaN(x[i]) && !Double.isNaN(y[i]))
            .toArray();
    if (known.length == 0) {
      empty++;
      return this;
    }
    series.add(
        new Series(
            name,
            kind,
            color,
            chosen(x, known),
            chosen(y, known),
            error.length == 0 ? error : chosen(error, known),
            new double[0]));
    return this;
  }

  private static double[] chosen(double[] values, int[] indices) {
    return IntStream.of(indices).mapToDouble(i -> values[i]).toArray();
  }

  /** Whether nothing is drawn, for lack of numbers. */
  public boolean isEmpty() {
    return series.isEmpty();
  }

  /** Returns the series that have a name. */
  List<Series> named() {
    return series.stream().filter(one -> !one.name().isEmpty()).toList();
  }

  int width() {
    return width;
  }

  int height() {
    return height;
  }

  String title() {
    return title;
  }

  String xTitle() {
    return xTitle;
  }

  String yTitle() {
    return yTitle;
  }

  Legend legend() {
    return legend;
  }

  List<Series> series() {
    return Collections.unmodifiableList(series);
  }

  List<Label> labels() {
    return Collections.unmodifiableList(labels);
  }

  /** Returns the horizontal axis, with about so many labels. */
  Axis xAxis(int count) {
    double[] all = series.stream().flatMapToDouble(one -> Arrays.stream(one.x())).toArray();
    return Axis.of(all, xScale, xLeast, xMost, whole, count);
  }

  /** Returns the vertical axis, with about so many labels. */
  Axis yAxis(int count) {
    var all = new ArrayList<Double>();
    for (Series one : series) {
      for (int i = 0; i < one.x().length; i++) {
        all.add(one.y()[i]);
        if (one.high().length > 0) {
          all.add(one.high()[i]);
        }
        if (one.error().length > 0) {
          all.add(one.y()[i] + one.error()[i]);
          // What is never negative, as a share of rows, is not uncertain below 0 either.
          double below = one.y()[i] - one.error()[i];
          all.add(one.y()[i] >= 0 ? Math.max(0, below) : below);
        }
      }
    }
    double[] values = all.stream().mapToDouble(Double::doubleValue).toArray();
    return Axis.of(values, yScale, yLeast, yMost, false, count);
  }

  BufferedImage image() {
    if (isEmpty()) {
      throw new IllegalStateException("Empty plot: " + empty + " series had no numbers");
    }
    return new LinePlotPainter(this).image();
  }
}
