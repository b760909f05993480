package io.measureflow.api.activation;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The Gauss quadrature rule of the standard normal distribution: E[f(q)] is about sum_i weights_i
 * f(nodes_i), exactly so for polynomials of degree below twice the number of nodes.
 *
 * <p>The nodes are the roots of the Hermite polynomial He_n; the weights are 1/(n h_{n-1}^2) with h
 * the orthonormal polynomials. h_0(q), ..., h_n(q) is a Sturm sequence: it changes its sign as
 * often as He_n has roots above q. So each root is found by bisection, to the last bit and without
 * the others.
 */
final class GaussHermite {

  private static final Map<Integer, GaussHermite> KNOWN = new ConcurrentHashMap<>();

  private final double[] nodes;
  private final double[] weights;

  private GaussHermite(double[] nodes, double[] weights) {
    this.nodes = nodes;
    this.weights = weights;
  }

  /**
   * Returns the rule with n nodes.
   *
   * @throws IllegalArgumentException if n is not from 1 to {@link SmoothActivation#MAX_NODES}
   */
  static GaussHermite of(int n) {
    if (n < 1 || n > SmoothActivation.MAX_NODES) {
      throw new IllegalArgumentException(
          "Quadrature: expected 1 to " + SmoothActivation.MAX_NODES + " nodes, found " + n);
    }
    return KNOWN.computeIfAbsent(n, GaussHermite::compute);
  }

  /** Returns the nodes, in ascending order. */
  double[] nodes() {
    return nodes.clone();
  }

  /** Returns the weights, which add up to 1. */
  double[] weights() {
    return weights.clone();
  }

  private static GaussHermite compute(int n) {
    double[] roots = new double[n + 1];
    for (int k = 0; k <= n; k++) {
      roots[k] = Math.sqrt(k);
    }
    double[] nodes = new double[n];
    double[] weights = new double[n];
    double sum = 0;
    // Both ends alike, so that odd moments vanish exactly.
    for (int i = n - 1; 2 * i >= n - 1; i--) {
      int mirrored = n - 1 - i;
      double node = mirrored == i ? 0 : node(n - i, roots);
      double h = orthonormal(node, roots);
      double weight = 1 / (n * h * h);
      nodes[i] = node;
      nodes[mirrored] = -node;
      weights[i] = weight;
      weights[mirrored] = weight;
    }
    for (double weight : weights) {
      sum += weight;
    }
    for (int i = 0; i < n; i++) {
      weights[i] /= sum;
    }
    return new GaussHermite(nodes, weights);
  }

  /**
   * A positive node: the largest number that so many roots lie above or at.
   *
   * @param roots the square roots of 0, ..., n
   */
  private static double node(int above, double[] roots) {
    double low = 0;
    double high = 2 * roots[roots.length - 1];
    while (true) {
      double middle = 0.5 * (low + high);
      if (middle <= low || middle >= high) {
        return middle;
      }
      if (above(middle, roots) >= above) {
        low = middle;
      } else {
        high = middle;
      }
    }
  }

  /** How many roots He_n has above q: how often h_0(q), ..., h_n(q) changes its sign. */
  private static int above(double q, double[] roots) {
    double before = 0;
    double h = 1;
    int changes = 0;
    for (int k = 0; k < roots.length - 1; k++) {
      double next = (q * h - roots[k] * before) / roots[k + 1];
      if (next < 0 != h < 0) {
        changes++;
      }
      before = h;
      h = next;
    }
    return changes;
  }

  /** h_{n-1}(q) by h_{k+1} = (q h_k - sqrt(k) h_{k-1}) / sqrt(k+1). */
  private static double orthonormal(double q, double[] roots) {
    double before = 0;
    double h = 1;
    for (int k = 0; k < roots.length - 2; k++) {
      double next = (q * h - roots[k] * before) / roots[k + 1];
      before = h;
      h = next;
    }
    return h;
  }
}
