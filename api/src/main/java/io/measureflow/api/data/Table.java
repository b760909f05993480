package io.measureflow.api.data;

import io.measureflow.api.backend.Tensor;

/**
 * Rows of a dataset, read at random positions. Reading is safe from several threads at once; use
 * after the dataset was closed throws {@link IllegalStateException}.
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
}
