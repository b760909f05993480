package io.measureflow.core.data;

import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.Table;
import io.measureflow.api.program.Shape;
import java.lang.foreign.MemorySegment;

/** Reads the labels of a table from first to last. */
final class Targets {

  private static final int BATCH = 1 << 12;

  private Targets() {}

  /** Receives the class of each row. */
  @FunctionalInterface
  interface RowConsumer {
    /** Called for each row. */
    void accept(int row, int label);
  }

  /** Passes the classes of all rows to the consumer, in order. */
  static void classes(Table table, RowConsumer consumer) {
    int[] order = new int[BATCH];
    int[] labels = new int[BATCH];
    for (int from = 0; from < table.rows(); from += BATCH) {
      int count = Math.min(BATCH, table.rows() - from);
      for (int i = 0; i < count; i++) {
        order[i] = from + i;
      }
      MemorySegment memory = MemorySegment.ofArray(labels).asSlice(0, 4L * count);
      table.targets(order, 0, new Tensor(Shape.of(count), ElementType.INT32, memory));
      for (int i = 0; i < count; i++) {
        consumer.accept(from + i, labels[i]);
      }
    }
  }
}
