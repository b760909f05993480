package io.measureflow.core.training;

import io.measureflow.api.data.Table;
import java.util.SplittableRandom;

/**
 * The order in which a pass visits the rows of a table. It depends only on table, seed and epoch,
 * so that a resumed run sees the same one.
 */
interface RowOrder {

  /** Writes the next {@code count} row indices to the beginning of {@code rows}. */
  void next(int[] rows, int count);

  /** 0, 1, 2, ... */
  static RowOrder sequential() {
    int[] next = {0};
    return (rows, count) -> {
      for (int i = 0; i < count; i++) {
        rows[i] = next[0]++;
      }
    };
  }

  /**
   * Returns a random order determined by the seed and the epoch. Any row may come at any place; for
   * a table with several blocks, the blocks come in a random order and rows are shuffled within a
   * window of blocks.
   */
  static RowOrder shuffled(Table table, long seed, int epoch) {
    var random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L + epoch);
    if (table.blocks() > 1) {
      return new Windows(table, random);
    }
    int[] order = identity(table.rows());
    shuffle(order, order.length, random);
    int[] next = {0};
    return (rows, count) -> {
      System.arraycopy(order, next[0], rows, 0, count);
      next[0] += count;
    };
  }

  private static int[] identity(int count) {
    int[] order = new int[count];
    for (int i = 0; i < count; i++) {
      order[i] = i;
    }
    return order;
  }

  /** Shuffles in place (Fisher-Yates). */
  private static void shuffle(int[] order, int count, SplittableRandom random) {
    for (int i = count - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swap = order[i];
      order[i] = order[j];
      order[j] = swap;
    }
  }

  /** Blocks in random order, and rows in random order within a window of blocks. */
  final class Windows implements RowOrder {

    private final Table table;
    private final SplittableRandom random;
    private final int[] blocks;
    private int nextBlock;
    private int[] window = new int[0];
    private int filled;
    private int taken;

    private Windows(Table table, SplittableRandom random) {
      this.table = table;
      this.random = random;
      blocks = identity(table.blocks());
      shuffle(blocks, blocks.length, random);
    }

    @Override
    public void next(int[] rows, int count) {
      for (int done = 0; done < count; ) {
        if (taken == filled) {
          fill();
        }
        int n = Math.min(count - done, filled - taken);
        System.arraycopy(window, taken, rows, done, n);
        taken += n;
        done += n;
      }
    }

    private void fill() {
      int end = nextBlock;
      int size = 0;
      while (end < blocks.length && size < table.window()) {
        size += size(blocks[end++]);
      }
      if (size == 0) {
        throw new IllegalStateException("The order is exhausted.");
      }
      if (window.length < size) {
        window = new int[size];
      }
      filled = 0;
      for (; nextBlock < end; nextBlock++) {
        int first = table.blockStart(blocks[nextBlock]);
        for (int i = size(blocks[nextBlock]); i > 0; i--) {
          window[filled++] = first++;
        }
      }
      shuffle(window, filled, random);
      taken = 0;
    }

    private int size(int block) {
      return table.blockStart(block + 1) - table.blockStart(block);
    }
  }
}
