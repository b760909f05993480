package io.measureflow.core.measures;

/**
 * The constant-speed path between two Gaussians in the Bures-Wasserstein metric, and the optimal
 * coupling along it [takatsu2011].
 *
 * <p>With roots aligned by orthogonal Procrustes the optimal coupling is X0 = mu0 + R0 z, X1 = mu1
 * + R1 z with one z ~ N(0, I), so that the path is N((1-t) mu0 + t mu1, R_t R_t') with R_t = (1-t)
 * R0 + t R1. This also holds for singular covariances, where an optimal map need not exist and the
 * path need not be unique.
 */
public final class Geodesic {

  private final Gaussian from;
  private final Gaussian to;
  // Aligned: start' end is positive semidefinite. For diagonal ends, |s| as one column.
  private final Matrix start;
  private final Matrix end;
  private final boolean diagonal;

  private Geodesic(Gaussian from, Gaussian to, Matrix start, Matrix end, boolean diagonal) {
    this.from = from;
    this.to = to;
    this.start = start;
    this.end = end;
    this.diagonal = diagonal;
  }

  static Geodesic between(Gaussian from, Gaussian to) {
    int n = from.dimension();
    if (n != to.dimension()) {
      throw new IllegalArgumentException(
          "Geodesic: expected Gaussians of one dimension, found " + n + " and " + to.dimension());
    }
    if (from.isDiagonal() && to.isDiagonal()) {
      return new Geodesic(
          from, to, Matrix.of(n, 1, from.absoluteStd()), Matrix.of(n, 1, to.absoluteStd()), true);
    }
    Matrix first = from.root();
    Matrix second = to.root();
    int columns = Math.max(first.columns(), second.columns());
    Matrix start = first.padded(columns);
    Matrix end = BuresWasserstein.aligned(second.padded(columns), start);
    return new Geodesic(from, to, start, end, false);
  }

  /** Returns the length: the distance between the ends. */
  public double length() {
    return Math.hypot(
        Math.sqrt(BuresWasserstein.squaredMeanDistance(from, to)),
        start.combine(1, -1, end).frobeniusNorm());
  }

  /**
   * Returns the Gaussian at time t; diagonal if both ends are.
   *
   * @param t from 0, the start of the path, to 1
   */
  public Gaussian at(double t) {
    if (!(t >= 0 && t <= 1)) {
      throw new IllegalArgumentException("Geodesic: expected a time from 0 to 1, found " + t);
    }
    double[] mean = new double[from.dimension()];
    for (int i = 0; i < mean.length; i++) {
      mean[i] = (1 - t) * from.meanArray()[i] + t * to.meanArray()[i];
    }
    Matrix root = start.combine(1 - t, t, end);
    return diagonal ? Gaussian.diagonal(mean, root.elements()) : Gaussian.dense(mean, root);
  }

  /** Returns the cross-covariance E (X0 - mu0)(X1 - mu1)' under the coupling, [n, n], row-major. */
  public double[] crossCovariance() {
    if (!diagonal) {
      return start.timesTranspose(end).elements();
    }
    int n = from.dimension();
    double[] covariance = new double[n * n];
    for (int i = 0; i < n; i++) {
      covariance[i * n + i] = start.elements()[i] * end.elements()[i];
    }
    return covariance;
  }

  /**
   * Maps a point of the first Gaussian to E[X1 | X0 = x]. This is the optimal map if there is one,
   * as always for a regular first covariance.
   *
   * @param point x [n]; projected onto the support if it lies outside
   */
  public double[] transport(double[] point) {
    int n = from.dimension();
    if (point.length != n) {
      throw new IllegalArgumentException(
          "Geodesic: expected a point of " + n + " numbers, found " + point.length);
    }
    double[] offset = new double[n];
    for (int i = 0; i < n; i++) {
      offset[i] = point[i] - from.meanArray()[i];
    }
    double[] moved;
    if (diagonal) {
      moved = new double[n];
      for (int i = 0; i < n; i++) {
        double s = start.elements()[i];
        moved[i] = s == 0 ? 0 : end.elements()[i] / s * offset[i];
      }
    } else {
      moved = end.times(start.pseudoInverse()).times(Matrix.of(n, 1, offset)).elements();
    }
    for (int i = 0; i < n; i++) {
      moved[i] += to.meanArray()[i];
    }
    return moved;
  }
}
