package io.measureflow.core.data;

import io.measureflow.api.backend.ByteRows;
import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.Table;
import io.measureflow.api.program.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A table whose features are filled and standardised as they are gathered, and whose real targets
 * are standardised, in float64 before anything is rounded.
 */
final class PreprocessedTable implements Table {

  /** Up to this many numbers are kept as they become, so that they become so once. */
  private static final long MOST_KEPT = 1L << 26;

  /** Up to this many numbers are gathered at a time, in memory that each thread keeps. */
  private static final int MOST_GATHERED = 1 << 18;

  private final Table table;
  private final FeatureTransform features;
  private final FeatureTransform targets;
  private final int width;
  private final Precision precision;
  private final boolean keeps;
  private final AtomicLong read = new AtomicLong();
  private final ThreadLocal<double[]> scratch = ThreadLocal.withInitial(() -> new double[0]);
  private volatile @Nullable Tensor whole;

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
    this.keeps = table.inMemory() && (long) table.rows() * width <= MOST_KEPT;
  }

  @Override
  public int rows() {
    return table.rows();
  }

  @Override
  public void features(int[] order, int from, Tensor batch) {
    Tensor kept = kept(batch);
    if (kept == null) {
      gather(table::features, features, order, from, batch);
      return;
    }
    long bytes = (long) width * kept.type().bytes();
    int rows = batch.shape().dimension(0);
    for (int i = 0; i < rows; i++) {
      MemorySegment.copy(kept.memory(), order[from + i] * bytes, batch.memory(), i * bytes, bytes);
    }
  }

  /**
   * Returns all rows, if they are kept. They are so from the second pass on: rows that are read
   * once, as for predictions, need no memory.
   */
  private @Nullable Tensor kept(Tensor batch) {
    if (features.isIdentity()
        || !keeps
        || batch.type() != precision.elementType()
        || batch.shape().dimension(1) != width) {
      return null;
    }
    Tensor kept = whole;
    return kept != null || read.addAndGet(batch.shape().dimension(0)) <= rows() ? kept : keep();
  }

  @Override
  public void targets(int[] order, int from, Tensor batch) {
    gather(table::targets, targets, order, from, batch);
  }

  private void gather(
      TableScan.Gathering source, FeatureTransform transform, int[] order, int from, Tensor batch) {
    if (transform.isIdentity() || batch.type() == ElementType.INT32) {
      source.gather(order, from, batch);
      return;
    }
    int rows = batch.shape().dimension(0);
    int numbers = batch.shape().dimension(1);
    int most = TableScan.batch(rows, numbers, MOST_GATHERED);
    double[] exact = scratch(most * numbers);
    for (int done = 0; done < rows; done += most) {
      int count = Math.min(most, rows - done);
      source.gather(order, from + done, TableScan.tensor(exact, count, numbers));
      for (int i = 0; i < count; i++) {
        transform.apply(exact, i * numbers);
      }
      put(exact, count * numbers, batch, (long) done * numbers);
    }
  }

  private double[] scratch(int size) {
    double[] memory = scratch.get();
    if (memory.length < size) {
      memory = new double[size];
      scratch.set(memory);
    }
    return memory;
  }

  private static void put(double[] values, int count, Tensor batch, long at) {
    MemorySegment memory = batch.memory();
    if (batch.type() == ElementType.FLOAT64) {
      MemorySegment.copy(values, 0, memory, ValueLayout.JAVA_DOUBLE, at * Double.BYTES, count);
    } else {
      for (int i = 0; i < count; i++) {
        memory.setAtIndex(ValueLayout.JAVA_FLOAT, at + i, (float) values[i]);
      }
    }
  }

  @Override
  public Optional<ByteRows> bytes() {
    return features.isIdentity() ? table.bytes() : Optional.empty();
  }

  @Override
  public Optional<Tensor> whole() {
    if (features.isIdentity()) {
      Optional<Tensor> own =
          table.whole().filter(tensor -> tensor.type() == precision.elementType());
      if (own.isPresent()) {
        return own;
      }
    }
    return keeps ? Optional.of(keep()) : Optional.empty();
  }

  private synchronized Tensor keep() {
    Tensor kept = whole;
    if (kept == null) {
      ElementType type = precision.elementType();
      long bytes = (long) rows() * width * type.bytes();
      MemorySegment memory = Arena.ofAuto().allocate(Math.max(1, bytes), 64);
      kept = new Tensor(Shape.of(rows(), width), type, memory.asSlice(0, bytes));
      gather(table::features, features, IntStream.range(0, rows()).toArray(), 0, kept);
      whole = kept;
    }
    return kept;
  }

  /** Lets go of what is kept: from now on rows are read from the table, which may be closed. */
  void release() {
    whole = null;
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
