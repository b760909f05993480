package io.measureflow.simd.operations;

import io.measureflow.api.program.Shape;
import io.measureflow.simd.kernels.Kernels;
import io.measureflow.simd.threads.WorkerPool;
import java.util.Arrays;

/**
 * The sum of a tensor over the dimensions along which a shape broadcasts to it.
 *
 * <p>Each sum consists of runs of bounded length, added in float and combined in fixed order, so
 * that rounding errors do not accumulate over long dimensions.
 */
public final class Summation {

  /** The number of rows summed before they are added to the total. */
  private static final int ROW_RUN = 64;

  /** Runs shorter than this are not worth a call each. */
  private static final int SHORT_RUN = 16;

  private static final int TASK_ELEMENTS = 16384;
  private static final int COLUMN_BLOCK = 64;

  private final Kernels kernels;
  private final WorkerPool pool;
  private final float[] a;
  private final boolean squared;
  private final float[] out;
  private final int batch;
  private final int outer;
  private final int kept;
  private final int run;
  private final int columns;

  private Summation(
      Kernels kernels,
      WorkerPool pool,
      float[] a,
      boolean squared,
      Shape from,
      float[] out,
      Shape to) {
    this.kernels = kernels;
    this.pool = pool;
    this.a = a;
    this.squared = squared;
    this.out = out;
    var reduction = Reduction.of(from, to);
    batch = reduction.batch();
    outer = reduction.outer();
    kept = reduction.kept();
    run = reduction.run();
    columns = reduction.columns();
  }

  /** Sums {@code a}, of shape {@code from}, to {@code out}, of shape {@code to}. */
  public static Command of(
      Kernels kernels,
      WorkerPool pool,
      float[] a,
      Shape from,
      float[] out,
      Shape to,
      boolean squared) {
    if (squared) {
      return ofSquares(kernels, pool, a, from, out);
    }
    if (from.size() == 0) {
      return () -> Arrays.fill(out, 0);
    }
    var sum = new Summation(kernels, pool, a, false, from, out, to);
    if (sum.columns > 1) {
      return sum.outer > 1 ? sum.overBlocks() : sum.overRows();
    }
    if (sum.outer == 1 && sum.run <= SHORT_RUN) {
      return sum.overShortRuns();
    }
    return sum.batch * sum.outer * sum.kept == 1 ? sum.ofAll() : sum.overRuns();
  }

  /**
   * Sums the squares of each row of {@code a} to {@code out}, without storing them.
   *
   * @param from [B, n], n other than 1
   */
  private static Command ofSquares(
      Kernels kernels, WorkerPool pool, float[] a, Shape from, float[] out) {
    if (a.length == 0) {
      return () -> Arrays.fill(out, 0);
    }
    Shape to = Shape.of(from.dimension(0), 1);
    return new Summation(kernels, pool, a, true, from, out, to).overRuns();
  }

  /** out[k, j] = the sum over i of a[k, i, j]. */
  private Command overRows() {
    int wanted = Math.ceilDiv(TASK_ELEMENTS, run);
    int block = Math.min(columns, Math.ceilDiv(wanted, COLUMN_BLOCK) * COLUMN_BLOCK);
    int blocks = Math.ceilDiv(columns, block);
    int perTask = Math.max(1, TASK_ELEMENTS / run / block);
    WorkerPool.Tasks tasks =
        task -> {
          int first = task % blocks * block;
          int count = Math.min(block, columns - first);
          int start = task / blocks * perTask;
          int end = Math.min(kept, start + perTask);
          for (int k = start; k < end; k++) {
            rows(k * run * columns + first, k * columns + first, count);
          }
        };
    return () -> pool.run(Math.ceilDiv(kept, perTask) * blocks, tasks);
  }

  /** out[k, j] = the sum over o and i of a[o, k, i, j]. */
  private Command overBlocks() {
    WorkerPool.Tasks tasks =
        k -> {
          for (int o = 0; o < outer; o++) {
            for (int i = 0; i < run; i += ROW_RUN) {
              int at = ((o * kept + k) * run + i) * columns;
              int some = Math.min(ROW_RUN, run - i);
              boolean again = o + i > 0;
              kernels.sumRows(a, at, columns, some, out, k * columns, columns, again);
            }
          }
        };
    return () -> pool.run(kept, tasks);
  }

