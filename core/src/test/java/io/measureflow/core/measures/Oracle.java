package io.measureflow.core.measures;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.simple.SimpleMatrix;

/** Textbook formulas with square roots of covariances, which the code under test avoids. */
final class Oracle {

  private Oracle() {}

  static SimpleMatrix covariance(Gaussian gaussian) {
    int n = gaussian.dimension();
    return SimpleMatrix.wrap(DMatrixRMaj.wrap(n, n, gaussian.covariance()));
  }

  /** Returns the symmetric square root through the eigendecomposition. */
  static SimpleMatrix squareRoot(SimpleMatrix symmetric) {
    int n = symmetric.getNumRows();
    var eigen = DecompositionFactory_DDRM.eig(n, true, true);
    DMatrixRMaj copy = symmetric.plus(symmetric.transpose()).scale(0.5).getDDRM().copy();
    if (!eigen.decompose(copy)) {
      return fail("eigendecomposition");
    }
    var root = new SimpleMatrix(n, n);
    for (int k = 0; k < n; k++) {
      SimpleMatrix vector = SimpleMatrix.wrap(eigen.getEigenVector(k));
      double value = Math.max(0, eigen.getEigenvalue(k).getReal());
      root = root.plus(vector.mult(vector.transpose()).scale(Math.sqrt(value)));
    }
    return root;
  }

  /** |mu0 - mu1|^2 + tr(S0 + S1 - 2 (S0^1/2 S1 S0^1/2)^1/2). */
  static double squaredDistance(Gaussian first, Gaussian second) {
    SimpleMatrix s0 = covariance(first);
    SimpleMatrix s1 = covariance(second);
    SimpleMatrix root = squareRoot(s0);
    double squared = s0.trace() + s1.trace() - 2 * squareRoot(root.mult(s1).mult(root)).trace();
    double[] mean0 = first.mean();
    double[] mean1 = second.mean();
    for (int i = 0; i < mean0.length; i++) {
      squared += (mean0[i] - mean1[i]) * (mean0[i] - mean1[i]);
    }
    return squared;
  }

  static double determinant(Gaussian gaussian) {
    return CommonOps_DDRM.det(covariance(gaussian).getDDRM());
  }

  static void assertClose(double expected, double found, double tolerance, String what) {
    if (!(Math.abs(expected - found) <= tolerance)) {
      assertEquals(expected, found, tolerance, what);
      fail(what);
    }
  }

  static void assertClose(double[] expected, double[] found, double tolerance, String what) {
    assertEquals(expected.length, found.length, what);
    for (int i = 0; i < expected.length; i++) {
      assertClose(expected[i], found[i], tolerance, what + " at " + i);
    }
  }
}
