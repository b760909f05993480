package io.measureflow.simd.operations;

import io.measureflow.simd.threads.WorkerPool;
import java.util.Arrays;

/** Rows chosen by indices, which every run checks first. */
public final class Indexing {

  private static final int TASK_ELEMENTS = 16384;

  /** The tasks per thread of a sum by index, each of which reads all indices. */
  private static final int TASKS_PER_THREAD = 2;

  private Indexing() {}

  private static void check(int[] indices, int limit) {
    for (int i = 0; i < indices.length; i++) {
      if (indices[i] < 0 || indices[i] >= limit) {
        throw new IllegalArgumentException(
            "indices: expected a number from 0 to "
                + (limit - 1)
                + ", found "
                + indices[i]
                + " in row "
                + i);
      }
    }
  }

  /** Creates a command: a 1 in the column of each label. */
  public static Command oneHot(int[] labels, int classes, float[] out) {
    return () -> {
      Losses.checkLabels(labels, classes);
      Arrays.fill(out, 0);
      for (int row = 0; row < labels.length; row++) {
        out[row * classes + labels[row]] = 1;
      }
    };
  }

  /** Creates a command: row i of the result is row {@code indices[i]} of a [rows, width]. */
  public static Command gather(
      WorkerPool pool, float[] a, int rows, int width, int[] indices, float[] out) {
    int perTask = Math.max(1, TASK_ELEMENTS / Math.max(1, width));
    WorkerPool.Tasks tasks =
        task -> {
          int end = Math.min(indices.length, (task + 1) * perTask);
          for (int i = task * perTask; i < end; i++) {
            System.arraycopy(a, indices[i] * width, out, i * width, width);
          }
        };
    int count = Math.ceilDiv(indices.length, perTask);
    return () -> {
      check(indices, rows);
      pool.run(count, tasks);
    };
  }

  /**
   * Creates a command: row j of the result [rows, width] is the sum of the rows i of a with {@code
   * indices[i]} j, in ascending order.
   */
  public static Command scatterAdd(
      WorkerPool pool, float[] a, int width, int[] indices, float[] out, int rows) {
    int most = Math.max(1, Math.min(rows, TASKS_PER_THREAD * pool.threads()));
    int perTask = Math.ceilDiv(rows, a.length <= TASK_ELEMENTS ? 1 : most);
    WorkerPool.Tasks tasks =
        task -> {
          int first = task * perTask;
          int end = Math.min(rows, first + perTask);
          Arrays.fill(out, first * width, end * width, 0);
          for (int i = 0; i < indices.length; i++) {
            if (indices[i] >= first && indices[i] < end) {
              add(a, i * width, width, out, indices[i] * width);
            }
          }
        };
    int count = Math.ceilDiv(rows, perTask);
    return () -> {
      check(indices, rows);
      pool.run(count, tasks);
    };
  }

  private static void add(float[] a, int from, int count, float[] out, int to) {
    for (int j = 0; j < count; j++) {
      out[to + j] += a[from + j];
    }
  }
}
