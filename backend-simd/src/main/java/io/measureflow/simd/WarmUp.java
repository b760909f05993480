package io.measureflow.simd;

import io.measureflow.api.program.Op;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Runs the kernels on small matrices until the JVM has compiled them, on a thread of its own: until
 * then explicit vectors are objects, and a step takes a hundred times as long. Programs open a
 * backend before they read their data, so that most of this is done by the time of the first step.
 */
final class WarmUp implements Runnable {

  private static final AtomicBoolean STARTED = new AtomicBoolean();

  /** Enough for the counters of the JVM, unless the time is up first. */
  private static final int ROUNDS = 400;

  private static final long MOST_NANOS = 2_000_000_000L;

  private static final int ROWS = 30;
  private static final int INNER = 64;
  private static final int NARROW = 10;
  private static final int ELEMENTS = 256;

  private final Kernels kernels;

  private WarmUp(Kernels kernels) {
    this.kernels = kernels;
  }

  /** Starts once in the life of the JVM, and only for kernels that need it. */
  static void start(Kernels kernels) {
    if (kernels instanceof VectorKernels && STARTED.compareAndSet(false, true)) {
      Thread.ofPlatform()
          .daemon()
          .priority(Thread.MIN_PRIORITY)
          .name("measureflow-simd-warm-up")
          .start(new WarmUp(kernels));
    }
  }

  @Override
  public void run() {
    long end = System.nanoTime() + MOST_NANOS;
    int width = 2 * kernels.panelWidth(Integer.MAX_VALUE);
    try (var pool = new WorkerPool(1)) {
      var scratch = new Scratch(1);
      float[] a = ones(ROWS * INNER);
      float[] b = ones(INNER * width);
      float[] narrow = ones(INNER * NARROW);
      float[] wide = ones(ROWS * width);
      float[] state = ones(ROWS * width);
      float[][] moments = new float[Op.ReluMoments.MAX_ORDER + 1][ELEMENTS];
      Step[] products = {
        new MatrixProduct(
            kernels,
            pool,
            scratch,
            new MatrixProduct.Factor(a, 1, ROWS, INNER, false),
            new MatrixProduct.Factor(b, 1, width, INNER, true).squared(),
            wide),
        new MatrixProduct(
            kernels,
            pool,
            scratch,
            new MatrixProduct.Factor(a, 1, INNER, ROWS, true),
            new MatrixProduct.Factor(b, 1, INNER, width, false),
            (fromRow, rows, fromColumn, columns, part, offset, stride) -> {
              for (int i = 0; i < rows; i++) {
                int at = (fromRow + i) * width + fromColumn;
                kernels.multiplyByAffine(part, offset + i * stride, state, at, columns, 1, 0);
                kernels.descend(state, at, part, offset + i * stride, columns, 0);
              }
            }),
        new MatrixProduct(
            kernels,
            pool,
            scratch,
            new MatrixProduct.Factor(a, 1, ROWS, INNER, false),
            new MatrixProduct.Factor(narrow, 1, INNER, NARROW, false),
            new float[ROWS * NARROW])
      };
      scratch.allocate();
      for (int round = 0; round < ROUNDS && System.nanoTime() < end; round++) {
        for (Step product : products) {
          product.run();
        }
        kernels.reluMoments(a, b, 0, ELEMENTS, moments);
        kernels.exp(a, 0, ELEMENTS, 0, moments[0], 0);
      }
    }
  }

  private static float[] ones(int size) {
    float[] ones = new float[size];
    Arrays.fill(ones, 1);
    return ones;
  }
}
