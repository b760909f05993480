package io.measureflow.cli.bench.timing;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * The ratios of several cases by label, summed up: their geometric mean, and which is the least.
 */
public final class Ratios {

  private final Map<String, Double> byLabel = new LinkedHashMap<>();

  /** Adds the ratio of a case. */
  public void add(String label, double ratio) {
    byLabel.put(label, ratio);
  }

  /** Returns the number of cases. */
  public int size() {
    return byLabel.size();
  }

  /**
   * Returns the geometric mean, which does not depend on the side that is the denominator; empty if
   * there are no cases.
   */
  public OptionalDouble geometricMean() {
    OptionalDouble mean = byLabel.values().stream().mapToDouble(Math::log).average();
    return mean.isPresent() ? OptionalDouble.of(Math.exp(mean.getAsDouble())) : mean;
  }

  /**
   * Returns the case with the least ratio.
   *
   * @throws java.util.NoSuchElementException if there are no cases
   */
  public Map.Entry<String, Double> least() {
    return byLabel.entrySet().stream().min(Map.Entry.comparingByValue()).orElseThrow();
  }

  /**
   * Returns all of it in a few words.
   *
   * @throws java.util.NoSuchElementException if there are no cases
   */
  public String summary() {
    Map.Entry<String, Double> least = least();
    return String.format(
        Locale.ROOT,
        "geometric mean %.2f of %d, least %.2f (%s)",
        geometricMean().orElseThrow(),
        size(),
        least.getValue(),
        least.getKey());
  }
}
