package io.measureflow.core.measures;

import java.util.Arrays;
import java.util.Objects;
import java.util.random.RandomGenerator;

/**
 * A Gaussian N(mean, Sigma) on R^n, possibly singular, with Sigma = diag(s)^2 + F F', given by the
 * root [diag(s) | F] with n + q columns. Only Sigma matters: the signs of s and F, rotations of the
 * columns of F and q itself have no meaning.
 *
 * <p>Points (s = 0, q = 0) and diagonal covariances (q = 0) are cheap everywhere: an operation on
 * them costs O(n) where a dense root costs O(n^3).
 */
public final class Gaussian {

  private final double[] mean;
  private final double[] std;
  private final Matrix factor;

  private Gaussian(double[] mean, double[] std, Matrix factor) {
    this.mean = mean;
    this.std = std;
    this.factor = factor;
    checkFinite("mean", mean);
    checkFinite("standard deviations", std);
    checkFinite("root", factor.elements());
  }

  /** Returns the point mass at {@code mean} [n]. */
  public static Gaussian point(double[] mean) {
    return diagonal(mean, new double[mean.length]);
  }

  /**
   * Creates a Gaussian with independent coordinates.
   *
   * @param mean [n]
   * @param std standard deviations [n], of any sign
   */
  public static Gaussian diagonal(double[] mean, double[] std) {
    return factored(mean, std, new double[0], 0);
  }

  /**
   * Creates the Gaussian with covariance R R'.
   *
   * @param mean [n]
   * @param root R [n, columns], row-major, of any rank
   * @param columns the number of columns of R, at least 0
   */
  public static Gaussian dense(double[] mean, double[] root, int columns) {
    return factored(mean, new double[mean.length], root, columns);
  }

  /**
   * Creates the Gaussian with covariance diag(std)^2 + F F'.
   *
   * @param mean [n]
   * @param std standard deviations [n], of any sign
   * @param factor F [n, rank], row-major
   * @param rank the number of columns of F, at least 0
   * @throws IllegalArgumentException if the lengths do not match or a number is not finite
   */
  public static Gaussian factored(double[] mean, double[] std, double[] factor, int rank) {
    int n = mean.length;
    if (n == 0) {
      throw new IllegalArgumentException("Gaussian: expected at least 1 dimension, found none");
    }
    checkLength("standard deviations", std.length, n);
    checkLength("root of " + rank + " columns", factor.length, Math.multiplyExact(n, rank));
    return new Gaussian(mean.clone(), std.clone(), Matrix.of(n, rank, factor.clone()));
  }

  /** Creates a Gaussian from a mean, which is not copied, and a dense root. */
  static Gaussian dense(double[] mean, Matrix root) {
    return new Gaussian(mean, new double[mean.length], root);
  }

  private static void checkLength(String what, int found, int expected) {
    if (found != expected) {
      throw new IllegalArgumentException(
          "Gaussian " + what + ": expected " + expected + " numbers, found " + found);
    }
  }

  private static void checkFinite(String what, double[] values) {
    for (int i = 0; i < values.length; i++) {
      if (!Double.isFinite(values[i])) {
        throw new IllegalArgumentException(
            "Gaussian " + what + ": expected finite numbers, found " + values[i] + " at " + i);
      }
    }
  }

  /** n, the dimension of the space. */
  public int dimension() {
    return mean.length;
  }

  /** Returns the mean, [n]. */
  public double[] mean() {
    return mean.clone();
  }

  /** Returns the covariance, [n, n], row-major. */
  public double[] covariance() {
    double[] covariance = factor.timesTranspose(factor).elements();
    for (int i = 0; i < std.length; i++) {
      covariance[i * std.length + i] += std[i] * std[i];
    }
    return covariance;
  }

  /**
   * Returns the distribution of some of the coordinates.
   *
   * @param from the first coordinate
   * @param to one past the last coordinate
   * @throws IndexOutOfBoundsException if the range is invalid
   */
  public Gaussian marginal(int from, int to) {
    Objects.checkFromToIndex(from, to, mean.length);
    int rank = factor.columns();
    return factored(
        Arrays.copyOfRange(mean, from, to),
        Arrays.copyOfRange(std, from, to),
        Arrays.copyOfRange(factor.elements(), from * rank, to * rank),
        rank);
  }

  /** Returns whether the covariance is given by standard deviations alone. */
  public boolean isDiagonal() {
    return factor.columns() == 0;
  }

