package io.measureflow.api.activation;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The Gauss quadrature rule of the standard normal distribution: E[f(q)] is about sum_i weights_i
 * f(nodes_i), exactly so for polynomials of degree below twice the number of nodes.
 *
 * <p>The nodes are the roots of the Hermite polynomial He_n, which interlace those of He_{n-1}, so
 * that each is found by bisection between two known numbers; the weights are 1/(n h_{n-1}^2) with h
 * the orthonormal polynomials.
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
    double[] roots = {};
    for (int degree = 1; degree <= n; degree++) {
      // The roots of He_degree interlace those of He_{degree - 1}.
      double bound = 2 * Math.sqrt(degree + 1.0);
      double[] next = new double[degree];
      for (int i = 0; i < degree; i++) {
        next[i] = root(degree, i == 0 ? -bound : roots[i - 1], i == degree - 1 ? bound : roots[i]);
      }
      roots = next;
    }
    double[] weights = new double[n];
    double sum = 0;
    for (int i = 0; i < n; i++) {
      // Symmetric, so that odd moments vanish exactly.
      double node = i < n / 2 ? -roots[n - 1 - i] : n % 2 == 1 && i == n / 2 ? 0 : roots[i];
      roots[i] = node;
      double h = orthonormal(n - 1, node);
      weights[i] = 1 / (n * h * h);
      sum += weights[i];
    }
    for (int i = 0; i < n; i++) {
      weights[i] /= sum;
    }
    return new GaussHermite(roots, weights);
  }

  private static double root(int degree, double low, double high) {
    double a = low;
    double b = high;
    double atA = orthonormal(degree, a);
    while (true) {
      double middle = 0.5 * (a + b);
      if (middle <= a || middle >= b) {
        return middle;
      }
      double atMiddle = orthonormal(degree, middle);
      if (atMiddle == 0) {
        return middle;
      }
      if (atA < 0 == atMiddle < 0) {
        a = middle;
      } else {
        b = middle;
      }
    }
  }

  /** h_degree(q) by h_{k+1} = (q h_k - sqrt(k) h_{k-1}) / sqrt(k+1). */
  private static double orthonormal(int degree, double q) {
    double before = 0;
    double h = 1;
    for (int k = 0; k < degree; k++) {
      double next = (q * h - Math.sqrt(k) * before) / Math.sqrt(k + 1.0);
      before = h;
      h = next;
    }
    return h;
  }
}
