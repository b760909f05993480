package io.measureflow.simd.operations;

import io.measureflow.api.program.Shape;
import io.measureflow.simd.threads.WorkerPool;
import java.util.Arrays;

/** Writes out an operand that is broadcast, along any axes. */
public final class Expansion {

  private static final int TASK_ELEMENTS = 16384;

  private final float[] a;
  private final float[] out;
  private final int[] length = new int[Shape.MAX_RANK];
  private final int[] stride = new int[Shape.MAX_RANK];

  private Expansion(float[] a, Shape from, float[] out, Shape to) {
    this.a = a;
    this.out = out;
    int next = 1;
    for (int axis = Shape.MAX_RANK - 1; axis >= 0; axis--) {
      length[axis] = to.aligned(axis, Shape.MAX_RANK);
      int own = from.aligned(axis, Shape.MAX_RANK);
      stride[axis] = own == 1 ? 0 : next;
      next *= own;
    }
  }

  /** Creates a command: {@code a}, of shape {@code from}, in all of {@code to}. */
  public static Command of(WorkerPool pool, float[] a, Shape from, float[] out, Shape to) {
    return to.size() == 0 ? () -> {} : new Expansion(a, from, out, to).command(pool);
  }

  private Command command(WorkerPool pool) {
    int width = length[3];
    int rows = out.length / width;
    int perTask = Math.max(1, TASK_ELEMENTS / width);
    WorkerPool.Tasks tasks =
        task -> {
          int end = Math.min(rows, (task + 1) * perTask);
          for (int row = task * perTask; row < end; row++) {
            int second = row / length[2];
            int first = second / length[1];
            int at =
                first * stride[0]
                    + (second - first * length[1]) * stride[1]
                    + (row - second * length[2]) * stride[2];
            if (stride[3] == 0) {
              Arrays.fill(out, row * width, (row + 1) * width, a[at]);
            } else {
              System.arraycopy(a, at, out, row * width, width);
            }
          }
        };
    int count = Math.ceilDiv(rows, perTask);
    return () -> pool.run(count, tasks);
  }
}
