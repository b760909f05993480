package io.measureflow.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Rows chosen by indices, which have been checked: one work item per element of the result. */
final class IndexKernels {

  private IndexKernels() {}

  /**
   * Returns the parameters of all these kernels.
   *
   * @param n the number of elements of the result
   * @param width the length of its rows
   * @param count the number of indices
   */
  static int[] parameters(int n, int width, int count, int a, int out) {
    return new int[] {n, width, count, a, out};
  }

  /** out = a 1 in the column of each label. */
  static void oneHot(KernelContext c, IntArray p, FloatArray m, IntArray labels) {
    oneHot(p, m, labels, c.globalIdx, c.globalGroupSizeX);
  }

  static void oneHot(IntArray p, FloatArray m, IntArray labels, int first, int step) {
    int width = p.get(1);
    for (int i = first; i < p.get(0); i += step) {
      int row = i / width;
      m.set(p.get(4) + i, labels.get(row) == i - row * width ? 1f : 0f);
    }
  }

  /** out = the rows of a at the indices. */
  static void gather(KernelContext c, IntArray p, FloatArray m, IntArray indices) {
    gather(p, m, indices, c.globalIdx, c.globalGroupSizeX);
  }

  static void gather(IntArray p, FloatArray m, IntArray indices, int first, int step) {
    int width = p.get(1);
    for (int i = first; i < p.get(0); i += step) {
      int row = i / width;
      m.set(p.get(4) + i, m.get(p.get(3) + indices.get(row) * width + (i - row * width)));
    }
  }

  /** out = for each row the sum of those rows of a that have its index. */
  static void scatterAdd(KernelContext c, IntArray p, FloatArray m, IntArray indices) {
    scatterAdd(p, m, indices, c.globalIdx, c.globalGroupSizeX);
  }

  static void scatterAdd(IntArray p, FloatArray m, IntArray indices, int first, int step) {
    int width = p.get(1);
    for (int i = first; i < p.get(0); i += step) {
      int row = i / width;
      int from = p.get(3) + i - row * width;
      float sum = 0;
      float lost = 0;
      for (int j = 0; j < p.get(2); j++) {
        if (indices.get(j) == row) {
          float term = m.get(from + j * width) - lost;
          float next = sum + term;
          lost = next - sum - term;
          sum = next;
        }
      }
      m.set(p.get(4) + i, sum);
    }
  }
}