  /** Returns the trace of the covariance: E |X - mean|^2. */
  public double trace() {
    double trace = 0;
    for (double s : std) {
      trace += s * s;
    }
    double norm = factor.frobeniusNorm();
    return trace + norm * norm;
  }

  /**
   * Returns the logarithm of the determinant of the covariance; minus infinity where it is
   * singular.
   */
  public double logDeterminant() {
    double sum = 0;
    if (isDiagonal()) {
      for (double s : std) {
        sum += Math.log(Math.abs(s));
      }
    } else if (factor.columns() < dimension() && everyStdIsNonzero()) {
      // det(D^2 + F F') = det(D^2) det(I + G'G) with G = D^-1 F, and [I | G'] is a root of I + G'G.
      int rank = factor.columns();
      double[] scaled = factor.elements().clone();
      for (int i = 0; i < std.length; i++) {
        sum += Math.log(Math.abs(std[i]));
        for (int k = 0; k < rank; k++) {
          scaled[i * rank + k] /= std[i];
        }
      }
      double[] ones = new double[rank];
      Arrays.fill(ones, 1);
      Matrix g = Matrix.of(std.length, rank, scaled);
      sum += logOfDiagonal(Matrix.diagonal(ones).beside(g.transpose()).triangularRoot());
    } else {
      Matrix root = root();
      sum =
          root.columns() < root.rows()
              ? Double.NEGATIVE_INFINITY
              : logOfDiagonal(root.triangularRoot());
    }
    return 2 * sum;
  }

  private boolean everyStdIsNonzero() {
    for (double s : std) {
      if (s == 0) {
        return false;
      }
    }
    return true;
  }

  private static double logOfDiagonal(Matrix triangular) {
    double sum = 0;
    for (int i = 0; i < triangular.rows(); i++) {
      sum += Math.log(Math.abs(triangular.elements()[i * triangular.columns() + i]));
    }
    return sum;
  }

  /**
   * Returns the n eigenvalues of the covariance in descending order: squares of singular values of
   * the root, never negative.
   */
  public double[] spectrum() {
    double[] roots;
    if (isDiagonal()) {
      roots = absolute(std);
    } else {
      roots = Arrays.copyOf(root().singularValues(), dimension()); // Zeros if it is narrower.
    }
    for (int i = 0; i < roots.length; i++) {
      roots[i] *= roots[i];
    }
    return Matrix.sortedDescending(roots);
  }

  /** Draws one point, [n]. */
  public double[] sample(RandomGenerator random) {
    double[] point = mean.clone();
    for (int i = 0; i < point.length; i++) {
      if (std[i] != 0) {
        point[i] += std[i] * random.nextGaussian();
      }
    }
    int rank = factor.columns();
    double[] elements = factor.elements();
    double[] latent = new double[rank];
    for (int k = 0; k < rank; k++) {
      latent[k] = random.nextGaussian();
    }
    for (int i = 0; i < point.length; i++) {
      for (int k = 0; k < rank; k++) {
        point[i] += elements[i * rank + k] * latent[k];
      }
    }
    return point;
  }

  /** Returns the mean itself, which must not be changed. */
  double[] meanArray() {
    return mean;
  }

  /**
   * Returns the standard deviation of each coordinate: the square root of the covariance's
   * diagonal.
   */
  double[] marginalStd() {
    if (isDiagonal()) {
      return absoluteStd();
    }
    int rank = factor.columns();
    double[] marginal = new double[std.length];
    for (int i = 0; i < marginal.length; i++) {
      double sum = std[i] * std[i];
      for (int k = 0; k < rank; k++) {
        double entry = factor.elements()[i * rank + k];
        sum += entry * entry;
      }
      marginal[i] = Math.sqrt(sum);
    }
    return marginal;
  }

  /** |s|, for a diagonal covariance. */
  double[] absoluteStd() {
    return absolute(std);
  }

  /** Returns a root of the covariance with not many more than n columns. */
  Matrix root() {
    if (trace() == 0) {
      return Matrix.of(dimension(), 0, new double[0]);
    }
    boolean hasStd = false;
    for (double s : std) {
      hasStd |= s != 0;
    }
    return (hasStd ? Matrix.diagonal(std).beside(factor) : factor).narrowed();
  }

  private static double[] absolute(double[] values) {
    double[] absolute = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      absolute[i] = Math.abs(values[i]);
    }
    return absolute;
  }

  @Override
  public String toString() {
    return "Gaussian on R^"
        + dimension()
        + (isDiagonal() ? ", diagonal" : ", root of rank " + factor.columns())
        + ", trace "
        + trace();
  }
}
