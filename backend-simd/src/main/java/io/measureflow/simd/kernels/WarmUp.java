package io.measureflow.simd.kernels;

import io.measureflow.simd.product.ProductWarmUp;

/**
 * Calls the kernels of a training step on very little data, so that the JVM compiles them before
 * the first step: until a kernel is compiled its vectors are objects, and it is a hundred times
 * slower.
 *
 * <p>Products come first, with as many calls as compilation takes ({@link ProductWarmUp}). The few
 * calls of the other kernels take a JVM that compiles them at their first calls (the launcher's
 * {@code CompileThresholdScaling}); in others they have no effect. The thread sleeps between these,
 * to leave the processor to the compiler. Every kernel is called in all its variants, as one
 * compiled only for the first of them would be compiled again.
 */
public final class WarmUp implements Runnable {

  /** Calls until the JVM's first compiler is done with a kernel, and some more for the second. */
  private static final int ROUNDS = 30;

  private static final int PAUSE_MILLIS = 10;

  /** Sums so short that a kernel is compiled as a whole before its loop is on its own. */
  private static final int INNER = 4;

  private final Kernels kernels;
  private final int width;
  private final float[] left;
  private final float[] right;
  private final float[] out;
  private final float[][] moments;

  public WarmUp(Kernels kernels) {
    this.kernels = kernels;
    width = 2 * kernels.products().lanes();
    int size = 16 * width;
    left = new float[size];
    right = new float[size];
    out = new float[size];
    moments = new float[][] {out, out, out, out, out};
  }

  @Override
  public void run() {
    ProductWarmUp.run(kernels.products());
    try {
      for (int round = 0; round < ROUNDS; round++) {
        call(1 + round % 8, round % 2 == 1);
        Thread.sleep(PAUSE_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * @param rows the number of elements beyond whole vectors
   * @param again whether sums continue from earlier ones
   */
  private void call(int rows, boolean again) {
    kernels.reluMoments(left, right, 0, width + rows, moments);
    kernels.exp(left, 0, width + rows, out);
    kernels.heaviside(left, 0, width + rows, out);
    kernels.multiplyElementwise(left, right, 0, width + rows, out);
    kernels.select(left, right, left, 0, width + rows, out);
    kernels.flush(out, 0, width + rows, Float.MIN_NORMAL);
    kernels.repeatEach(left, 0, rows, 8, out, 0);
    kernels.sumRows(left, 0, width, rows, out, 0, width, again);
    kernels.descend(out, 0, right, 0, width + rows, 0);
    kernels.multiplyByAffine(out, 0, right, 0, width + rows, 1, 0);
    // Of predictions of few rows alone.
    kernels.dotRows(left, 0, width + rows, right, 0, INNER + 1, again, out, 0);
    kernels.combineRows(left, 0, INNER, right, 0, width, width + rows, out, 0);
  }
}
