package io.measureflow.simd.operations;

import io.measureflow.lowering.Step;
import io.measureflow.simd.kernels.Elementwise;
import io.measureflow.simd.kernels.Kernels;
import io.measureflow.simd.threads.WorkerPool;

/**
 * C = A op(B) for an A with very few rows: dot products with the rows of B, or a linear combination
 * of them, read once and in place. Packing B as other products do would take longer than such a
 * product.
 *
 * <p>An element has the same bits for any number of threads, and whatever other rows A has.
 */
public final class VectorProduct implements Command {

  /** The maximum number of rows of A; with more of them, packing B pays. */
  public static final int FEW_ROWS = 4;

  /**
   * The multiply-adds per task: some twenty microseconds, many times the cost of waking a thread.
   */
  private static final int TASK_WORK = 1 << 18;

  /** The elements of B read together: 16 KiB, so that all rows of A find them in the cache. */
  private static final int BLOCK = 4096;

  /**
   * The minimum number of results per task: 64 bytes, so that threads do not share a cache line.
   */
  private static final int LEAST_PER_TASK = 16;

  private final Kernels kernels;
  private final WorkerPool pool;
  private final float[] a;

  private final boolean squaredLeft;

  /** The elements of A, or their squares. */
  private final float[] left;

  private final float[] b;
  private final boolean byDots;
  private final boolean squared;
  private final int rows;
  private final int inner;
  private final int columns;
  private final float[] c;
  private final int perTask;
  private final int count;
  private final WorkerPool.Tasks tasks = this::multiply;

  /** Returns whether a product can be computed in this way. */
  public static boolean fits(Step.Product product) {
    return product.count() == 1
        && product.rows() <= FEW_ROWS
        && (product.rows() == 1 || !product.left().transposed())
        && (isInDots(product) || !product.right().squared());
  }

  /** Returns whether the columns of B are contiguous. */
  private static boolean isInDots(Step.Product product) {
    return product.right().transposed() || product.columns() == 1;
  }

  /** Prepares a product that {@link #fits}. */
  public VectorProduct(
      Kernels kernels, WorkerPool pool, Step.Product product, float[] a, float[] b, float[] c) {
    this.kernels = kernels;
    this.pool = pool;
    this.a = a;
    squaredLeft = product.left().squared();
    left = squaredLeft ? new float[product.rows() * product.inner()] : a;
    this.b = b;
    this.c = c;
    rows = product.rows();
    inner = product.inner();
    columns = product.columns();
    byDots = isInDots(product);
    squared = product.right().squared();
    int most = (int) Math.min(columns, TASK_WORK / Math.max(1, (long) rows * inner));
    perTask = Math.max(LEAST_PER_TASK, most / LEAST_PER_TASK * LEAST_PER_TASK);
    count = Math.ceilDiv(columns, perTask);
  }

  @Override
  public void run() {
    if (squaredLeft) {
      Elementwise.square(a, 0, left.length, left);
    }
    if (count == 1) {
      multiply(0);
    } else {
      pool.run(count, tasks);
    }
  }

  private void multiply(int task) {
    int from = task * perTask;
    int to = Math.min(columns, from + perTask);
    if (!byDots) {
      for (int row = 0; row < rows; row++) {
        kernels.combineRows(
            left, row * inner, inner, b, from, columns, to - from, c, row * columns + from);
      }
      return;
    }
    int block = rows == 1 ? to - from : Math.max(1, BLOCK / Math.max(1, inner));
    for (int column = from; column < to; column += block) {
      int some = Math.min(block, to - column);
      for (int row = 0; row < rows; row++) {
        kernels.dotRows(
            left, row * inner, inner, b, column * inner, some, squared, c, row * columns + column);
      }
    }
  }
}
