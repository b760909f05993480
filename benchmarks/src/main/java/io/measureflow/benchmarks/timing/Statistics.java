package io.measureflow.benchmarks.timing;

import java.util.stream.DoubleStream;

/** Statistics of timings. All of them need at least one number. */
public final class Statistics {

  private Statistics() {}

  /**
   * Returns the median; with an even count, the mean of the two middle numbers; NaN if any number
   * is NaN.
   *
   * @throws IllegalArgumentException if there are no numbers
   */
  public static double median(DoubleStream numbers) {
    double[] sorted = numbers.sorted().toArray();
    if (sorted.length == 0) {
      throw new IllegalArgumentException("Median: expected at least one number, found none");
    }
    // NaN sorts last.
    if (Double.isNaN(sorted[sorted.length - 1])) {
      return Double.NaN;
    }
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /**
   * Returns the geometric mean: unlike the arithmetic mean of ratios, it does not depend on which
   * side is the denominator.
   *
   * @throws IllegalArgumentException if there are no numbers
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
