package io.measureflow.plots;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleFunction;

/**
 * An axis of a plot: its range, and a few labels at round numbers. Any numbers, infinite ones and
 * those that span the whole range of a double included, give one in bounded time; what lies beyond
 * the range is drawn at its end.
 */
final class Axis {

  /** How numbers become positions. */
  enum Scale {
    /** In proportion. */
    LINEAR,
    /** In proportion to their logarithms; numbers of at most 0 lie at the lower end. */
    LOGARITHMIC,
    /** Logarithmic if no number is negative and they differ by more than a factor of 1000. */
    AUTOMATIC
  }

  /**
   * A label.
   *
   * @param position from 0, the lower end, to 1
   */
  record Tick(double position, String label) {}

  /** Numbers beyond are drawn at the end, so that no difference overflows. */
  private static final double MOST = 1e300;

  /** Smaller numbers lose digits. */
  private static final double LEAST = 1e-290;

  private static final double RATIO_OF_LINEAR = 1000;

  /** Smaller differences, relative to the numbers, are rounding. */
  private static final double PRECISION = 1e-12;

  private static final int FEWEST_LABELS = 3;

  private final boolean logarithmic;
  private final double low;
  private final double high;
  private final List<Tick> ticks;

  private Axis(boolean logarithmic, double low, double high, double[] labelled) {
    this(logarithmic, low, high, labelled, Axis::label);
  }

  private Axis(
      boolean logarithmic,
      double low,
      double high,
      double[] labelled,
      DoubleFunction<String> label) {
    this.logarithmic = logarithmic;
    this.low = low;
    this.high = high;
    var all = new ArrayList<Tick>();
    for (double value : labelled) {
      all.add(new Tick(position(value), label.apply(value)));
    }
    ticks = List.copyOf(all);
  }

  /**
   * Creates an axis for names: the first one lies at 0, the next at 1.
   *
   * @param most the number of characters that there is room for in each label
   */
  static Axis of(List<String> names, int most) {
    double[] at = new double[names.size()];
    Arrays.setAll(at, i -> i);
    return new Axis(
        false,
        -0.5,
        names.size() - 0.5,
        at,
        value -> {
          String name = names.get((int) value);
          return name.length() <= most ? name : name.substring(0, Math.max(1, most - 1)) + "…";
        });
  }

  /**
   * Makes an axis for numbers; NaN is ignored.
   *
   * @param least its lower end; NaN to follow the numbers
   * @param most its upper end; NaN to follow the numbers
   * @param whole whether labels are at integers only, and the ends exactly at the least and the
   *     most of the numbers
   * @param labels about how many labels there is room for, at least 3
   */
  static Axis of(
      double[] values, Scale scale, double least, double most, boolean whole, int labels) {
    double[] finite = Arrays.stream(values).filter(v -> Math.abs(v) <= MOST).toArray();
    double[] positive = Arrays.stream(finite).filter(v -> v > 0).toArray();
    boolean log =
        switch (scale) {
          case LINEAR -> false;
          case LOGARITHMIC -> true;
          case AUTOMATIC ->
              Arrays.stream(finite).noneMatch(v -> v < 0)
                  && max(positive) / min(positive) > RATIO_OF_LINEAR;
        };
    return log
        ? logarithmic(positive, least, most, labels)
        : linear(finite, least, most, whole, labels);
  }

  private static double min(double[] values) {
    return Arrays.stream(values).min().orElse(1);
  }

  private static double max(double[] values) {
    return Arrays.stream(values).max().orElse(1);
  }

  // ---- linear ----

  private static Axis linear(
      double[] values, double least, double most, boolean whole, int labels) {
    double low = Double.isNaN(least) ? min(values) : least;
    double high = Double.isNaN(most) ? max(values) : most;
    double room = Math.max(Math.abs(low), Math.abs(high));
    if (!(high - low > Math.max(PRECISION * room, LEAST))) {
      double half = room < (whole ? 1 / PRECISION : LEAST) ? 0.5 : room / 10;
      low = Double.isNaN(least) ? low - half : low;
      high = Double.isNaN(most) ? low + 2 * half : low + half;
    }
    double step = roundStep((high - low) / labels);
    step = whole ? Math.max(1, step == 2.5 ? 5 : step) : step;
    if (!whole) {
      low = Double.isNaN(least) ? Math.floor(low / step + PRECISION) * step : low;
      high = Double.isNaN(most) ? Math.ceil(high / step - PRECISION) * step : high;
    }
    double first = Math.ceil(low / step - 1e-9);
    double last = Math.floor(high / step + 1e-9);
    double[] at = new double[(int) Math.clamp(last - first + 1, 0, 4.0 * labels)];
    for (int i = 0; i < at.length; i++) {
      at[i] = (first + i) * step;
    }
    return new Axis(false, low, high, at);
  }

