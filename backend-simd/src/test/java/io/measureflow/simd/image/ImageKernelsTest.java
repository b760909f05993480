package io.measureflow.simd.image;

import static io.measureflow.simd.product.PanelMemory.ALL;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.measureflow.simd.product.PanelMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The loops of convolutions and pools, of both kinds, against sums in float64. */
class ImageKernelsTest {

  private static final ImageKernels[] KINDS = {ImageKernels.vector(), ImageKernels.scalar()};
  private static final int DEPTH = 7;

  private final SplittableRandom random = new SplittableRandom(4);

  private float[] numbers(int count) {
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = (float) random.nextDouble(-1, 1);
    }
    return numbers;
  }

  private static long copy(float[] numbers, Arena arena) {
    long address = PanelMemory.allocate(arena, numbers.length).address();
    for (int i = 0; i < numbers.length; i++) {
      ALL.set(ValueLayout.JAVA_FLOAT, address + 4L * i, numbers[i]);
    }
    return address;
  }

  private static void assertClose(double expected, float found, String what) {
    if (!(Math.abs(expected - found) <= 1e-5)) {
      assertEquals(expected, found, what);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6})
  void sumsOfTilesAreExact(int rows) {
    for (ImageKernels kernels : KINDS) {
      int width = 2 * kernels.lanes();
      try (Arena arena = Arena.ofConfined()) {
        float[] x = numbers(DEPTH * 3 + width);
        long[] offsets = new long[DEPTH];
        for (int k = 0; k < DEPTH; k++) {
          offsets[k] = 12L * k;
        }
        float[] weights = numbers(5 + DEPTH * ImageKernels.WEIGHTS);
        float[] begin = numbers(3 + rows * width);
        float[] out = new float[1 + rows * (width + 2)];
        long at = copy(x, arena);
        kernels.correlate(rows, DEPTH, offsets, weights, 5, at, begin, 3, width, out, 1, width + 2);
        for (int r = 0; r < rows; r++) {
          for (int j = 0; j < width; j++) {
            double sum = begin[3 + r * width + j];
            for (int k = 0; k < DEPTH; k++) {
              sum += (double) weights[5 + k * ImageKernels.WEIGHTS + r] * x[3 * k + j];
            }
            assertClose(sum, out[1 + r * (width + 2) + j], kernels + " " + rows + " rows");
          }
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6})
  void gradientsAreAddedToWhatIsThere(int elements) {
    for (ImageKernels kernels : KINDS) {
      int width = 2 * kernels.lanes();
      try (Arena arena = Arena.ofConfined()) {
        float[] x = numbers(DEPTH + 20);
        float[] g = numbers(DEPTH * width);
        long[] offsets = {0, 0, 8, 20, 24, 48, 60, 64};
        float[] before = numbers(2 + elements * (width + 1));
        float[] sums = before.clone();
        kernels.gradient(
            elements, DEPTH, offsets, 2, copy(x, arena), copy(g, arena), sums, 2, width + 1);
        for (int e = 0; e < elements; e++) {
          for (int j = 0; j < width; j++) {
            int to = 2 + e * (width + 1) + j;
            double sum = before[to];
            for (int k = 0; k < DEPTH; k++) {
              sum += (double) x[(int) offsets[2 + e] / 4 + k] * g[k * width + j];
            }
            assertClose(sum, sums[to], kernels + " " + elements + " elements");
          }
        }
      }
    }
  }

  @Test
  void runsAreCopiedClearedAndSquared() {
    for (ImageKernels kernels : KINDS) {
      int lanes = kernels.lanes();
      try (Arena arena = Arena.ofConfined()) {
        float[] source = numbers(3 + 4 * (2 * lanes + 5));
        long to = copy(numbers(8 * lanes), arena);
        kernels.copyRuns(source, 3, 2 * lanes + 5, 4, to);
        kernels.clear(to + 8L * lanes, 2);
        kernels.square(to + 16L * lanes, 2);
        for (int i = 0; i < 8 * lanes; i++) {
          float copied = source[3 + i / (2 * lanes) * (2 * lanes + 5) + i % (2 * lanes)];
          int run = i / (2 * lanes);
          float expected = run == 1 ? 0 : run == 2 ? copied * copied : copied;
          assertEquals(expected, ALL.get(ValueLayout.JAVA_FLOAT, to + 4L * i));
        }
      }
    }
  }

  @Test
  void combinationsTakeFactorsAndWhatIsThere() {
    for (ImageKernels kernels : KINDS) {
      int width = 2 * kernels.lanes();
      float[] sums = numbers(1 + width);
      float[] factor = numbers(2 + width);
      for (boolean accumulate : new boolean[] {false, true}) {
        float[] before = numbers(2 + width);
        float[] out = before.clone();
        kernels.combine(sums, 1, factor, 3, accumulate, out, 2);
        float[] plain = before.clone();
        kernels.combine(sums, 1, new float[0], 3, accumulate, plain, 2);
        for (int j = 0; j < width; j++) {
          double begin = accumulate ? before[2 + j] : 0;
          assertClose(begin + 3.0 * factor[2 + j] * sums[1 + j], out[2 + j], "with a factor");
          assertClose(begin + sums[1 + j], plain[2 + j], "without");
        }
      }
    }
  }

  @Test
  void poolsTakeTheFirstOfTheLargest() {
    for (ImageKernels kernels : KINDS) {
      int length = 3 * kernels.lanes() + 1;
      float[] a = numbers(4 * length);
      a[1] = Float.NaN;
      a[length + 2] = Float.NaN;
      a[2 * length + 2] = Float.NaN;
      a[3] = 2;
      a[2 * length + 3] = 2;
      int[] places = {0, length, 2 * length, 3 * length, 0};
      float[] largest = new float[length];
      kernels.max(a, places, 4, length, largest, 0);
      float[] g = numbers(length);
      float[] before = numbers(4 * length);
      float[] out = before.clone();
      kernels.maxGradient(a, places, 4, length, g, 0, out);
      for (int j = 0; j < length; j++) {
        int first = 0;
        for (int k = 1; k < 4; k++) {
          float here = a[k * length + j];
          float best = a[first * length + j];
          first = here > best || (Float.isNaN(here) && !Float.isNaN(best)) ? k : first;
        }
        assertEquals(a[first * length + j], largest[j]);
        for (int k = 0; k < 4; k++) {
          float expected = before[k * length + j] + (k == first ? g[j] : 0);
          assertEquals(expected, out[k * length + j]);
        }
      }
    }
  }
}
