package io.measureflow.core.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.Table;
import java.util.Arrays;
import java.util.HashSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RowOrderTest {

  /** Rows without content. */
  private record Empty(int rows, int blockRows, int window) implements Table {

    @Override
    public void features(int[] order, int from, Tensor batch) {}

    @Override
    public void targets(int[] order, int from, Tensor batch) {}

    @Override
    public int blocks() {
      return Math.ceilDiv(rows, blockRows);
    }

    @Override
    public int blockStart(int block) {
      return Math.min(rows, block * blockRows);
    }
  }

  private static int[] all(RowOrder order, int rows, int batch) {
    int[] found = new int[rows];
    int[] chosen = new int[batch];
    for (int from = 0; from < rows; from += batch) {
      int count = Math.min(batch, rows - from);
      order.next(chosen, count);
      System.arraycopy(chosen, 0, found, from, count);
    }
    return found;
  }

  @ParameterizedTest
  @CsvSource({
    "1000, 1000, 1000, 32",
    "1000, 100, 250, 32",
    "1000, 100, 1, 7",
    "999, 10, 5000, 64",
    "5, 1, 2, 3",
    "1, 1, 1, 1"
  })
  void everyRowComesOnceInAnOrderOfItsOwnForEachEpoch(
      int rows, int blockRows, int window, int batch) {
    var table = new Empty(rows, blockRows, window);
    int[] first = all(RowOrder.shuffled(table, 3, 1), rows, batch);
    int[] sorted = first.clone();
    Arrays.sort(sorted);
    assertArrayEquals(IntStream.range(0, rows).toArray(), sorted);
    // The batch size has no influence.
    assertArrayEquals(first, all(RowOrder.shuffled(table, 3, 1), rows, 1));
    if (rows > 100) {
      assertFalse(Arrays.equals(first, all(RowOrder.shuffled(table, 3, 2), rows, batch)));
      assertFalse(Arrays.equals(first, all(RowOrder.shuffled(table, 4, 1), rows, batch)));
    }
  }

  @Test
  void anOrderKeepsToAWindowOfBlocks() {
    var table = new Empty(10_000, 100, 450);
    int[] order = all(RowOrder.shuffled(table, 9, 1), 10_000, 128);
    var ordersOfBlocks = new HashSet<Integer>();
    for (int from = 0; from < 10_000; from += 500) {
      // 450 rows are in five blocks of 100.
      var blocks = new HashSet<Integer>();
      boolean ascending = true;
      for (int i = from; i < from + 500; i++) {
        blocks.add(order[i] / 100);
        ascending &= i == from || order[i] > order[i - 1];
      }
      assertEquals(5, blocks.size());
      assertFalse(ascending);
      assertTrue(ordersOfBlocks.addAll(blocks));
    }
    assertEquals(100, ordersOfBlocks.size());
  }

  @Test
  void aSequentialOrderCounts() {
    assertArrayEquals(IntStream.range(0, 77).toArray(), all(RowOrder.sequential(), 77, 10));
  }
}
