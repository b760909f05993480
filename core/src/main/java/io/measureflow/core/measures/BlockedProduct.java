package io.measureflow.core.measures;

import java.util.Arrays;

/**
 * Products of large matrices in loops that the compiler vectorizes: EJML's, over one array with
 * offsets, stay scalar. Each element is summed up in the order of the inner index.
 */
final class BlockedProduct {

  /** The columns whose sums are computed together: the rows of a step fit the L1 cache. */
  private static final int COLUMNS = 256;

  /** The rows whose sums pass through the L2 cache for each few inner indices. */
  private static final int ROWS = 32;

  /** The inner indices of each pass over the sums. */
  private static final int STEP = 8;

  private BlockedProduct() {}

  /**
   * Computes C = A B.
   *
   * @param a A, whose element (i, k) is at {@code i * rowStride + k * innerStride}
   * @param b B [inner, columns], row-major
   * @return C [rows, columns], row-major
   */
  static double[] multiply(
      double[] a, int rowStride, int innerStride, double[] b, int rows, int inner, int columns) {
    double[] product = new double[Math.multiplyExact(rows, columns)];
    int padded = Math.ceilDiv(inner, STEP) * STEP;
    double[] left = new double[padded];
    for (int from = 0; from < columns; from += COLUMNS) {
      int count = Math.min(COLUMNS, columns - from);
      double[][] right = new double[padded][count];
      for (int k = 0; k < inner; k++) {
        System.arraycopy(b, k * columns + from, right[k], 0, count);
      }
      for (int start = 0; start < rows; start += ROWS) {
        int height = Math.min(ROWS, rows - start);
        double[][] own = new double[height][];
        for (int i = 0; i < height; i++) {
          for (int k = 0; k < inner; k++) {
            left[k] = a[(start + i) * rowStride + k * innerStride];
          }
          own[i] = Arrays.copyOf(left, padded);
        }
        double[][] sums = new double[height][count];
        for (int k = 0; k < padded; k += STEP) {
          for (int i = 0; i < height; i++) {
            step(own[i], k, right, sums[i]);
          }
        }
        for (int i = 0; i < height; i++) {
          System.arraycopy(sums[i], 0, product, (start + i) * columns + from, count);
        }
      }
    }
    return product;
  }

  private static void step(double[] left, int k, double[][] right, double[] sums) {
    // An array for each row: with offsets into one, the compiler would have to prove that sums do
    // not overlap with it, and gives up.
    double[] y0 = right[k];
    double[] y1 = right[k + 1];
    double[] y2 = right[k + 2];
    double[] y3 = right[k + 3];
    double[] y4 = right[k + 4];
    double[] y5 = right[k + 5];
    double[] y6 = right[k + 6];
    double[] y7 = right[k + 7];
    double x0 = left[k];
    double x1 = left[k + 1];
    double x2 = left[k + 2];
    double x3 = left[k + 3];
    double x4 = left[k + 4];
    double x5 = left[k + 5];
    double x6 = left[k + 6];
    double x7 = left[k + 7];
    for (int j = 0; j < sums.length; j++) {
      double sum = Math.fma(x1, y1[j], Math.fma(x0, y0[j], sums[j]));
      sum = Math.fma(x3, y3[j], Math.fma(x2, y2[j], sum));
      sum = Math.fma(x5, y5[j], Math.fma(x4, y4[j], sum));
      sums[j] = Math.fma(x7, y7[j], Math.fma(x6, y6[j], sum));
    }
  }
}
