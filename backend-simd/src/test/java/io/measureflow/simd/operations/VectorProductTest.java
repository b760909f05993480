package io.measureflow.simd.operations;

import static io.measureflow.simd.Samples.assertClose;
import static io.measureflow.simd.Samples.normal;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.BackendSettings;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import io.measureflow.lowering.Epilogue;
import io.measureflow.lowering.LoweredProgram;
import io.measureflow.lowering.Lowering;
import io.measureflow.lowering.Operand;
import io.measureflow.lowering.Phase;
import io.measureflow.lowering.Schedule;
import io.measureflow.lowering.Step;
import io.measureflow.simd.Samples;
import io.measureflow.simd.SimdBackendProvider;
import io.measureflow.simd.SingleRowLatency;
import io.measureflow.simd.kernels.Kernels;
import io.measureflow.simd.kernels.ScalarKernels;
import io.measureflow.simd.threads.WorkerPool;
import java.lang.management.ManagementFactory;
import java.util.Map;
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
        check(kernels, size[0], size[1], size[2], true, false, false);
        check(kernels, size[0], size[1], size[2], true, true, false);
        check(kernels, size[0], size[1], size[2], true, true, true);
        check(kernels, size[0], size[1], size[2], false, false, false);
        check(kernels, size[0], size[1], size[2], false, false, true);
      }
    }
  }

  private static void check(
      Kernels kernels,
      int rows,
      int inner,
      int columns,
      boolean transposed,
      boolean squared,
      boolean squaredLeft) {
    float[] a = normal(1, rows * inner);
    float[] b = normal(2, inner * columns);
    double[] expected = new double[rows * columns];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        for (int k = 0; k < inner; k++) {
          double element = b[transposed ? j * inner + k : k * columns + j];
          double own = a[i * inner + k];
          expected[i * columns + j] +=
              (squaredLeft ? own * own : own) * (squared ? element * element : element);
        }
      }
    }
    float[] first = null;
    for (int threads = 1; threads <= 3; threads++) {
      try (var pool = new WorkerPool(threads)) {
        Step.Product product =
            product(rows, columns, inner, false, squaredLeft, transposed, squared);
        assertTrue(VectorProduct.fits(product));
        float[] c = Samples.filled(rows * columns, Float.NaN);
        new VectorProduct(kernels, pool, product, a, b, c).run();
        String what =
            rows + "x" + inner + "x" + columns + " " + transposed + " " + squared + squaredLeft;
        assertClose(expected, c, 3e-6, what);
        first = first == null ? c : first;
        assertArrayEquals(first, c, what + ", " + threads + " threads");
      }
    }
  }

  @Test
  void otherProductsAreNotForIt() {
    assertTrue(VectorProduct.fits(product(1, 8, 8, true, false, false, false)));
    assertTrue(VectorProduct.fits(product(1, 1, 8, false, false, false, true)));
    assertFalse(VectorProduct.fits(product(8, 8, 8, false, false, false, false)));
    assertFalse(VectorProduct.fits(product(1, 8, 8, false, false, false, true)));
    assertFalse(VectorProduct.fits(product(2, 8, 8, true, false, false, false)));
  }

  private static Step.Product product(
      int rows,
      int columns,
      int inner,
      boolean leftTransposed,
      boolean leftSquared,
      boolean rightTransposed,
      boolean rightSquared) {
    var a = new Value(0, Value.Kind.REAL, Shape.of(rows, inner), "a");
    var b = new Value(1, Value.Kind.REAL, Shape.of(inner, columns), "b");
    var c = new Value(2, Value.Kind.REAL, Shape.of(rows, columns), "c");
    return new Step.Product(
        1,
        rows,
        columns,
        inner,
        new Operand(a, leftTransposed, leftSquared, false),
        new Operand(b, rightTransposed, rightSquared, false),
        new Epilogue.Store(c));
  }

  /** Packing the parameters for a single row would take ten times as long as the prediction. */
  @Test
  void predictionsOfOneRowPackNothing() {
    for (int rows : new int[] {1, VectorProduct.FEW_ROWS}) {
      LoweredProgram lowered = Lowering.lower(SingleRowLatency.predictor(rows), Map.of());
      for (Step step : lowered.steps()) {
        if (step instanceof Step.Product product) {
          assertTrue(VectorProduct.fits(product), product.toString());
        }
      }
      for (Phase phase : Schedule.of(lowered)) {
        assertTrue(phase.regions().isEmpty(), phase.toString());
      }
    }
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
