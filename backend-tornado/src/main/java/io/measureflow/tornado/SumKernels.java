package io.measureflow.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Sums over some dimensions, in an order that depends only on shapes and grid. Every sequential sum
 * uses Kahan's compensation, so that long sums in float are as accurate as short ones.
 */
final class SumKernels {

  /** The work items that share a sum in {@link #groups}; a power of 2. */
  static final int GROUP = 64;

  private SumKernels() {}

  /**
   * Returns the parameters of a sum.
   *
   * @param outSizes the four dimensions of the result
   * @param outStrides the operand's strides along each of them
   * @param sizes the four dimensions that are summed over
   * @param strides the operand's strides along each of those
   * @param a the offset of the operand
   * @param out the offset of the result
   * @param scale the offset of the factor of each sum
   */
  static int[] parameters(
      int[] outSizes, int[] outStrides, int[] sizes, int[] strides, int a, int out, int scale) {
    return new int[] {
      outSizes[0] * outSizes[1] * outSizes[2] * outSizes[3],
      outSizes[1],
      outSizes[2],
      outSizes[3],
      outStrides[0],
      outStrides[1],
      outStrides[2],
      outStrides[3],
      sizes[0],
      sizes[1],
      sizes[2],
      sizes[3],
      strides[0],
      strides[1],
      strides[2],
      strides[3],
      a,
      out,
      scale
    };
  }

  /** Returns the position of the first element of result o. */
  static int origin(IntArray p, int o) {
    int row = o / p.get(3);
    int next = row / p.get(2);
    int outer = next / p.get(1);
    return p.get(16)
        + outer * p.get(4)
        + (next - outer * p.get(1)) * p.get(5)
        + (row - next * p.get(2)) * p.get(6)
        + (o - row * p.get(3)) * p.get(7);
  }

  /** One work item per result. */
  static void each(KernelContext c, IntArray p, FloatArray m) {
    each(p, m, c.globalIdx, c.globalGroupSizeX);
  }

  static void each(IntArray p, FloatArray m, int first, int step) {
    float scale = m.get(p.get(18));
    for (int o = first; o < p.get(0); o += step) {
      int from = origin(p, o);
      float sum = 0;
      float lost = 0;
      for (int i = 0; i < p.get(8); i++) {
        for (int j = 0; j < p.get(9); j++) {
          for (int k = 0; k < p.get(10); k++) {
            int at = from + i * p.get(12) + j * p.get(13) + k * p.get(14);
            for (int l = 0; l < p.get(11); l++) {
              float term = m.get(at + l * p.get(15)) - lost;
              float next = sum + term;
              lost = next - sum - term;
              sum = next;
            }
          }
        }
      }
      m.set(p.get(17) + o, sum * scale);
    }
  }

  /** A group of {@value #GROUP} work items per result. */
  static void groups(KernelContext c, IntArray p, FloatArray m) {
    groups(c, p, m, c.groupIdx, c.globalGroupSizeX / c.localGroupSizeX, c.localIdx);
  }

  static void groups(KernelContext c, IntArray p, FloatArray m, int group, int groups, int local) {
    float[] partial = c.allocateFloatLocalArray(GROUP);
    float scale = m.get(p.get(18));
    int terms = p.get(8) * p.get(9) * p.get(10) * p.get(11);
    for (int o = group; o < p.get(0); o += groups) {
      int from = origin(p, o);
      float sum = 0;
      float lost = 0;
      for (int r = local; r < terms; r += GROUP) {
        int row = r / p.get(11);
        int middle = row / p.get(10);
        int outer = middle / p.get(9);
        int at =
            from
                + outer * p.get(12)
                + (middle - outer * p.get(9)) * p.get(13)
                + (row - middle * p.get(10)) * p.get(14)
                + (r - row * p.get(11)) * p.get(15);
        float term = m.get(at) - lost;
        float next = sum + term;
        lost = next - sum - term;
        sum = next;
      }
      partial[local] = sum;
      c.localBarrier();
      for (int half = GROUP / 2; half > 0; half = half / 2) {
        if (local < half) {
          partial[local] = partial[local] + partial[local + half];
        }
        c.localBarrier();
      }
      if (local == 0) {
        m.set(p.get(17) + o, partial[0] * scale);
      }
      c.localBarrier();
    }
  }

  /** Returns the parameters of the sums of n consecutive elements, {@code chunk} at a time. */
  static int[] chunks(int n, int chunk, int a, int out) {
    return new int[] {n, chunk, a, out};
  }

  /** For processors: one work item per chunk, with 16 sums at once as vector instructions. */
  static void chunks(KernelContext c, IntArray p, FloatArray m) {
    chunks(c, p, m, c.globalIdx, c.globalGroupSizeX);
  }

  static void chunks(KernelContext c, IntArray p, FloatArray m, int first, int step) {
    float[] sums = c.allocateFloatLocalArray(16);
    float[] lost = c.allocateFloatLocalArray(16);
    int n = p.get(0);
    int chunk = p.get(1);
    int parts = (n + chunk - 1) / chunk;
    for (int part = first; part < parts; part += step) {
      int from = part * chunk;
      int to = from + chunk < n ? from + chunk : n;
      for (int lane = 0; lane < 16; lane++) {
        sums[lane] = 0;
        lost[lane] = 0;
      }
      int at = from;
      for (; at + 16 <= to; at += 16) {
        for (int lane = 0; lane < 16; lane++) {
          float term = m.get(p.get(2) + at + lane) - lost[lane];
          float next = sums[lane] + term;
          lost[lane] = next - sums[lane] - term;
          sums[lane] = next;
        }
      }
      float sum = 0;
      for (; at < to; at++) {
        sum += m.get(p.get(2) + at);
      }
      for (int lane = 0; lane < 16; lane++) {
        sum += sums[lane];
      }
      m.set(p.get(3) + part, sum);
    }
  }
}
