package io.measureflow.core.model;

import java.util.Arrays;

/** The weights of a mixture on the host. */
public final class MixtureWeights {

  private MixtureWeights() {}

  /** pi = softmax(logWeights), [K]; positive, also where the exponential underflows. */
  public static double[] of(double[] logWeights) {
    double largest = Arrays.stream(logWeights).max().orElse(0);
    double[] weights = Arrays.stream(logWeights).map(log -> Math.exp(log - largest)).toArray();
    double sum = Arrays.stream(weights).sum();
    return Arrays.stream(weights)
        .map(weight -> Math.max(weight / sum, Double.MIN_NORMAL))
        .toArray();
  }
}
