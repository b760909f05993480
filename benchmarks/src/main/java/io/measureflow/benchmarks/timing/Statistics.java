package io.measureflow.benchmarks.timing;

import java.util.stream.DoubleStream;

/** The few statistics of timings. All of them of at least one number. */
public final class Statistics {

  private Statistics() {}

  /** The number in the middle, or the mean of the two there; NaN if any is NaN. */
  public static double median(DoubleStream numbers) {
    double[] sorted = numbers.sorted().toArray();
    if (sorted.length == 0) {
      throw new IllegalArgumentException("Median: expected at least one number, found none");
    }
    // NaN is sorted behind all others.
    if (Double.isNaN(sorted[sorted.length - 1])) {
      return Double.NaN;
    }
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /**
   * The geometric mean: the one mean of ratios that does not depend on which way they are taken.
   */
  public static double geometricMean(DoubleStream numbers) {
    return Math.exp(
        numbers
            .map(Math::log)
            .average()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "Geometric mean: expected at least one number, found none")));
  }
}
