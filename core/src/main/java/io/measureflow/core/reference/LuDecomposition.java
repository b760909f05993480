package io.measureflow.core.reference;

import java.util.Arrays;

/**
 * LU decompositions with partial pivoting of a stack of square matrices [K, q, q], by the textbook
 * loops (Golub and Van Loan) [golub2013].
 */
final class LuDecomposition {

  private final int q;
  private final double[] lu;
  private final int[] pivots;

  /** Decomposes the matrix that begins at {@code offset}. */
  LuDecomposition(double[] matrices, int offset, int q) {
    this.q = q;
    this.lu = new double[q * q];
    System.arraycopy(matrices, offset, lu, 0, q * q);
    this.pivots = new int[q];
    for (int column = 0; column < q; column++) {
      int pivot = column;
      for (int row = column + 1; row < q; row++) {
        if (Math.abs(lu[row * q + column]) > Math.abs(lu[pivot * q + column])) {
          pivot = row;
        }
      }
      pivots[column] = pivot;
      for (int j = 0; j < q; j++) {
        double swap = lu[column * q + j];
        lu[column * q + j] = lu[pivot * q + j];
        lu[pivot * q + j] = swap;
      }
      for (int row = column + 1; row < q && lu[column * q + column] != 0; row++) {
        double factor = lu[row * q + column] / lu[column * q + column];
        lu[row * q + column] = factor;
        for (int j = column + 1; j < q; j++) {
          lu[row * q + j] -= factor * lu[column * q + j];
        }
      }
    }
  }

  /** log |det|. */
  double logDeterminant() {
    double sum = 0;
    for (int i = 0; i < q; i++) {
      sum += Math.log(Math.abs(lu[i * q + i]));
    }
    return sum;
  }

  /** Writes the transposed inverse; its row i is the solution of A x = e_i. */
  void inverseTranspose(double[] out, int offset) {
    double[] x = new double[q];
    for (int i = 0; i < q; i++) {
      Arrays.fill(x, 0);
      x[i] = 1;
      solve(x);
      System.arraycopy(x, 0, out, offset + i * q, q);
    }
  }

  private void solve(double[] x) {
    for (int i = 0; i < q; i++) {
      double swap = x[i];
      x[i] = x[pivots[i]];
      x[pivots[i]] = swap;
    }
    for (int i = 0; i < q; i++) {
      for (int j = 0; j < i; j++) {
        x[i] -= lu[i * q + j] * x[j];
      }
    }
    for (int i = q - 1; i >= 0; i--) {
      for (int j = i + 1; j < q; j++) {
        x[i] -= lu[i * q + j] * x[j];
      }
      x[i] /= lu[i * q + i];
    }
  }
}
