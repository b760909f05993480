package io.measureflow.core.metrics;

import io.measureflow.core.metrics.RegressionMetrics.TargetMetrics;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/** Gathers the metrics of real targets row by row, in memory that does not grow with the rows. */
public final class RegressionMeter {

  private static final double HALF = 0.5;

  private final List<String> names;
  private final double[] squared;
  private final double[] absolute;

  /** The first row: differences from it are exact where targets are large against their spread. */
  private final double[] first;

  /** The mean of the differences so far, and the sum of squared differences from that. */
  private final double[] mean;

  private final double[] spread;
  private final boolean labels;
  private long right;
  private long rows;

  /**
   * @param names the names of the targets, at least one
   */
  public RegressionMeter(List<String> names) {
    this(names, false);
  }

  /**
   * @param names the names of the targets, at least one
   * @param labels whether they are labels that hold or not, and predictions are probabilities
   */
  public RegressionMeter(List<String> names, boolean labels) {
    this.labels = labels;
    if (names.isEmpty()) {
      throw new IllegalArgumentException("Metrics: expected at least one target, found none");
    }
    this.names = List.copyOf(names);
    squared = new double[names.size()];
    absolute = new double[names.size()];
    first = new double[names.size()];
    mean = new double[names.size()];
    spread = new double[names.size()];
  }

  /**
   * Adds a row.
   *
   * @param predicted the predictions, in the units that the metrics are wanted in; further entries
   *     are left out of account
   * @param targets the true values, in the same units
   */
  public void add(double[] predicted, double[] targets) {
    if (rows == 0) {
      System.arraycopy(targets, 0, first, 0, first.length);
    }
    rows++;
    for (int j = 0; j < mean.length; j++) {
      double error = predicted[j] - targets[j];
      right += predicted[j] > HALF == targets[j] > HALF ? 1 : 0;
      squared[j] += error * error;
      absolute[j] += Math.abs(error);
      // Welford's update: no difference of large sums.
      double difference = targets[j] - first[j];
      double before = difference - mean[j];
      mean[j] += before / rows;
      spread[j] += before * (difference - mean[j]);
    }
  }

  /**
   * Returns the metrics of the rows so far.
   *
   * @throws IllegalStateException if there are none
   */
  public RegressionMetrics metrics() {
    if (rows == 0) {
      throw new IllegalStateException("Metrics: expected at least one row, found none");
    }
    var targets = new ArrayList<TargetMetrics>();
    double sumOfR2 = 0;
    boolean defined = true;
    for (int j = 0; j < mean.length; j++) {
      boolean varies = spread[j] > 0;
      OptionalDouble r2 =
          varies ? OptionalDouble.of(1 - squared[j] / spread[j]) : OptionalDouble.empty();
      defined &= varies;
      sumOfR2 += r2.orElse(0);
      targets.add(
          new TargetMetrics(names.get(j), Math.sqrt(squared[j] / rows), absolute[j] / rows, r2));
    }
    return new RegressionMetrics(
        rows,
        targets.stream().mapToDouble(TargetMetrics::rmse).average().orElseThrow(),
        targets.stream().mapToDouble(TargetMetrics::mae).average().orElseThrow(),
        defined ? OptionalDouble.of(sumOfR2 / mean.length) : OptionalDouble.empty(),
        labels ? OptionalDouble.of(right / ((double) rows * mean.length)) : OptionalDouble.empty(),
        targets);
  }
}
