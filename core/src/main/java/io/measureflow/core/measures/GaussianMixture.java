package io.measureflow.core.measures;

import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/** A mixture sum_k pi_k N(mu_k, Sigma_k) of Gaussians on one space R^n. */
public final class GaussianMixture {

  /** The tolerance of the sum of the weights, for weights stored in float32. */
  private static final double WEIGHT_TOLERANCE = 1e-5;

  private final double[] weights;
  private final List<Gaussian> components;

  /**
   * @param weights pi [K], positive; normalized if their sum is within 1e-5 of 1
   * @param components K Gaussians of equal dimension, at least one
   * @throws IllegalArgumentException if a weight is not positive, their sum is not 1, or lengths or
   *     dimensions differ
   */
  public GaussianMixture(double[] weights, List<Gaussian> components) {
    this.components = List.copyOf(components);
    this.weights = normalised(weights, this.components.size());
    for (int k = 0; k < this.components.size(); k++) {
      if (this.components.get(k).dimension() != dimension()) {
        throw new IllegalArgumentException(
            "Mixture component "
                + k
                + ": expected dimension "
                + dimension()
                + ", that of the first, found "
                + this.components.get(k).dimension());
      }
    }
  }

  /** Returns a mixture with equal weights. */
  public static GaussianMixture uniform(List<Gaussian> components) {
    double[] weights = new double[components.size()];
    Arrays.fill(weights, 1.0 / weights.length);
    return new GaussianMixture(weights, components);
  }

  /**
   * Divides weights by their sum.
   *
   * @throws IllegalArgumentException if they are not {@code count} positive numbers of sum 1
   */
  static double[] normalised(double[] weights, int count) {
    if (count == 0 || weights.length != count) {
      throw new IllegalArgumentException(
          "Weights: expected one for each component, at least one, found "
              + weights.length
              + " for "
              + count);
    }
    double sum = 0;
    for (int k = 0; k < count; k++) {
      if (!(weights[k] > 0)) {
        throw new IllegalArgumentException(
            "Weight " + k + ": expected a positive number, found " + weights[k]);
      }
      sum += weights[k];
    }
    if (!(Math.abs(sum - 1) <= WEIGHT_TOLERANCE)) {
      throw new IllegalArgumentException("Weights: expected a sum of 1, found " + sum);
    }
    double[] normalised = new double[count];
    for (int k = 0; k < count; k++) {
      normalised[k] = weights[k] / sum;
    }
    return normalised;
  }

  /** n, the dimension of the space. */
  public int dimension() {
    return components.getFirst().dimension();
  }

  /** Returns the K components. */
  public List<Gaussian> components() {
    return components;
  }

  /** Returns the weights, [K]. */
  public double[] weights() {
    return weights.clone();
  }

  /** Returns the mean of the whole mixture, [n]. */
  public double[] mean() {
    double[] mean = new double[dimension()];
    for (int k = 0; k < weights.length; k++) {
      double[] own = components.get(k).meanArray();
      for (int i = 0; i < mean.length; i++) {
        mean[i] += weights[k] * own[i];
      }
    }
    return mean;
  }

  /**
   * Returns the covariance of the whole mixture, [n, n], row-major: the mean covariance of the
   * components plus the covariance of their means.
   */
  public double[] covariance() {
    int n = dimension();
    double[] mean = mean();
    double[] covariance = new double[n * n];
    for (int k = 0; k < weights.length; k++) {
      double[] own = components.get(k).covariance();
      double[] ownMean = components.get(k).meanArray();
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          covariance[i * n + j] +=
              weights[k] * (own[i * n + j] + (ownMean[i] - mean[i]) * (ownMean[j] - mean[j]));
        }
      }
    }
    return covariance;
  }

  /**
   * Returns the entropy -sum_k pi_k log pi_k in nats: log K for equal weights, near 0 if one
   * component has nearly all the weight.
   */
  public double weightEntropy() {
    double entropy = 0;
    for (double weight : weights) {
      entropy -= weight * Math.log(weight);
    }
    return entropy;
  }

  /**
   * Draws independent points.
   *
   * @param count M, at least 0
   * @return [M, n], row-major
   */
  public double[] sample(int count, RandomGenerator random) {
    int n = dimension();
    double[] cumulative = weights.clone();
    for (int k = 1; k < cumulative.length; k++) {
      cumulative[k] += cumulative[k - 1];
    }
    double[] points = new double[Math.multiplyExact(count, n)];
    for (int m = 0; m < count; m++) {
      int found = Arrays.binarySearch(cumulative, random.nextDouble());
      // Rounding may leave the last sum just below 1.
      int k = Math.min(found >= 0 ? found + 1 : -found - 1, weights.length - 1);
      System.arraycopy(components.get(k).sample(random), 0, points, m * n, n);
    }
    return points;
  }

  @Override
  public String toString() {
    return "Mixture of " + weights.length + " Gaussians on R^" + dimension();
  }
}
