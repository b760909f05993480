package io.measureflow.experiments.results;

import java.util.Arrays;
import java.util.Locale;

/**
 * The mean and standard deviation of a few numbers.
 *
 * @param count how many numbers
 * @param mean their mean, NaN if there are none
 * @param deviation their standard deviation with divisor n - 1; 0 for a single number
 */
public record Sample(int count, double mean, double deviation) {

  /** Summarizes numbers. */
  public static Sample of(double... numbers) {
    double mean = Arrays.stream(numbers).sum() / numbers.length;
    double squares = Arrays.stream(numbers).map(x -> (x - mean) * (x - mean)).sum();
    return new Sample(
        numbers.length, mean, numbers.length < 2 ? 0 : Math.sqrt(squares / (numbers.length - 1)));
  }

  /** The standard error of the mean. */
  public double error() {
    return deviation / Math.sqrt(count);
  }

  /** Formats a fraction in per cent: {@code 97.52 ± 0.06}. */
  public String percent() {
    return scaled(100, 2);
  }

  /** Formats the mean and deviation times a factor, with a number of decimals. */
  public String scaled(double factor, int digits) {
    if (Double.isNaN(mean)) {
      return "–";
    }
    String shown = String.format(Locale.ROOT, "%." + digits + "f", factor * mean);
    return count < 2
        ? shown
        : shown + String.format(Locale.ROOT, " ± %." + digits + "f", factor * deviation);
  }
}
