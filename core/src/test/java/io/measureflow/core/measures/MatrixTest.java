package io.measureflow.core.measures;

import static io.measureflow.core.measures.Oracle.assertClose;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.junit.jupiter.api.Test;

class MatrixTest {

  @Test
  void productsInBlocksAgreeWithPlainOnes() {
    var measures = new RandomMeasures(6);
    int[][] sizes = {{32, 32, 32}, {33, 41, 257}, {65, 39, 40}, {31, 100, 50}, {70, 31, 300}};
    for (int[] size : sizes) {
      int rows = size[0];
      int inner = size[1];
      int columns = size[2];
      double[] a = measures.vector(rows * inner, 1);
      double[] b = measures.vector(inner * columns, 1);
      var expected = new DMatrixRMaj(rows, columns);
      CommonOps_DDRM.mult(
          DMatrixRMaj.wrap(rows, inner, a), DMatrixRMaj.wrap(inner, columns, b), expected);
      Matrix left = Matrix.of(rows, inner, a);
      Matrix right = Matrix.of(inner, columns, b);
      double tolerance = 1e-14 * inner;
      assertClose(expected.data, left.times(right).elements(), tolerance, "A B");
      assertClose(
          expected.data, left.transpose().transposeTimes(right).elements(), tolerance, "A' B");
      assertClose(
          expected.data, left.timesTranspose(right.transpose()).elements(), tolerance, "A B'");
    }
  }
}
