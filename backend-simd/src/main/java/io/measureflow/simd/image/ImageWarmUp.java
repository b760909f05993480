package io.measureflow.simd.image;

import static io.measureflow.simd.product.ProductWarmUp.untilCompiled;

import io.measureflow.simd.product.PanelMemory;
import java.lang.foreign.Arena;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Runs the loops of convolutions on very little data until the JVM has compiled them, before the
 * first program with images runs: until then their vectors are objects, and they are a hundred
 * times slower.
 */
public final class ImageWarmUp {

  private static final int DEPTH = 4;

  private static final AtomicBoolean DONE = new AtomicBoolean();

  private ImageWarmUp() {}

  /** Runs the kernels until they are compiled, once for all programs of a JVM. */
  public static void run(ImageKernels kernels) {
    if (DONE.getAndSet(true)) {
      return;
    }
    int width = 2 * kernels.lanes();
    float[] sums = new float[ImageKernels.ROWS * width];
    float[] weights = new float[DEPTH * ImageKernels.WEIGHTS];
    float[] begin = new float[width];
    int[] places = {0, width, 2 * width, 3 * width};
    try (Arena arena = Arena.ofConfined()) {
      long x = PanelMemory.allocate(arena, (long) ImageKernels.ROWS * width).address();
      long[] offsets = new long[ImageKernels.ROWS];
      for (int k = 0; k < offsets.length; k++) {
        offsets[k] = (long) Float.BYTES * k * width;
      }
      for (int rows = ImageKernels.ROWS; rows > 0; rows--) {
        int r = rows;
        untilCompiled(
            call ->
                kernels.correlate(r, DEPTH, offsets, weights, 0, x, begin, 0, 0, sums, 0, width));
        untilCompiled(call -> kernels.gradient(r, DEPTH, offsets, 0, x, x, sums, 0, width));
      }
      untilCompiled(call -> kernels.square(x, 2 * DEPTH));
      untilCompiled(call -> kernels.copyRuns(sums, 0, width, 2, x));
      untilCompiled(call -> kernels.clear(x, 2 * DEPTH));
      untilCompiled(call -> kernels.combine(sums, 0, sums, 1, call % 2 == 1, sums, 0));
      untilCompiled(call -> kernels.max(sums, places, 4, width + call % 2, sums, 4 * width));
      untilCompiled(
          call -> kernels.maxGradient(sums, places, 4, width + call % 2, sums, 4 * width, sums));
    }
  }
}
