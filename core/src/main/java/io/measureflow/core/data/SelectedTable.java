package io.measureflow.core.data;

import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.Table;

/** Some of the rows of another table. */
record SelectedTable(Table table, RowSelection selection) implements Table {

  @Override
  public int rows() {
    return selection.size();
  }

  @Override
  public void features(int[] order, int from, Tensor batch) {
    table.features(chosen(order, from, batch), 0, batch);
  }

  @Override
  public void targets(int[] order, int from, Tensor batch) {
    table.targets(chosen(order, from, batch), 0, batch);
  }

  private int[] chosen(int[] order, int from, Tensor batch) {
    int[] rows = new int[batch.shape().dimension(0)];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = selection.row(order[from + i]);
    }
    return rows;
  }

  @Override
  public int blocks() {
    return table.blocks();
  }

  @Override
  public int blockStart(int block) {
    return block == table.blocks() ? rows() : selection.rank(table.blockStart(block));
  }

  @Override
  public int window() {
    return Math.max(1, (int) ((double) table.window() * rows() / Math.max(1, table.rows())));
  }

  @Override
  public boolean inMemory() {
    return table.inMemory();
  }
}
