package io.measureflow.core.measures;

import java.util.List;

/**
 * The Gaussian that minimizes sum_i lambda_i W2^2(., N_i), with the accuracy reached.
 *
 * <p>The fixed-point iteration of [alvarezesteban2016] pushes the current Gaussian forward by the
 * mean of the optimal maps to the N_i. On roots this reads R := sum_i lambda_i R_i U_i with every
 * R_i U_i aligned to R, so that nothing is inverted. It converges to the barycentre if one of the
 * covariances is regular; otherwise the result is a fixed point on the common support.
 *
 * @param gaussian the barycentre; diagonal, and exact, where all covariances are diagonal
 * @param converged whether the residual fell below the tolerance
 * @param iterations the number of steps taken; 0 for a closed form
 * @param residual W2 between the last two covariances, relative to the root of the trace
 */
public record Barycentre(Gaussian gaussian, boolean converged, int iterations, double residual) {

  private static final double DEFAULT_TOLERANCE = 1e-12;
  private static final int DEFAULT_ITERATIONS = 500;

  /** Computes the barycentre to a residual of 1e-12 in at most 500 steps. */
  public static Barycentre of(List<Gaussian> gaussians, double[] weights) {
    return of(gaussians, weights, DEFAULT_TOLERANCE, DEFAULT_ITERATIONS);
  }

  /**
   * Computes the barycentre of Gaussians.
   *
   * @param gaussians at least one, of one dimension
   * @param weights lambda, positive, of sum 1, one for each
   * @param tolerance the residual to reach
   * @param maxIterations the maximum number of steps, at least 1
   * @throws IllegalArgumentException if the arguments do not meet these conditions
   */
  public static Barycentre of(
      List<Gaussian> gaussians, double[] weights, double tolerance, int maxIterations) {
    if (maxIterations < 1) {
      throw new IllegalArgumentException(
          "Barycentre: expected at least 1 iteration, found " + maxIterations);
    }
    // This checks the weights and the dimensions.
    var mixture = new GaussianMixture(weights, gaussians);
    double[] lambda = mixture.weights();
    double[] mean = mixture.mean();
    if (gaussians.stream().allMatch(Gaussian::isDiagonal)) {
      double[] std = new double[mean.length];
      for (int k = 0; k < lambda.length; k++) {
        double[] own = gaussians.get(k).absoluteStd();
        for (int i = 0; i < std.length; i++) {
          std[i] += lambda[k] * own[i];
        }
      }
      return new Barycentre(Gaussian.diagonal(mean, std), true, 0, 0);
    }

    List<Matrix> roots = gaussians.stream().map(Gaussian::root).toList();
    // The covariance within the mixture is a start whose support contains all of theirs.
    Matrix root = Matrix.of(mean.length, 0, new double[0]);
    for (int k = 0; k < lambda.length; k++) {
      root = root.beside(roots.get(k).scaled(Math.sqrt(lambda[k]))).narrowed();
    }
    int columns = root.columns();
    for (Matrix other : roots) {
      columns = Math.max(columns, other.columns());
    }
    root = root.padded(columns);
    double residual = Double.POSITIVE_INFINITY;
    int iterations = 0;
    while (iterations < maxIterations && !(residual <= tolerance)) {
      Matrix next = Matrix.of(mean.length, columns, new double[mean.length * columns]);
      for (int k = 0; k < lambda.length; k++) {
        Matrix aligned = BuresWasserstein.aligned(roots.get(k).padded(columns), root);
        next = next.combine(1, lambda[k], aligned);
      }
      // Both are aligned with each other, so this is the distance itself.
      double norm = next.frobeniusNorm();
      residual = norm == 0 ? 0 : next.combine(1, -1, root).frobeniusNorm() / norm;
      root = next;
      iterations++;
    }
    return new Barycentre(Gaussian.dense(mean, root), residual <= tolerance, iterations, residual);
  }
}
