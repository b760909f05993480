package io.measureflow.cli.run;

import java.util.Arrays;

/**
 * The mean and the standard deviation of some numbers, of whatever size.
 *
 * @param count how many numbers
 * @param mean their mean; NaN if there are none
 * @param deviation their standard deviation with divisor n - 1; NaN for fewer than two
 */
public record MeanDeviation(int count, double mean, double deviation) {

  /** Summarizes numbers; NaN stands for none. */
  public static MeanDeviation of(double... numbers) {
    double[] known = Arrays.stream(numbers).filter(x -> !Double.isNaN(x)).toArray();
    double scale = Arrays.stream(known).map(Math::abs).max().orElse(Double.NaN);
    if (!(scale > 0 && scale < Double.POSITIVE_INFINITY)) {
      // Nothing, zeros, or numbers of which some are infinite.
      return new MeanDeviation(
          known.length,
          known.length == 0 ? Double.NaN : Arrays.stream(known).sum(),
          known.length > 1 && scale == 0 ? 0 : Double.NaN);
    }
    // Scaled, as squares would overflow.
    double mean = Arrays.stream(known).map(x -> x / scale).sum() / known.length;
    double squares = Arrays.stream(known).map(x -> x / scale - mean).map(x -> x * x).sum();
    return new MeanDeviation(
        known.length,
        scale * mean,
        known.length > 1 ? scale * Math.sqrt(squares / (known.length - 1)) : Double.NaN);
  }
}
