package io.measureflow.core.data;

import io.measureflow.api.data.Schema;
import io.measureflow.api.data.Table;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Ranges, means and standard deviations of the features of a table, in float64, from one pass over
 * its rows with the updates of [chan1983]. Missing values (NaN) are replaced by the mean of the
 * others.
 */
public final class FeatureStatistics {

  /** How many columns a message names. */
  private static final int MOST_NAMED = 8;

  private final long rows;
  private final long[] present;
  private final double[] mean;
  private final double[] squares;
  private final double[] least;
  private final double[] most;

  /**
   * The statistics of a feature, NaN if it has no values.
   *
   * @param deviation the standard deviation of the values present, with divisor n
   * @param missing the number of missing values
   */
  public record Summary(double least, double most, double mean, double deviation, long missing) {}

  private FeatureStatistics(long rows, int width) {
    this.rows = rows;
    present = new long[width];
    mean = new double[width];
    squares = new double[width];
    least = new double[width];
    most = new double[width];
    Arrays.fill(least, Double.POSITIVE_INFINITY);
    Arrays.fill(most, Double.NEGATIVE_INFINITY);
  }

  /** Reads all rows of a table with this number of features. */
  public static FeatureStatistics of(Table table, int width) {
    var statistics = new FeatureStatistics(table.rows(), width);
    TableScan.features(table, width, (values, first, count) -> statistics.add(values, count));
    return statistics;
  }

  /** Reads the real targets of all rows of a table with this number of targets. */
  static FeatureStatistics ofTargets(Table table, int width) {
    var statistics = new FeatureStatistics(table.rows(), width);
    TableScan.targets(table, width, (values, first, count) -> statistics.add(values, count));
    return statistics;
  }

  private void add(double[] values, int count) {
    int width = mean.length;
    double[] means = new double[width];
    long[] counts = new long[width];
    for (int i = 0; i < count; i++) {
      for (int j = 0; j < width; j++) {
        double value = values[i * width + j];
        if (!Double.isNaN(value)) {
          means[j] += value;
          counts[j]++;
          least[j] = Math.min(least[j], value);
          most[j] = Math.max(most[j], value);
        }
      }
    }
    for (int j = 0; j < width; j++) {
      means[j] = counts[j] == 0 ? 0 : means[j] / counts[j];
    }
    double[] deviations = new double[width];
    for (int i = 0; i < count; i++) {
      for (int j = 0; j < width; j++) {
        double difference = values[i * width + j] - means[j];
        if (!Double.isNaN(difference)) {
          deviations[j] += difference * difference;
        }
      }
    }
    for (int j = 0; j < width; j++) {
      if (counts[j] > 0) {
        double all = (double) present[j] + counts[j];
        double step = means[j] - mean[j];
        squares[j] += deviations[j] + step * step * (present[j] * (counts[j] / all));
        mean[j] += step * (counts[j] / all);
        present[j] += counts[j];
      }
    }
  }

  /** Returns the statistics of one feature. */
  public Summary summary(int feature) {
    return summary(
        least[feature], most[feature], mean[feature], squares[feature], present[feature], rows);
  }

  private static Summary summary(
      double least, double most, double mean, double squares, long present, long all) {
    return present == 0
        ? new Summary(Double.NaN, Double.NaN, Double.NaN, Double.NaN, all)
        : new Summary(least, most, mean, Math.sqrt(squares / present), all - present);
  }

  /** Returns the statistics over all features together. */
  public Summary overall() {
    double center = 0;
    double sum = 0;
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    long count = 0;
    for (int j = 0; j < mean.length; j++) {
      if (present[j] > 0) {
        double all = (double) count + present[j];
        double step = mean[j] - center;
        sum += squares[j] + step * step * (count * (present[j] / all));
        center += step * (present[j] / all);
        count += present[j];
        low = Math.min(low, least[j]);
        high = Math.max(high, most[j]);
      }
    }
    return summary(low, high, center, sum, count, rows * mean.length);
  }

  /** Returns whether any value is missing. */
  boolean hasMissing() {
    return Arrays.stream(present).anyMatch(count -> count < rows);
  }

  /** Returns whether any value of a table with this number of features is missing. */
  static boolean hasMissing(Table table, int width) {
    boolean[] missing = {false};
    TableScan.features(
        table,
        width,
        (values, first, count) -> {
          for (int i = 0; i < count * width; i++) {
            missing[0] |= Double.isNaN(values[i]);
          }
        });
    return missing[0];
  }

  /** What becomes of missing values that are filled, in one line; empty where none is missing. */
  Optional<String> missing(Schema schema) {
    var filled = new ArrayList<String>();
    var empty = new ArrayList<String>();
    for (int j = 0; j < present.length; j++) {
      if (present[j] < rows) {
        String name = schema.features().isEmpty() ? String.valueOf(j) : schema.features().get(j);
        if (present[j] == 0) {
          empty.add(name);
        } else {
          filled.add(name + " (" + (rows - present[j]) + " of " + rows + ")");
        }
      }
    }
    if (filled.isEmpty() && empty.isEmpty()) {
      return Optional.empty();
    }
    var parts = new ArrayList<String>();
    if (!filled.isEmpty()) {
      parts.add("missing values are filled with the mean of their column: " + named(filled));
    }
    if (!empty.isEmpty()) {
      parts.add("columns without any value are filled with 0: " + named(empty));
    }
    return Optional.of(String.join("; ", parts) + " (--missing refuse or drop decides otherwise)");
  }

  private static String named(List<String> columns) {
    return String.join(", ", columns.subList(0, Math.min(MOST_NAMED, columns.size())))
        + (columns.size() > MOST_NAMED ? ", ... (" + columns.size() + " columns)" : "");
  }

  /** Means of the values present; 0 for columns without any. */
  List<Double> mean() {
    return Arrays.stream(mean).boxed().toList();
  }

  /**
   * Standard deviations of features, with divisor n. For constant ones it is so large that whatever
   * is divided by it becomes 0: no weight was trained for another value, which in new rows would
   * meet the random numbers that training began with.
   */
  List<Double> deviation() {
    return deviation(Double.MAX_VALUE);
  }

  /** Standard deviations of real targets, with divisor n; 1 for constant ones. */
  List<Double> targetDeviation() {
    return deviation(1);
  }

  private List<Double> deviation(double ofConstant) {
    return Arrays.stream(squares)
        .map(sum -> Math.sqrt(sum / rows))
        .map(deviation -> deviation > 0 ? deviation : ofConstant)
        .boxed()
        .toList();
  }
}
