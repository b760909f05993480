package io.measureflow.simd;

import static io.measureflow.simd.Samples.assertClose;
import static io.measureflow.simd.Samples.normal;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.BackendSettings;
import io.measureflow.api.backend.Precision;
import io.measureflow.simd.MatrixProduct.Factor;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

class VectorProductTest {

  /**
   * Rows of A, the length of the sums, columns of B; the last sizes are distributed over threads.
   */
  private static final int[][] SIZES = {
    {1, 785, 256}, {1, 256, 10}, {1, 0, 3}, {1, 5, 1}, {3, 19, 41}, {4, 785, 300}, {1, 700, 2000}
  };

  @Test
  void isTheProductWithAnyNumberOfThreads() {
    for (Kernels kernels : new Kernels[] {Kernels.best(), new ScalarKernels()}) {
      for (int[] size : SIZES) {
        check(kernels, size[0], size[1], size[2], true, false);
        check(kernels, size[0], size[1], size[2], true, true);
        check(kernels, size[0], size[1], size[2], false, false);
      }
    }
  }

  private static void check(
      Kernels kernels, int rows, int inner, int columns, boolean transposed, boolean squared) {
    float[] a = normal(1, rows * inner);
    float[] b = normal(2, inner * columns);
    double[] expected = new double[rows * columns];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        for (int k = 0; k < inner; k++) {
          double element = b[transposed ? j * inner + k : k * columns + j];
          expected[i * columns + j] += a[i * inner + k] * (squared ? element * element : element);
        }
      }
    }
    float[] first = null;
    for (int threads = 1; threads <= 3; threads++) {
      try (var pool = new WorkerPool(threads)) {
        var left = new Factor(a, 1, rows, inner, false);
        var right =
            transposed
                ? new Factor(b, 1, columns, inner, true)
                : new Factor(b, 1, inner, columns, false);
        right = squared ? right.squared() : right;
        assertTrue(VectorProduct.fits(left, right));
        float[] c = Samples.filled(rows * columns, Float.NaN);
        new VectorProduct(kernels, pool, left, right, c).run();
        String what = rows + "x" + inner + "x" + columns + " " + transposed + " " + squared;
        assertClose(expected, c, 3e-6, what);
        first = first == null ? c : first;
        assertArrayEquals(first, c, what + ", " + threads + " threads");
      }
    }
  }

  @Test
  void otherProductsAreNotForIt() {
    float[] elements = new float[64];
    var row = new Factor(elements, 1, 1, 8, false);
    var square = new Factor(elements, 1, 8, 8, false);
    assertTrue(VectorProduct.fits(new Factor(elements, 1, 8, 1, true), square));
    assertTrue(VectorProduct.fits(row, new Factor(elements, 1, 8, 1, false).squared()));
    assertFalse(VectorProduct.fits(square, square));
    assertFalse(VectorProduct.fits(row.squared(), square));
    assertFalse(VectorProduct.fits(row, square.squared()));
    assertFalse(VectorProduct.fits(row, Factor.inPanels(elements, 8, 8)));
    assertFalse(VectorProduct.fits(new Factor(elements, 1, 8, 2, true), square));
    assertFalse(VectorProduct.fits(new Factor(elements, 2, 1, 8, false), square));
  }

  /** A predictor computes a row on the calling thread, without garbage. */
  @Test
  void predictionsOfOneRowAllocateNothing() {
    try (Backend backend =
            new SimdBackendProvider().open(BackendSettings.of(2, Precision.FLOAT32));
        var workspace = backend.newWorkspace();
        var executable = workspace.compile(SingleRowLatency.predictor(1))) {
      // Kernels that are not compiled yet turn vectors into objects.
      boolean scalar = Kernels.best() instanceof ScalarKernels;
      for (int i = 0; i < (scalar ? 10 : 3000); i++) {
        executable.run();
      }
      var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
      long least = Long.MAX_VALUE;
      for (int round = 0; round < 20_000 && least != 0; round++) {
        long before = threads.getCurrentThreadAllocatedBytes();
        executable.run();
        least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
      }
      assertEquals(0, least);
    }
  }
}
