package io.measureflow.core.data;

/** Some rows of a table, in table order. It takes little more than one bit per row of the table. */
public final class RowSelection {

  private static final int WORDS = 8;
  private static final int ROWS = WORDS * Long.SIZE;

  private final long[] words;

  /** The number of selected rows before each group of words. */
  private final int[] before;

  private final int size;

  private RowSelection(long[] words) {
    this.words = words;
    before = new int[words.length / WORDS + 1];
    int count = 0;
    for (int i = 0; i < words.length; i++) {
      if (i % WORDS == 0) {
        before[i / WORDS] = count;
      }
      count += Long.bitCount(words[i]);
    }
    if (words.length % WORDS == 0) {
      before[words.length / WORDS] = count;
    }
    size = count;
  }

  /** Collects rows, none at first. */
  static final class Builder {
    private final int rows;
    private final long[] words;

    Builder(int rows) {
      this.rows = rows;
      words = new long[Math.ceilDiv(rows, Long.SIZE)];
    }

    void add(int row) {
      words[row / Long.SIZE] |= 1L << row;
    }

    RowSelection chosen() {
      return new RowSelection(words.clone());
    }

    RowSelection others() {
      long[] complement = new long[words.length];
      for (int i = 0; i < words.length; i++) {
        complement[i] = ~words[i];
      }
      if (rows % Long.SIZE != 0) {
        complement[complement.length - 1] &= (1L << rows) - 1;
      }
      return new RowSelection(complement);
    }
  }

  /** Returns the number of selected rows. */
  public int size() {
    return size;
  }

  /** Returns the number of selected rows before a row. */
  int rank(int row) {
    int word = row / Long.SIZE;
    int rank = before[word / WORDS];
    for (int i = word / WORDS * WORDS; i < word; i++) {
      rank += Long.bitCount(words[i]);
    }
    return row % Long.SIZE == 0 ? rank : rank + Long.bitCount(words[word] & ((1L << row) - 1));
  }

  /**
   * Finds a selected row.
   *
   * @param index its index among the selected rows, from 0 to {@link #size} - 1
   */
  public int row(int index) {
    if (index < 0 || index >= size) {
      throw new IndexOutOfBoundsException("row " + index + " of " + size);
    }
    int low = 0;
    int high = before.length - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (before[middle] <= index) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    int left = index - before[low];
    int word = low * ROWS / Long.SIZE;
    for (int count = Long.bitCount(words[word]);
        count <= left;
        count = Long.bitCount(words[word])) {
      left -= count;
      word++;
    }
    // The position of the bit with that rank among the set bits.
    return word * Long.SIZE + Long.numberOfTrailingZeros(Long.expand(1L << left, words[word]));
  }
}
