package io.measureflow.cli.bench.timing;

import java.util.Arrays;

/**
 * The median of some numbers and their spread.
 *
 * @param lower the first quartile
 * @param median the median
 * @param upper the third quartile
 */
public record Quartiles(double lower, double median, double upper) {

  /**
   * Computes the quartiles; between two numbers they are interpolated.
   *
   * @throws IllegalArgumentException if there are no numbers, or one of them is NaN
   */
  public static Quartiles of(double... numbers) {
    double[] sorted = numbers.clone();
    Arrays.sort(sorted);
    // NaN sorts last.
    if (sorted.length == 0 || Double.isNaN(sorted[sorted.length - 1])) {
      throw new IllegalArgumentException(
          "Quartiles: expected one or more numbers, found " + Arrays.toString(numbers));
    }
    return new Quartiles(quantile(sorted, 0.25), quantile(sorted, 0.5), quantile(sorted, 0.75));
  }

  private static double quantile(double[] sorted, double fraction) {
    double position = fraction * (sorted.length - 1);
    int below = (int) position;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
  }
}
