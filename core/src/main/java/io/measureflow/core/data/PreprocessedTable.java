package io.measureflow.core.data;

import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.Table;
import io.measureflow.api.program.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A table whose features are filled and standardised as they are gathered, and whose real targets
 * are standardised, in float64 before anything is rounded.
 */
final class PreprocessedTable implements Table {

  /** Up to this many numbers are kept as they become, so that they become so once. */
  private static final long MOST_KEPT = 1L << 26;

  private static final int BATCH = 1 << 10;

  private final Table table;
  private final FeatureTransform features;
  private final FeatureTransform targets;
  private final int width;
  private final Precision precision;
  private @Nullable Tensor whole;

  /**
   * @param precision the precision that the features are wanted in
   */
  PreprocessedTable(
      Table table,
      FeatureTransform features,
      FeatureTransform targets,
      int width,
      Precision precision) {
    this.table = table;
    this.features = features;
    this.targets = targets;
    this.width = width;
    this.precision = precision;
  }

  @Override
  public int rows() {
    return table.rows();
  }

  /** Gathers some rows of a table. */
  @FunctionalInterface
  private interface Gathering {
    void gather(int[] order, int from, Tensor batch);
  }

  @Override
  public void features(int[] order, int from, Tensor batch) {
    gather(table::features, features, order, from, batch);
  }

  @Override
  public void targets(int[] order, int from, Tensor batch) {
    gather(table::targets, targets, order, from, batch);
  }

  private static void gather(
      Gathering source, FeatureTransform transform, int[] order, int from, Tensor batch) {
    if (transform.isIdentity() || batch.type() == ElementType.INT32) {
      source.gather(order, from, batch);
      return;
    }
    int rows = batch.shape().dimension(0);
    int width = batch.shape().dimension(1);
    double[] row = new double[width];
    double[] exact = new double[Math.min(rows, BATCH) * width];
    for (int done = 0; done < rows; done += BATCH) {
      int count = Math.min(BATCH, rows - done);
      MemorySegment memory =
          MemorySegment.ofArray(exact).asSlice(0, (long) count * width * Double.BYTES);
      source.gather(
          order, from + done, new Tensor(Shape.of(count, width), ElementType.FLOAT64, memory));
      for (int i = 0; i < count; i++) {
        System.arraycopy(exact, i * width, row, 0, width);
        transform.apply(row);
        put(row, batch, (long) (done + i) * width);
      }
    }
  }

  private static void put(double[] row, Tensor batch, long at) {
    MemorySegment memory = batch.memory();
    if (batch.type() == ElementType.FLOAT64) {
      MemorySegment.copy(row, 0, memory, ValueLayout.JAVA_DOUBLE, at * Double.BYTES, row.length);
    } else {
      for (int j = 0; j < row.length; j++) {
        memory.setAtIndex(ValueLayout.JAVA_FLOAT, at + j, (float) row[j]);
      }
    }
  }

  @Override
  public synchronized Optional<Tensor> whole() {
    if (whole == null) {
      if (!table.inMemory() || (long) rows() * width > MOST_KEPT) {
        return Optional.empty();
      }
      ElementType type = precision.elementType();
      MemorySegment memory =
          Arena.ofAuto().allocate(Math.max(1, (long) rows() * width * type.bytes()), 64);
      var all =
          new Tensor(
              Shape.of(rows(), width),
              type,
              memory.asSlice(0, (long) rows() * width * type.bytes()));
      int[] order = new int[rows()];
      for (int i = 0; i < order.length; i++) {
        order[i] = i;
      }
      features(order, 0, all);
      whole = all;
    }
    return Optional.of(whole);
  }

  @Override
  public int blocks() {
    return table.blocks();
  }

  @Override
  public int blockStart(int block) {
    return table.blockStart(block);
  }

  @Override
  public int window() {
    return table.window();
  }

  @Override
  public boolean inMemory() {
    return table.inMemory();
  }
}