  private void rows(int from, int to, int count) {
    rows(kernels, a, from, columns, run, out, to, count);
  }

  /** out_j = the sum of {@code rows} elements a_j, {@code stride} apart. */
  public static void rows(
      Kernels kernels, float[] a, int from, int stride, int rows, float[] out, int to, int count) {
    for (int row = 0; row < rows; row += ROW_RUN) {
      int some = Math.min(ROW_RUN, rows - row);
      kernels.sumRows(a, from + row * stride, stride, some, out, to, count, row > 0);
    }
  }

  /** out_k = the sum of the run k of {@code run} elements, or of their squares. */
  public static void runs(
      Kernels kernels,
      float[] a,
      boolean squared,
      int from,
      int run,
      int count,
      float[] out,
      int to) {
    if (run <= SHORT_RUN && !squared) {
      shortRuns(a, from, run, count, out, to);
      return;
    }
    for (int k = 0; k < count; k++) {
      out[to + k] = (float) sumOfRun(kernels, a, squared, from + k * run, run);
    }
  }

  /** out = the sum of all elements. */
  private Command ofAll() {
    int parts = Math.ceilDiv(run, Kernels.SUM_RUN);
    float[] partial = new float[parts];
    WorkerPool.Tasks tasks =
        part -> {
          int from = part * Kernels.SUM_RUN;
          partial[part] = kernels.sum(a, from, Math.min(Kernels.SUM_RUN, run - from));
        };
    return () -> {
      pool.run(parts, tasks);
      double sum = 0;
      for (float part : partial) {
        sum += part;
      }
      out[0] = (float) sum;
    };
  }

  /** out[b, k] = the sum over o and i of a[b, o, k, i]. */
  private Command overRuns() {
    int results = batch * kept;
    int perTask = Math.max(1, TASK_ELEMENTS / (outer * run));
    WorkerPool.Tasks tasks =
        task -> {
          int end = Math.min(results, (task + 1) * perTask);
          for (int result = task * perTask; result < end; result++) {
            int first = result / kept * outer * kept + result % kept;
            double sum = 0;
            for (int o = 0; o < outer; o++) {
              sum += sumOfRun(kernels, a, squared, (first + o * kept) * run, run);
            }
            out[result] = (float) sum;
          }
        };
    return () -> pool.run(Math.ceilDiv(results, perTask), tasks);
  }

  /** out[k] = the sum over a few i of a[k, i]. */
  private Command overShortRuns() {
    int perTask = TASK_ELEMENTS / run;
    WorkerPool.Tasks tasks =
        task -> {
          int first = task * perTask;
          int count = Math.min(kept - first, perTask);
          shortRuns(a, first * run, run, count, out, first);
        };
    return () -> pool.run(Math.ceilDiv(kept, perTask), tasks);
  }

  private static void shortRuns(float[] a, int from, int run, int count, float[] out, int to) {
    int at = from;
    for (int k = to; k < to + count; k++) {
      float even = 0;
      float odd = 0;
      int i = 0;
      for (; i < run - 3; i += 4) {
        even += a[at + i] + a[at + i + 2];
        odd += a[at + i + 1] + a[at + i + 3];
      }
      float rest = 0;
      for (; i < run; i++) {
        rest += a[at + i];
      }
      out[k] = even + odd + rest;
      at += run;
    }
  }

  private static double sumOfRun(Kernels kernels, float[] a, boolean squared, int from, int run) {
    double sum = 0;
    for (int part = 0; part < run; part += Kernels.SUM_RUN) {
      int count = Math.min(Kernels.SUM_RUN, run - part);
      sum +=
          squared
              ? kernels.sumOfProducts(a, a, from + part, count)
              : kernels.sum(a, from + part, count);
    }
    return sum;
  }
}
