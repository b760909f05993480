package io.measureflow.benchmarks.distances;

import io.measureflow.core.measures.Gaussian;
import io.measureflow.core.measures.GaussianMixture;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The numbers that {@code pot_distances.py} makes by the same formula: the mixing function of
 * SplitMix64 at position i of a numbered stream.
 */
final class SharedNumbers {

  /** K, the number of components of the large mixtures. */
  static final int COMPONENTS = 1000;

  /** n, the dimension of their space. */
  static final int DIMENSION = 784;

  private static final int RANK = 4;

  private SharedNumbers() {}

  /** Returns uniform numbers from -1 to 1. */
  static double[] uniform(long stream, int count) {
    double[] numbers = new double[count];
    for (int i = 0; i < count; i++) {
      long z = (i + 1 + (stream << 32)) * 0x9E3779B97F4A7C15L;
      z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
      z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
      z = z ^ (z >>> 31);
      numbers[i] = (z >>> 11) * 0x1p-52 - 1;
    }
    return numbers;
  }

  private static double[] spread(double[] numbers) {
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = 0.6 + 0.4 * numbers[i];
    }
    return numbers;
  }

  /** Returns means, [COMPONENTS, DIMENSION]. */
  static double[] means(long stream) {
    return uniform(stream, COMPONENTS * DIMENSION);
  }

  /** Returns standard deviations, [COMPONENTS, DIMENSION]. */
  static double[] diagonal(long stream) {
    return spread(uniform(stream, COMPONENTS * DIMENSION));
  }

  /** Returns one standard deviation for each component, repeated: [COMPONENTS, DIMENSION]. */
  static double[] isotropic(long stream) {
    double[] own = spread(uniform(stream, COMPONENTS));
    double[] repeated = new double[COMPONENTS * DIMENSION];
    for (int k = 0; k < COMPONENTS; k++) {
      Arrays.fill(repeated, k * DIMENSION, (k + 1) * DIMENSION, own[k]);
    }
    return repeated;
  }

  /** Returns random weights of the components, or equal ones for stream 0. */
  static double[] weights(long stream) {
    double[] weights = new double[COMPONENTS];
    if (stream == 0) {
      Arrays.fill(weights, 1.0 / COMPONENTS);
      return weights;
    }
    weights = spread(uniform(stream, COMPONENTS));
    double sum = Arrays.stream(weights).sum();
    for (int k = 0; k < COMPONENTS; k++) {
      weights[k] /= sum;
    }
    return weights;
  }

  static GaussianMixture mixture(double[] weights, double[] means, double[] spreads) {
    List<Gaussian> components = new ArrayList<>();
    for (int k = 0; k < COMPONENTS; k++) {
      int from = k * DIMENSION;
      components.add(
          Gaussian.diagonal(
              Arrays.copyOfRange(means, from, from + DIMENSION),
              Arrays.copyOfRange(spreads, from, from + DIMENSION)));
    }
    return new GaussianMixture(weights, components);
  }

  /** Returns Gaussians with dense covariances, given by square roots. */
  static List<Gaussian> full(long stream, int count) {
    double[] means = uniform(stream + 50, count * DIMENSION);
    double[] roots = uniform(stream, count * DIMENSION * DIMENSION);
    for (int i = 0; i < roots.length; i++) {
      roots[i] /= Math.sqrt(DIMENSION);
    }
    List<Gaussian> gaussians = new ArrayList<>();
    for (int k = 0; k < count; k++) {
      gaussians.add(Gaussian.dense(part(means, k, 1), part(roots, k, DIMENSION), DIMENSION));
    }
    return gaussians;
  }

  /** Returns Gaussians with covariances of a diagonal plus a factor of rank 4. */
  static List<Gaussian> factored(long stream, int count) {
    double[] means = uniform(stream + 100, count * DIMENSION);
    double[] spreads = spread(uniform(stream, count * DIMENSION));
    double[] factors = uniform(stream + 50, count * DIMENSION * RANK);
    List<Gaussian> gaussians = new ArrayList<>();
    for (int k = 0; k < count; k++) {
      gaussians.add(
          Gaussian.factored(part(means, k, 1), part(spreads, k, 1), part(factors, k, RANK), RANK));
    }
    return gaussians;
  }

  private static double[] part(double[] numbers, int k, int columns) {
    return Arrays.copyOfRange(numbers, k * DIMENSION * columns, (k + 1) * DIMENSION * columns);
  }
}
