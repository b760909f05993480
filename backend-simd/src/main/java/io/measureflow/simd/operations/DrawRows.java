package io.measureflow.simd.operations;

import io.measureflow.api.backend.ByteRows;
import io.measureflow.api.backend.HeldRows;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.program.Shape;
import io.measureflow.simd.threads.WorkerPool;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Gathers the rows of a batch from a resident table, on all threads. */
public final class DrawRows implements Command {

  /** The elements per task. */
  private static final int TASK_ELEMENTS = 1 << 14;

  /** The offset between unsigned bytes and signed bytes with the first bit flipped. */
  private static final int HALF = 128;

  /** The number of bytes converted together. */
  private static final int BYTES = 1 << 10;

  private final HeldRows rows;
  private final Tensor numbers;
  private final int[] chosen;
  private final int width;
  private final int taskRows;
  private final WorkerPool pool;
  // Created once: a run allocates nothing.
  private final WorkerPool.Tasks tasks;

  /**
   * @param rows the resident table, on the host
   * @param chosen the row indices, a new batch before each run
   * @param batch [B, d], filled by each run
   */
  public DrawRows(HeldRows rows, int[] chosen, float[] batch, WorkerPool pool) {
    this.rows = rows;
    this.chosen = chosen;
    this.pool = pool;
    numbers = Tensor.of(Shape.of(chosen.length), chosen);
    width = rows.shape().dimension(1);
    taskRows = Math.max(1, TASK_ELEMENTS / Math.max(1, width));
    tasks =
        switch (rows) {
          case HeldRows.OnHost(_, Tensor tensor) -> task -> copy(tensor.memory(), task, batch);
          case HeldRows.BytesOnHost(_, ByteRows bytes) -> {
            float divisor = (float) bytes.divisor();
            byte[][] room = new byte[pool.threads()][Math.min(BYTES, width)];
            yield task ->
                convert(bytes.memory(), task, batch, divisor, room[WorkerPool.numberOfThread()]);
          }
          default -> throw new IllegalArgumentException("expected rows on the host, found " + rows);
        };
  }

  /** Returns the tensor that the caller fills with row indices. */
  public Tensor numbers() {
    return numbers;
  }

  @Override
  public void run() {
    rows.check(numbers);
    pool.run(Math.ceilDiv(chosen.length, taskRows), tasks);
  }

  private void copy(MemorySegment memory, int task, float[] batch) {
    int end = Math.min(chosen.length, (task + 1) * taskRows);
    for (int i = task * taskRows; i < end; i++) {
      long from = (long) chosen[i] * width * Float.BYTES;
      MemorySegment.copy(memory, ValueLayout.JAVA_FLOAT, from, batch, i * width, width);
    }
  }

  private void convert(MemorySegment memory, int task, float[] batch, float divisor, byte[] room) {
    int end = Math.min(chosen.length, (task + 1) * taskRows);
    for (int i = task * taskRows; i < end; i++) {
      for (int column = 0; column < width; column += BYTES) {
        int count = Math.min(BYTES, width - column);
        long from = (long) chosen[i] * width + column;
        MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, from, room, 0, count);
        int to = i * width + column;
        // Two loops so simple that the compiler vectorizes them, which it does for signed bytes
        // only.
        for (int j = 0; j < count; j++) {
          room[j] ^= (byte) HALF;
        }
        for (int j = 0; j < count; j++) {
          batch[to + j] = (room[j] + (float) HALF) / divisor;
        }
      }
    }
  }
}
