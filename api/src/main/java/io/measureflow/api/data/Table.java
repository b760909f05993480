package io.measureflow.api.data;

import io.measureflow.api.backend.ByteRows;
import io.measureflow.api.backend.Tensor;
import java.util.Optional;

/**
 * Rows of a dataset, with random access. Safe for concurrent reads. Throws {@link
 * IllegalStateException} after the dataset was closed.
 *
 * <p>A table need not be in memory. A table that is read from its file while in use reports by
 * {@link #blocks} which rows are stored together. An order that stays within a {@link #window} of a
 * few blocks at a time reads each block once and keeps a bounded part of the table in memory.
 */
public interface Table {

  /** Returns the number of rows. */
  int rows();

  /**
   * Gathers the features of rows {@code order[from] .. order[from + B - 1]}.
   *
   * @param order row indices, each from 0 to {@link #rows} - 1
   * @param from the position in {@code order} where the batch begins
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
   * Returns all features as bytes [rows, d], if they are stored like that; valid until the dataset
   * is closed. Prefer this to {@link #whole}, which may allocate a float copy.
   */
  default Optional<ByteRows> bytes() {
    return Optional.empty();
  }

  /**
   * Returns all features as one tensor [rows, d], if they are in memory in that form or the first
   * call can put them there; valid until the dataset is closed.
   */
  default Optional<Tensor> whole() {
    return Optional.empty();
  }

  /** Returns the number of blocks of rows stored together; 1 if any order is equally fast. */
  default int blocks() {
    return 1;
  }

  /**
   * Returns the first row of a block.
   *
   * @param block from 0 to {@link #blocks}; for the latter the result is the number of rows
   */
  default int blockStart(int block) {
    return block == 0 ? 0 : rows();
  }

  /** About how many rows a random order may mix, at least 1. Only matters with several blocks. */
  default int window() {
    return Math.max(1, rows());
  }

  /**
   * Returns whether reading is as fast as a copy from memory, so that prefetching gains nothing.
   */
  default boolean inMemory() {
    return true;
  }
}
