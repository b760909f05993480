package io.measureflow.core.measures;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.NormOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.QRDecomposition;
import org.ejml.interfaces.decomposition.SingularValueDecomposition_F64;

/**
 * A dense real matrix with the few operations that the measures need. The only class that uses the
 * linear algebra library.
 */
final class Matrix {

  /** The least size of each dimension of a product in blocks. */
  private static final int LARGE = 32;

  private final DMatrixRMaj data;

  private Matrix(DMatrixRMaj data) {
    this.data = data;
  }

  /** Wraps row-major elements, which must not be changed afterwards. */
  static Matrix of(int rows, int columns, double[] elements) {
    return new Matrix(DMatrixRMaj.wrap(rows, columns, elements));
  }

  static Matrix diagonal(double[] elements) {
    return new Matrix(CommonOps_DDRM.diag(elements));
  }

  int rows() {
    return data.numRows;
  }

  int columns() {
    return data.numCols;
  }

  /** Returns the row-major elements, which must not be changed. */
  double[] elements() {
    return data.data;
  }

  Matrix transpose() {
    return new Matrix(CommonOps_DDRM.transpose(data, null));
  }

  /** Whether a product is worth the copies of {@link BlockedProduct}. */
  private static boolean isLarge(int rows, int inner, int columns) {
    return Math.min(rows, columns) >= LARGE && inner >= LARGE;
  }

  Matrix times(Matrix other) {
    if (isLarge(rows(), columns(), other.columns())) {
      return of(
          rows(),
          other.columns(),
          BlockedProduct.multiply(
              elements(), columns(), 1, other.elements(), rows(), columns(), other.columns()));
    }
    var product = new DMatrixRMaj(rows(), other.columns());
    CommonOps_DDRM.mult(data, other.data, product);
    return new Matrix(product);
  }

  /** this' other. */
  Matrix transposeTimes(Matrix other) {
    if (isLarge(columns(), rows(), other.columns())) {
      return of(
          columns(),
          other.columns(),
          BlockedProduct.multiply(
              elements(), 1, columns(), other.elements(), columns(), rows(), other.columns()));
    }
    var product = new DMatrixRMaj(columns(), other.columns());
    CommonOps_DDRM.multTransA(data, other.data, product);
    return new Matrix(product);
  }

  /** this other'. */
  Matrix timesTranspose(Matrix other) {
    if (isLarge(rows(), columns(), other.rows())) {
      return times(other.transpose());
    }
    var product = new DMatrixRMaj(rows(), other.rows());
    CommonOps_DDRM.multTransB(data, other.data, product);
    return new Matrix(product);
  }

  Matrix scaled(double factor) {
    var product = new DMatrixRMaj(rows(), columns());
    CommonOps_DDRM.scale(factor, data, product);
    return new Matrix(product);
  }

  /** a this + b other. */
  Matrix combine(double a, double b, Matrix other) {
    var sum = new DMatrixRMaj(rows(), columns());
    CommonOps_DDRM.add(a, data, b, other.data, sum);
    return new Matrix(sum);
  }

  /** Concatenates the columns of this matrix and another with as many rows. */
  Matrix beside(Matrix other) {
    return new Matrix(CommonOps_DDRM.concatColumns(data, other.data, null));
  }

  /** Pads this matrix with zeros on the right to {@code columns} columns. */
  Matrix padded(int columns) {
    return columns == columns()
        ? this
        : beside(new Matrix(new DMatrixRMaj(rows(), columns - columns())));
  }

  double frobeniusNorm() {
    return NormOps_DDRM.normF(data);
  }

  /**
   * Returns a matrix L with {@code rows} columns and L L' = this this', by an orthogonal
   * transformation from the right; this matrix itself if it has hardly more columns, so that
   * nothing would be gained.
   */
  Matrix narrowed() {
    return 4L * columns() <= 5L * rows() ? this : triangularRoot();
  }

  /** Returns the lower triangular L, [rows, min(rows, columns)], with L L' = this this'. */
  Matrix triangularRoot() {
    QRDecomposition<DMatrixRMaj> qr = DecompositionFactory_DDRM.qr(columns(), rows());
    // The return value reports whether the columns are independent; the factors are right anyway.
    boolean _ = qr.decompose(transpose().data);
    return new Matrix(qr.getR(null, true)).transpose();
  }

  /** Returns the min(rows, columns) singular values in descending order. */
  double[] singularValues() {
    if (data.getNumElements() == 0) {
      return new double[0];
    }
    double[] values = sortedDescending(decompose(false, true).getSingularValues());
    return Arrays.copyOf(values, Math.min(rows(), columns()));
  }

  /**
   * Returns the orthogonal factor P Q' of this square matrix P S Q': the orthogonal matrix closest
   * to it, that is, the largest in its inner product with it.
   */
  Matrix orthogonalFactor() {
    if (data.getNumElements() == 0) {
      return this;
    }
    SingularValueDecomposition_F64<DMatrixRMaj> svd = decompose(true, false);
    return new Matrix(svd.getU(null, false)).timesTranspose(new Matrix(svd.getV(null, false)));
  }

  /** Returns the Moore-Penrose inverse; singular values at rounding level count as zero. */
  Matrix pseudoInverse() {
    var inverse = new DMatrixRMaj(columns(), rows());
    if (data.getNumElements() > 0) {
      CommonOps_DDRM.pinv(data, inverse);
    }
    return new Matrix(inverse);
  }

  private SingularValueDecomposition_F64<DMatrixRMaj> decompose(boolean vectors, boolean compact) {
    SingularValueDecomposition_F64<DMatrixRMaj> svd =
        DecompositionFactory_DDRM.svd(rows(), columns(), vectors, vectors, compact);
    if (!svd.decompose(data.copy())) {
      throw new IllegalStateException(
          "The singular value decomposition of a "
              + rows()
              + " x "
              + columns()
              + " matrix did not converge");
    }
    return svd;
  }

  static double[] sortedDescending(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    for (int i = 0, j = sorted.length - 1; i < j; i++, j--) {
      double swapped = sorted[i];
      sorted[i] = sorted[j];
      sorted[j] = swapped;
    }
    return sorted;
  }
}
