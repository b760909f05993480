package io.measureflow.core.measures;

/**
 * The 2-Wasserstein distance between Gaussians: W2^2 = |mu0 - mu1|^2 + tr Sigma0 + tr Sigma1 - 2 tr
 * (Sigma0^1/2 Sigma1 Sigma0^1/2)^1/2 [takatsu2011, bhatia2019].
 *
 * <p>It is computed from roots Sigma = R R' as |mu0 - mu1|^2 + min |R0 - R1 U|^2 over orthogonal U,
 * the orthogonal Procrustes problem, which the singular value decomposition of R1' R0 solves. This
 * is exact for singular covariances, and avoids the cancellation by which the formula with traces
 * loses half of the digits for close Gaussians.
 */
public final class BuresWasserstein {

  /**
   * The fraction of the traces that a squared distance must reach for the formula with traces to be
   * used; it bounds the loss by cancellation to two digits.
   */
  private static final double SAFE_PART = 0.01;

  private BuresWasserstein() {}

  /**
   * W2 between two Gaussians.
   *
   * @throws IllegalArgumentException if their dimensions differ
   */
  public static double distance(Gaussian first, Gaussian second) {
    return Math.sqrt(squaredDistance(first, second));
  }

  /**
   * W2^2 between two Gaussians.
   *
   * @throws IllegalArgumentException if their dimensions differ
   */
  public static double squaredDistance(Gaussian first, Gaussian second) {
    return first.isDiagonal() && second.isDiagonal()
        ? squaredDiagonalDistance(first, second)
        : squaredDistance(first, first.root(), second, second.root());
  }

  /**
   * Returns the constant-speed geodesic, and with it the optimal coupling, between two Gaussians.
   */
  public static Geodesic geodesic(Gaussian from, Gaussian to) {
    return Geodesic.between(from, to);
  }

  /** Returns the closed form for diagonal covariances: sum (|s0| - |s1|)^2 besides the means. */
  static double squaredDiagonalDistance(Gaussian first, Gaussian second) {
    return squaredMeanDistance(first, second)
        + squaredDifference(first.absoluteStd(), second.absoluteStd());
  }

  /** Computes W2^2 from given roots. */
  static double squaredDistance(
      Gaussian first, Matrix firstRoot, Gaussian second, Matrix secondRoot) {
    double means = squaredMeanDistance(first, second);
    double traces = first.trace() + second.trace();
    // The singular values alone take a third of the time of the full decomposition.
    double overlap = 0;
    for (double singular : secondRoot.transposeTimes(firstRoot).singularValues()) {
      overlap += singular;
    }
    double difference = traces - 2 * overlap;
    if (means + difference >= SAFE_PART * traces) {
      return means + difference;
    }
    int columns = Math.max(firstRoot.columns(), secondRoot.columns());
    Matrix start = firstRoot.padded(columns);
    double norm = start.combine(1, -1, aligned(secondRoot.padded(columns), start)).frobeniusNorm();
    return means + norm * norm;
  }

  /** Returns the root R U of the same covariance closest to another root with as many columns. */
  static Matrix aligned(Matrix root, Matrix reference) {
    return root.times(root.transposeTimes(reference).orthogonalFactor());
  }

  static double squaredMeanDistance(Gaussian first, Gaussian second) {
    requireSameDimension(first, second);
    return squaredDifference(first.meanArray(), second.meanArray());
  }

  static void requireSameDimension(Gaussian first, Gaussian second) {
    if (first.dimension() != second.dimension()) {
      throw new IllegalArgumentException(
          "Gaussians: expected one dimension, found "
              + first.dimension()
              + " and "
              + second.dimension());
    }
  }

  static double squaredDifference(double[] first, double[] second) {
    double sum = 0;
    for (int i = 0; i < first.length; i++) {
      double difference = first[i] - second[i];
      sum += difference * difference;
    }
    return sum;
  }
}
