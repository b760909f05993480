package io.measureflow.datasets.store;

import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.Table;
import io.measureflow.api.program.Shape;
import io.measureflow.datasets.store.ArrowMemory.Column;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import java.util.Optional;

/**
 * Rows in Arrow vectors.
 *
 * @param features [rows, d]
 * @param targets INT32 [rows] for classes, [rows, p] for real targets
 * @param readiness fills rows on demand
 * @param blocks the number of blocks, equally long except the last
 * @param window about how many rows a random order may mix
 */
public record ArrowTable(
    Column features, Optional<Column> targets, Readiness readiness, int blocks, int window)
    implements Table {

  /** Creates a table whose rows may be read in any order. */
  public ArrowTable(Column features, Optional<Column> targets, Readiness readiness) {
    this(features, targets, readiness, 1, Math.max(1, features.rows()));
  }

  /** Makes sure that rows are filled before they are read. */
  @FunctionalInterface
  public interface Readiness {
    /** All rows are filled from the beginning. */
    Readiness ALWAYS = (order, from, count) -> {};

    /**
     * Waits until the features of rows {@code order[from] .. order[from + count - 1]} are filled.
     */
    void await(int[] order, int from, int count);
  }

  @Override
  public int rows() {
    return features.rows();
  }

  @Override
  public int blockStart(int block) {
    return (int) Math.min(rows(), block * (long) Math.ceilDiv(rows(), blocks));
  }

  @Override
  public Optional<Tensor> whole() {
    if (!readiness.equals(Readiness.ALWAYS) || features.pieces().capacity() != 1) {
      return Optional.empty();
    }
    long bytes = rows() * features.rowBytes();
    return Optional.of(
        new Tensor(
            Shape.of(rows(), features.width()),
            features.type(),
            features.memory().asSlice(features.position(0), bytes)));
  }

  @Override
  public void features(int[] order, int from, Tensor batch) {
    int count = check("Features", features.type(), features.width(), rows(), order, from, batch);
    readiness.await(order, from, count);
    gather(features, order, from, count, batch);
  }

  @Override
  public void targets(int[] order, int from, Tensor batch) {
    Column column =
        targets.orElseThrow(
            () ->
                new IllegalStateException("The rows were loaded for prediction, without targets."));
    int count = check("Targets", column.type(), column.width(), rows(), order, from, batch);
    gather(column, order, from, count, batch);
  }

  /** Returns the number of rows that the batch holds. */
  public static int check(
      String what,
      ElementType type,
      int expectedWidth,
      int rows,
      int[] order,
      int from,
      Tensor batch) {
    int rank = batch.shape().rank();
    int count = rank == 0 ? 0 : batch.shape().dimension(0);
    int width = rank == 2 ? batch.shape().dimension(1) : 1;
    boolean classes = type == ElementType.INT32;
    if (rank != (classes ? 1 : 2)
        || width != expectedWidth
        || classes != (batch.type() == ElementType.INT32)) {
      throw new IllegalArgumentException(
          what
              + ": expected a batch of "
              + (classes ? "shape [B] of INT32" : "shape [B, " + expectedWidth + "] of reals")
              + ", found "
              + batch.shape()
              + " of "
              + batch.type());
    }
    Objects.checkFromIndexSize(from, count, order.length);
    for (int i = from; i < from + count; i++) {
      Objects.checkIndex(order[i], rows);
    }
    return count;
  }

  /** Copies rows of a column into a batch that {@link #check} has checked. */
  public static void gather(Column column, int[] order, int from, int count, Tensor batch) {
    if (column.type() != batch.type()) {
      for (int i = 0; i < count; i++) {
        long position = column.position(order[from + i]);
        convert(column.memory(), column.type(), position, column.width(), batch, i);
      }
      return;
    }
    long rowBytes = column.rowBytes();
    int i = 0;
    while (i < count) {
      long position = column.position(order[from + i]);
      int run = 1;
      while (i + run < count
          && column.position(order[from + i + run]) == position + run * rowBytes) {
        run++;
      }
      MemorySegment.copy(column.memory(), position, batch.memory(), i * rowBytes, run * rowBytes);
      i += run;
    }
  }

  /** Converts a row of reals into row {@code i} of a batch of the other precision. */
  public static void convert(
      MemorySegment source, ElementType type, long position, int width, Tensor batch, int i) {
    MemorySegment target = batch.memory();
    long at = (long) i * width;
    if (type == ElementType.FLOAT32) {
      for (int j = 0; j < width; j++) {
        float value = source.get(ValueLayout.JAVA_FLOAT_UNALIGNED, position + 4L * j);
        target.setAtIndex(ValueLayout.JAVA_DOUBLE, at + j, value);
      }
    } else {
      for (int j = 0; j < width; j++) {
        double value = source.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, position + 8L * j);
        target.setAtIndex(ValueLayout.JAVA_FLOAT, at + j, (float) value);
      }
    }
  }
}
