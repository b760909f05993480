package io.measureflow.experiments.data;

import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.Table;

/**
 * The first rows of a table.
 *
 * @param table the table
 * @param rows the number of rows
 */
public record FirstRows(Table table, int rows) implements Table {

  /** Returns the first {@code most} rows, or all if there are fewer. */
  public static Table of(Table table, int most) {
    return new FirstRows(table, Math.min(most, table.rows()));
  }

  @Override
  public void features(int[] order, int from, Tensor batch) {
    table.features(order, from, batch);
  }

  @Override
  public void targets(int[] order, int from, Tensor batch) {
    table.targets(order, from, batch);
  }
}
