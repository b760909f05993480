package io.measureflow.api.data;

import io.measureflow.api.backend.ByteRows;
import io.measureflow.api.backend.Tensor;
import java.util.Optional;

/**
 * Rows of a dataset, read at random positions. Reading is safe from several threads at once; use
 * after the dataset was closed throws {@link IllegalStateException}.
 *
 * <p>A table need not be in memory. One that is read from its file while it is used says with
 * {@link #blocks} which rows lie together; who reads it in an order that keeps to a {@link #window}
 * of few blocks at a time has each block read once, and a bounded part of the table in memory.
 */
public interface Table {

  /** The number of rows. */
  int rows();

  /**
   * Gathers the features of rows {@code order[from] .. order[from + B - 1]}.
   *
   * @param order row numbers, each from 0 to {@link #rows} - 1
   * @param from where in {@code order} the batch begins
   * @param batch [B, d], FLOAT32 or FLOAT64, filled row by row
   */
  void features(int[] order, int from, Tensor batch);

  /**
   * Gathers the targets of the same rows.
   *
   * @param batch [B] of INT32 for classes, [B, p] of FLOAT32 or FLOAT64 for real targets
   */
  void targets(int[] order, int from, Tensor batch);

  /**
   * All features as bytes [rows, d], where they lie in memory like that; they stay as they are
   * until the dataset is closed. Who can use these should not ask for {@link #whole}.
   */
  default Optional<ByteRows> bytes() {
    return Optional.empty();
  }

  /**
   * All features as one tensor [rows, d], where they lie in memory like that, or are put there by
   * the first call; it stays as it is until the dataset is closed.
   */
  default Optional<Tensor> whole() {
    return Optional.empty();
  }

  /** The number of blocks of rows that lie together; 1 where any order is as good as another. */
  default int blocks() {
    return 1;
  }

  /**
   * The first row of a block.
   *
   * @param block from 0 to {@link #blocks}, which gives the number of rows
   */
  default int blockStart(int block) {
    return block == 0 ? 0 : rows();
  }

  /** About how many rows an order may mix, at least 1. Matters where there are several blocks. */
  default int window() {
    return Math.max(1, rows());
  }

  /**
   * Whether reading takes no longer than a copy from memory, so that nothing is won by reading
   * ahead.
   */
  default boolean inMemory() {
    return true;
  }
}
