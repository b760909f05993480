package io.measureflow.simd;

import io.measureflow.api.backend.HeldRows;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.program.Shape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Copies the rows of a batch, on all threads, from where they lie. */
final class DrawRows implements Step {

  /** Elements of a task: fewer are not worth handing out. */
  private static final int TASK_ELEMENTS = 1 << 14;

  private final HeldRows.OnHost rows;
  private final Tensor numbers;
  private final int[] chosen;
  private final float[] batch;
  private final int width;
  private final int taskRows;
  private final WorkerPool pool;
  // Made once: a run allocates nothing.
  private final WorkerPool.Tasks tasks = this::copy;

  /**
   * @param chosen the numbers of the rows, a new batch of them before each run
   * @param batch [B, d], what is filled
   */
  DrawRows(HeldRows.OnHost rows, int[] chosen, float[] batch, WorkerPool pool) {
    this.rows = rows;
    this.chosen = chosen;
    this.batch = batch;
    this.pool = pool;
    numbers = Tensor.of(Shape.of(chosen.length), chosen);
    width = rows.shape().dimension(1);
    taskRows = Math.max(1, TASK_ELEMENTS / Math.max(1, width));
  }

  /** What the caller fills with the numbers. */
  Tensor numbers() {
    return numbers;
  }

  @Override
  public void run() {
    rows.check(numbers);
    pool.run(Math.ceilDiv(chosen.length, taskRows), tasks);
  }

  private void copy(int task) {
    MemorySegment memory = rows.tensor().memory();
    int end = Math.min(chosen.length, (task + 1) * taskRows);
    for (int i = task * taskRows; i < end; i++) {
      long from = (long) chosen[i] * width * Float.BYTES;
      MemorySegment.copy(memory, ValueLayout.JAVA_FLOAT, from, batch, i * width, width);
    }
  }
}
