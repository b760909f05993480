package io.measureflow.simd.image;

import static io.measureflow.simd.product.PanelMemory.ALL;

import java.lang.foreign.ValueLayout;

/** Convolutions and pools without vectors. */
final class ScalarImageKernels implements ImageKernels {

  private static final int LANES = 4;
  private static final int WIDTH = 2 * LANES;

  ScalarImageKernels() {}

  @Override
  public int lanes() {
    return LANES;
  }

  private static float load(long address) {
    return ALL.get(ValueLayout.JAVA_FLOAT, address);
  }

  @Override
  public void correlate(
      int rows,
      int depth,
      long[] offsets,
      float[] weights,
      int from,
      long x,
      float[] begin,
      int at,
      int step,
      float[] out,
      int to,
      int stride) {
    for (int r = 0; r < rows; r++) {
      for (int j = 0; j < WIDTH; j++) {
        float sum = begin[at + r * step + j];
        for (int k = 0; k < depth; k++) {
          sum += weights[from + k * WEIGHTS + r] * load(x + offsets[k] + 4L * j);
        }
        out[to + r * stride + j] = sum;
      }
    }
  }

  @Override
  public void gradient(
      int elements,
      int depth,
      long[] offsets,
      int first,
      long x,
      long g,
      float[] sums,
      int at,
      int stride) {
    for (int e = 0; e < elements; e++) {
      for (int j = 0; j < WIDTH; j++) {
        int to = at + e * stride + j;
        float sum = sums[to];
        for (int k = 0; k < depth; k++) {
          sum += load(x + offsets[first + e] + 4L * k) * load(g + 4L * (k * WIDTH + j));
        }
        sums[to] = sum;
      }
    }
  }

  @Override
  public void square(long at, int vectors) {
    for (int i = 0; i < vectors * LANES; i++) {
      float x = load(at + 4L * i);
      ALL.set(ValueLayout.JAVA_FLOAT, at + 4L * i, x * x);
    }
  }

  @Override
  public void copyRuns(float[] source, int from, int step, int count, long to) {
    for (int i = 0; i < count; i++) {
      for (int j = 0; j < WIDTH; j++) {
        float element = source[from + i * step + j];
        ALL.set(ValueLayout.JAVA_FLOAT, to + 4L * (i * WIDTH + j), element);
      }
    }
  }

  @Override
  public void clear(long to, int vectors) {
    for (int i = 0; i < vectors * LANES; i++) {
      ALL.set(ValueLayout.JAVA_FLOAT, to + 4L * i, 0);
    }
  }

  @Override
  public void combine(
      float[] sums,
      int from,
      float[] factor,
      float scale,
      boolean accumulate,
      float[] out,
      int to) {
    for (int j = 0; j < WIDTH; j++) {
      float sum = sums[from + j];
      if (factor.length > 0) {
        sum *= factor[to + j] * scale;
      }
      out[to + j] = accumulate ? out[to + j] + sum : sum;
    }
  }

  @Override
  public void max(float[] a, int[] places, int count, int length, float[] out, int to) {
    for (int j = 0; j < length; j++) {
      float largest = a[places[0] + j];
      for (int k = 1; k < count; k++) {
        largest = Math.max(largest, a[places[k] + j]);
      }
      out[to + j] = largest;
    }
  }

  @Override
  public void maxGradient(
      float[] a, int[] places, int count, int length, float[] g, int from, float[] out) {
    for (int j = 0; j < length; j++) {
      ImageKernels.addToFirst(a, places, count, j, g[from + j], out);
    }
  }
}
