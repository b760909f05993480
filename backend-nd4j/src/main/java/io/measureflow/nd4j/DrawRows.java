package io.measureflow.nd4j;

import io.measureflow.api.backend.HeldRows;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.program.Shape;
import java.lang.foreign.MemorySegment;

/** Gathers the rows of a batch from a resident table. */
final class DrawRows implements Command {

  private final HeldRows.OnHost rows;
  private final Tensor numbers;
  private final int[] chosen;
  private final Memory batch;
  private final long rowBytes;

  /**
   * @param size B
   * @param batch [B, d], filled by each run
   */
  DrawRows(HeldRows.OnHost rows, int size, Memory batch) {
    this.rows = rows;
    this.batch = batch;
    chosen = new int[size];
    numbers = Tensor.of(Shape.of(size), chosen);
    rowBytes = (long) rows.shape().dimension(1) * rows.tensor().type().bytes();
  }

  /** Returns the tensor that the caller fills with row indices before each run. */
  Tensor numbers() {
    return numbers;
  }

  @Override
  public void run() {
    rows.check(numbers);
    MemorySegment memory = rows.tensor().memory();
    for (int i = 0; i < chosen.length; i++) {
      MemorySegment.copy(memory, chosen[i] * rowBytes, batch.segment, i * rowBytes, rowBytes);
    }
    batch.hostHasWritten();
  }
}
