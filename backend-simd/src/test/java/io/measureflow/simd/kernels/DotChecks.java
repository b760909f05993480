package io.measureflow.simd.kernels;

import static io.measureflow.simd.Samples.assertClose;
import static io.measureflow.simd.Samples.normal;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.measureflow.simd.Samples;
import java.util.List;

/** The kernels for products with a row vector, among the {@link KernelChecks}. */
final class DotChecks {

  private static final int OFFSET = 3;
  private static final int[] LENGTHS = {0, 1, 3, 4, 7, 8, 15, 17, 33, 64, 130, 785};

  private DotChecks() {}

  static void dotRows(List<Kernels> implementations) {
    for (Kernels kernels : implementations) {
      for (int inner : LENGTHS) {
        for (int rows : new int[] {0, 1, 3, 4, 5, 8, 11}) {
          for (boolean squared : new boolean[] {false, true}) {
            dotRows(kernels, inner, rows, squared);
          }
        }
      }
    }
  }

  private static void dotRows(Kernels kernels, int inner, int rows, boolean squared) {
    float[] x = normal(1, OFFSET + inner);
    float[] b = normal(2, OFFSET + 1 + rows * inner);
    double[] expected = new double[rows];
    for (int j = 0; j < rows; j++) {
      for (int k = 0; k < inner; k++) {
        double element = b[OFFSET + 1 + j * inner + k];
        expected[j] += x[OFFSET + k] * (squared ? element * element : element);
      }
    }
    float[] out = Samples.filled(OFFSET + rows + 2, 7);
    kernels.dotRows(x, OFFSET, inner, b, OFFSET + 1, rows, squared, out, OFFSET);
    String what = kernels.description() + ", " + rows + " rows of " + inner;
    requireUntouched(out, rows, what);
    for (int j = 0; j < rows; j++) {
      assertClose(expected[j], out[OFFSET + j], 1e-6 * (inner + 1), what);
      float[] alone = new float[1];
      kernels.dotRows(x, OFFSET, inner, b, OFFSET + 1 + j * inner, 1, squared, alone, 0);
      assertEquals(alone[0], out[OFFSET + j], what + ", alone");
    }
  }

  static void combineRows(List<Kernels> implementations) {
    for (Kernels kernels : implementations) {
      for (int inner : new int[] {0, 1, 3, 4, 9, 256}) {
        for (int columns : new int[] {0, 1, 5, 8, 10, 17, 32, 63, 64, 65, 200, 1024, 2100}) {
          combineRows(kernels, inner, columns);
        }
      }
    }
  }

  private static void combineRows(Kernels kernels, int inner, int columns) {
    int stride = columns + 2;
    float[] x = normal(1, OFFSET + inner);
    float[] b = normal(2, OFFSET + 1 + inner * stride);
    double[] expected = new double[columns];
    for (int k = 0; k < inner; k++) {
      for (int j = 0; j < columns; j++) {
        expected[j] += (double) x[OFFSET + k] * b[OFFSET + 1 + k * stride + j];
      }
    }
    float[] out = Samples.filled(OFFSET + columns + 2, 7);
    kernels.combineRows(x, OFFSET, inner, b, OFFSET + 1, stride, columns, out, OFFSET);
    String what = kernels.description() + ", " + inner + " rows of " + columns;
    requireUntouched(out, columns, what);
    for (int j = 0; j < columns; j++) {
      assertClose(expected[j], out[OFFSET + j], 1e-6 * (inner + 1), what);
    }
  }

  private static void requireUntouched(float[] out, int count, String what) {
    for (int i = 0; i < out.length; i++) {
      if (i < OFFSET || i >= OFFSET + count) {
        assertEquals(7, out[i], what + ", beyond the results");
      }
    }
  }
}
