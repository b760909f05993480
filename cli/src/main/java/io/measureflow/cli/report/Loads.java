package io.measureflow.cli.report;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How much each feature counts in the measure: the mean over the components, each with its weight
 * and the length of its output, of |E w_j| and of the standard deviation of w_j.
 *
 * @param means [n]
 * @param spreads [n]
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
record Loads(double[] means, double[] spreads) {

  static Loads of(List<Component> components) {
    int n = components.getFirst().in().length;
    double[] means = new double[n];
    double[] spreads = new double[n];
    double total = 0;
    for (Component component : components) {
      total += component.weight() * Component.norm(component.out());
    }
    for (Component component : components) {
      double share =
          total > 0
              ? component.weight() * Component.norm(component.out()) / total
              : 1.0 / components.size();
      double[] std = component.marginalStd();
      for (int j = 0; j < n; j++) {
        means[j] += share * Math.abs(component.in()[j]);
        spreads[j] += share * std[j];
      }
    }
    return new Loads(means, spreads);
  }

  /**
   * Returns the features with the largest means first.
   *
   * @param width d; a constant 1 behind the features is left out
   */
  int[] order(int width) {
    return IntStream.range(0, width)
        .boxed()
        .sorted(Comparator.comparingDouble((Integer j) -> -means[j]))
        .mapToInt(Integer::intValue)
        .toArray();
  }
}
