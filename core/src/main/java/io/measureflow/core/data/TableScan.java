package io.measureflow.core.data;

import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.Table;
import io.measureflow.api.program.Shape;
import java.lang.foreign.MemorySegment;

/** Reads all rows of a table in order, in float64, some at a time. */
public final class TableScan {

  private static final int MOST_ROWS = 1 << 10;
  private static final int MOST_NUMBERS = 1 << 20;

  private TableScan() {}

  /** Gathers some rows, as {@link Table#features} and {@link Table#targets} do. */
  @FunctionalInterface
  interface Gathering {
    void gather(int[] order, int from, Tensor batch);
  }

  /** Receives rows. */
  @FunctionalInterface
  public interface RowsConsumer {

    /**
     * Receives some rows.
     *
     * @param values the rows, one after the other; overwritten by the next ones
     * @param first the index of the first of them
     * @param count their number
     */
    void accept(double[] values, int first, int count);
  }

  /**
   * Passes the features of all rows to the consumer.
   *
   * @param width d, the number of features
   */
  public static void features(Table table, int width, RowsConsumer consumer) {
    scan(table.rows(), width, table::features, consumer);
  }

  /**
   * Passes the real targets of all rows to the consumer.
   *
   * @param width p, the number of targets
   */
  public static void targets(Table table, int width, RowsConsumer consumer) {
    scan(table.rows(), width, table::targets, consumer);
  }

  private static void scan(int rows, int width, Gathering source, RowsConsumer consumer) {
    int batch = batch(rows, width, MOST_NUMBERS);
    double[] values = new double[batch * width];
    int[] order = new int[batch];
    for (int from = 0; from < rows; from += batch) {
      int count = Math.min(batch, rows - from);
      for (int i = 0; i < count; i++) {
        order[i] = from + i;
      }
      source.gather(order, 0, tensor(values, count, width));
      consumer.accept(values, from, count);
    }
  }

  /** Returns how many of these rows to read at a time. */
  static int batch(int rows, int width, int mostNumbers) {
    return Math.min(rows, Math.clamp(mostNumbers / Math.max(1, width), 1, MOST_ROWS));
  }

  /** Returns the first {@code count} rows in an array as a tensor that shares it. */
  static Tensor tensor(double[] values, int count, int width) {
    return new Tensor(
        Shape.of(count, width),
        ElementType.FLOAT64,
        MemorySegment.ofArray(values).asSlice(0, (long) count * width * Double.BYTES));
  }
}
