package io.measureflow.datasets;

import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.Table;
import io.measureflow.datasets.ArrowMemory.Column;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import java.util.Optional;

/**
 * Rows in Arrow vectors.
 *
 * @param features [rows, d]
 * @param targets INT32 [rows] for classes, [rows, p] for real targets
 * @param readiness makes rows ready that are filled on demand
 */
record ArrowTable(Column features, Optional<Column> targets, Readiness readiness) implements Table {

  /** Makes sure that rows are filled before they are read. */
  @FunctionalInterface
  interface Readiness {
    /** All rows are there from the beginning. */
    Readiness ALWAYS = (order, from, count) -> {};

    /**
     * Returns when the features of rows {@code order[from] .. order[from + count - 1]} are there.
     */
    void await(int[] order, int from, int count);
  }

  @Override
  public int rows() {
    return features.rows();
  }

  @Override
  public void features(int[] order, int from, Tensor batch) {
    int count = check("Features", features, order, from, batch);
    readiness.await(order, from, count);
    gather(features, order, from, count, batch);
  }

  @Override
  public void targets(int[] order, int from, Tensor batch) {
    Column column =
        targets.orElseThrow(
            () ->
                new IllegalStateException("The rows were loaded for prediction, without targets."));
    gather(column, order, from, check("Targets", column, order, from, batch), batch);
  }

  /** Returns the number of rows that the batch holds. */
  private static int check(String what, Column column, int[] order, int from, Tensor batch) {
    int rank = batch.shape().rank();
    int count = rank == 0 ? 0 : batch.shape().dimension(0);
    int width = rank == 2 ? batch.shape().dimension(1) : 1;
    boolean classes = column.type() == ElementType.INT32;
    if (rank != (classes ? 1 : 2)
        || width != column.width()
        || classes != (batch.type() == ElementType.INT32)) {
      throw new IllegalArgumentException(
          what
              + ": expected a batch of "
              + (classes ? "shape [B] of INT32" : "shape [B, " + column.width() + "] of reals")
              + ", found "
              + batch.shape()
              + " of "
              + batch.type());
    }
    Objects.checkFromIndexSize(from, count, order.length);
    for (int i = from; i < from + count; i++) {
      Objects.checkIndex(order[i], column.rows());
    }
    return count;
  }

  private static void gather(Column column, int[] order, int from, int count, Tensor batch) {
    long rowBytes = column.rowBytes();
    if (column.type() != batch.type()) {
      for (int i = 0; i < count; i++) {
        convert(column, order[from + i], batch, (long) i * column.width());
      }
      return;
    }
    int i = 0;
    while (i < count) {
      int first = order[from + i];
      int run = 1;
      while (i + run < count && order[from + i + run] == first + run) {
        run++;
      }
      MemorySegment.copy(
          column.memory(), first * rowBytes, batch.memory(), i * rowBytes, run * rowBytes);
      i += run;
    }
  }

  private static void convert(Column column, int row, Tensor batch, long at) {
    MemorySegment source = column.memory();
    MemorySegment target = batch.memory();
    long first = (long) row * column.width();
    if (batch.type() == ElementType.FLOAT64) {
      for (int j = 0; j < column.width(); j++) {
        target.setAtIndex(
            ValueLayout.JAVA_DOUBLE, at + j, source.getAtIndex(ValueLayout.JAVA_FLOAT, first + j));
      }
    } else {
      for (int j = 0; j < column.width(); j++) {
        target.setAtIndex(
            ValueLayout.JAVA_FLOAT,
            at + j,
            (float) source.getAtIndex(ValueLayout.JAVA_DOUBLE, first + j));
      }
    }
  }
}
