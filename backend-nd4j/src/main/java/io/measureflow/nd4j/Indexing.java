package io.measureflow.nd4j;

import java.util.Arrays;

/** Rows chosen by indices. */
final class Indexing {

  private Indexing() {}

  static void check(int[] indices, int limit) {
    for (int i = 0; i < indices.length; i++) {
      if (indices[i] < 0 || indices[i] >= limit) {
        throw new IllegalArgumentException(
            "indices: expected a number from 0 to "
                + (limit - 1)
                + ", found "
                + indices[i]
                + " in row "
                + i);
      }
    }
  }

  static void oneHot(int[] labels, int classes, Memory out) {
    out.fill(0);
    for (int row = 0; row < labels.length; row++) {
      out.set(row * classes + labels[row], 1);
    }
  }

  /** Row i of the result is row {@code indices[i]} of a. */
  static void gather(Memory a, int width, int[] indices, Memory out) {
    for (int i = 0; i < indices.length; i++) {
      for (int j = 0; j < width; j++) {
        out.set(i * width + j, a.get(indices[i] * width + j));
      }
    }
  }

  /**
   * Row j of the result is the sum of the rows i of a with {@code indices[i]} j.
   *
   * @param sums room for the result
   */
  static void scatterAdd(Memory a, int width, int[] indices, double[] sums, Memory out) {
    Arrays.fill(sums, 0);
    for (int i = 0; i < indices.length; i++) {
      for (int j = 0; j < width; j++) {
        sums[indices[i] * width + j] += a.get(i * width + j);
      }
    }
    for (int e = 0; e < sums.length; e++) {
      out.set(e, sums[e]);
    }
  }
}