  /** Returns the least of 1, 2, 2.5 and 5 times a power of 10 that is not below a step. */
  private static double roundStep(double step) {
    double power = Math.pow(10, Math.floor(Math.log10(step)));
    for (double factor : new double[] {1, 2, 2.5, 5}) {
      if (factor * power >= step * (1 - PRECISION)) {
        return factor * power;
      }
    }
    return 10 * power;
  }

  // ---- logarithmic ----

  private static Axis logarithmic(double[] positive, double least, double most, int labels) {
    double low = least > 0 ? least : min(positive);
    double high = most > 0 ? most : max(positive);
    if (!(high / low > 1 + 1e-6)) {
      low = Math.max(Double.MIN_VALUE, low / 2);
      high *= 2;
    }
    double[] powers = powers(low, high, labels);
    if (powers.length >= FEWEST_LABELS) {
      return new Axis(true, low, high, powers);
    }
    double[] between = oneTwoFive(low, high);
    if (between.length >= FEWEST_LABELS) {
      return new Axis(true, low, high, between);
    }
    double step = roundStep((high - low) / labels);
    double first = Math.ceil(low / step);
    double[] at =
        new double[(int) Math.clamp(Math.floor(high / step) - first + 1, 0, 4.0 * labels)];
    for (int i = 0; i < at.length; i++) {
      at[i] = (first + i) * step;
    }
    return new Axis(true, low, high, at);
  }

  private static double[] powers(double low, double high, int labels) {
    int first = (int) Math.ceil(Math.log10(low) - 1e-9);
    int last = (int) Math.floor(Math.log10(high) + 1e-9);
    int every = Math.max(1, Math.ceilDiv(last - first + 1, labels));
    int start = Math.ceilDiv(first, every) * every;
    double[] at = new double[Math.max(0, (last - start) / every + 1)];
    for (int i = 0; i < at.length; i++) {
      at[i] = Math.pow(10, start + i * every);
    }
    return at;
  }

  private static double[] oneTwoFive(double low, double high) {
    var at = new ArrayList<Double>();
    for (int power = (int) Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
      for (int factor : new int[] {1, 2, 5}) {
        double value = factor * Math.pow(10, power);
        if (value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9)) {
          at.add(value);
        }
      }
    }
    return at.stream().mapToDouble(Double::doubleValue).toArray();
  }

  // ---- use ----

  boolean isLogarithmic() {
    return logarithmic;
  }

  /** Returns the labels from the lower end to the upper. */
  List<Tick> ticks() {
    return ticks;
  }

  /** Returns the position of a number, from 0 at the lower end to 1. */
  double position(double value) {
    double at =
        logarithmic
            ? (Math.log(value) - Math.log(low)) / (Math.log(high) - Math.log(low))
            : (Math.clamp(value, -MOST, MOST) - low) / (high - low);
    return value <= 0 && logarithmic ? 0 : Math.clamp(at, 0, 1);
  }

  /** Whether a number lies beyond the ends and is drawn at one of them. */
  boolean isBeyond(double value) {
    double room = 1e-9 * (high - low);
    return logarithmic
        ? value < low * (1 - 1e-9) || value > high * (1 + 1e-9)
        : value < low - room || value > high + room;
  }

  /** Returns a number in at most some eight characters. */
  static String label(double value) {
    double size = Math.abs(value);
    if (size != 0 && (size >= 1e5 || size < 1e-3)) {
      String text = String.format(Locale.ROOT, "%.2e", value);
      String mantissa = trimmed(text.substring(0, text.indexOf('e')));
      return mantissa + "e" + Integer.parseInt(text.substring(text.indexOf('e') + 1));
    }
    return trimmed(String.format(Locale.ROOT, size >= 100 ? "%.2f" : "%.5f", value));
  }

  private static String trimmed(String decimal) {
    String text = decimal.contains(".") ? decimal.replaceAll("0+$", "") : decimal;
    text = text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
    return text.equals("-0") ? "0" : text;
  }
}
