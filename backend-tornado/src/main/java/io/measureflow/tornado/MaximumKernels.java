package io.measureflow.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Maxima over some dimensions, one work item per result, with the parameters of {@link
 * SumKernels#parameters}. A NaN is larger than any number.
 */
final class MaximumKernels {

  private MaximumKernels() {}

  /** Returns whether a is larger than b; a comparison with NaN may come out wrong on a device. */
  static boolean isLarger(float a, float b) {
    if (Float.isNaN(b)) {
      return false;
    }
    if (Float.isNaN(a)) {
      return true;
    }
    return a > b;
  }

  /** Returns the position of the first of the largest elements of result o. */
  private static int first(IntArray p, FloatArray m, int o) {
    int from = SumKernels.origin(p, o);
    int best = from;
    for (int i = 0; i < p.get(8); i++) {
      for (int j = 0; j < p.get(9); j++) {
        for (int k = 0; k < p.get(10); k++) {
          int at = from + i * p.get(12) + j * p.get(13) + k * p.get(14);
          for (int l = 0; l < p.get(11); l++) {
            int here = at + l * p.get(15);
            best = isLarger(m.get(here), m.get(best)) ? here : best;
          }
        }
      }
    }
    return best;
  }

  /** out = the largest elements. */
  static void each(KernelContext c, IntArray p, FloatArray m) {
    each(p, m, c.globalIdx, c.globalGroupSizeX);
  }

  static void each(IntArray p, FloatArray m, int first, int step) {
    for (int o = first; o < p.get(0); o += step) {
      m.set(p.get(17) + o, m.get(first(p, m, o)));
    }
  }

  /** out = 1 where the first of the largest elements are, else 0, in the order of the operand. */
  static void marks(KernelContext c, IntArray p, FloatArray m) {
    marks(p, m, c.globalIdx, c.globalGroupSizeX);
  }

  static void marks(IntArray p, FloatArray m, int first, int step) {
    int distance = p.get(17) - p.get(16);
    for (int o = first; o < p.get(0); o += step) {
      int best = first(p, m, o);
      int from = SumKernels.origin(p, o);
      for (int i = 0; i < p.get(8); i++) {
        for (int j = 0; j < p.get(9); j++) {
          for (int k = 0; k < p.get(10); k++) {
            int at = from + i * p.get(12) + j * p.get(13) + k * p.get(14);
            for (int l = 0; l < p.get(11); l++) {
              int here = at + l * p.get(15);
              m.set(distance + here, here == best ? 1f : 0f);
            }
          }
        }
      }
    }
  }
}
