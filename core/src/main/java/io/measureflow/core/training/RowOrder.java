package io.measureflow.core.training;

import java.util.SplittableRandom;

/** Orders of rows, each a function of a seed alone, so that a resumed run sees the same ones. */
final class RowOrder {

  private RowOrder() {}

  /** 0, 1, ..., rows - 1. */
  static int[] identity(int rows) {
    int[] order = new int[rows];
    for (int i = 0; i < rows; i++) {
      order[i] = i;
    }
    return order;
  }

  /** Shuffles in place (Fisher and Yates), by a stream that belongs to the seed and the epoch. */
  static void shuffle(int[] order, long seed, int epoch) {
    var random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L + epoch);
    for (int i = order.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swap = order[i];
      order[i] = order[j];
      order[j] = swap;
    }
  }
}
