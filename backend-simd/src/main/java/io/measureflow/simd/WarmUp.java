package io.measureflow.simd;

/**
 * Calls the kernels that a training step needs with hardly any work, so that the JVM compiles them
 * before the first step: a kernel that is not compiled computes with vectors that are objects, a
 * hundred times slower.
 *
 * <p>That takes a JVM which compiles them at their first calls (the launcher's {@code
 * CompileThresholdScaling}); to others these few calls mean nothing. Between the calls the thread
 * sleeps: the compiler, not the kernels, shall have the processor. Every kernel is called in all
 * its ways, as one that was compiled for the first of them would be compiled again.
 */
final class WarmUp implements Runnable {

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

  WarmUp(Kernels kernels) {
    this.kernels = kernels;
    width = kernels.panelWidth(Integer.MAX_VALUE);
    int size = 2 * kernels.tileRows() * width;
    left = new float[size];
    right = new float[size];
    out = new float[size];
    moments = new float[][] {out, out, out, out, out};
  }

  @Override
  public void run() {
    try {
      for (int round = 0; round < ROUNDS; round++) {
        call(1 + round % kernels.tileRows(), round % 2 == 1);
        Thread.sleep(PAUSE_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * @param rows of a tile
   * @param again whether sums go on from those before
   */
  private void call(int rows, boolean again) {
    int tileRows = kernels.tileRows();
    kernels.multiply(rows, width, INNER, left, 0, INNER, right, 0, out, 0, width, again);
    if (kernels.takesTransposed()) {
      kernels.descendTransposed(
          tileRows, INNER, left, 0, tileRows, right, 0, out, 0, width, again, right, 0, left, 0, 0,
          1);
    }
    kernels.dotRows(left, 0, width + rows, right, 0, INNER + 1, again, out, 0);
    kernels.combineRows(left, 0, INNER, right, 0, width, width + rows, out, 0);
    kernels.reluMoments(left, right, 0, width + rows, moments);
    kernels.exp(left, 0, width + rows, out);
    kernels.heaviside(left, 0, width + rows, out);
    kernels.multiplyElementwise(left, right, 0, width + rows, out);
    kernels.flush(out, 0, width + rows, Float.MIN_NORMAL);
    kernels.repeatEach(left, 0, rows, tileRows, out, 0);
    kernels.sumRows(left, 0, width, rows, out, 0, width, again);
    kernels.copy(left, 0, width, rows, width, out, 0, width);
    kernels.copy(left, 0, width, rows, rows, out, 0, width);
  }
}
