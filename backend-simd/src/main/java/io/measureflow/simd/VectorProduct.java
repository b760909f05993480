package io.measureflow.simd;

import io.measureflow.simd.MatrixProduct.Factor;

/**
 * C = A op(B) for an A of very few rows: dot products with the rows of B, or a combination of them,
 * read once and where they lie. To bring B into an order for {@link MatrixProduct} takes longer
 * than such a product.
 *
 * <p>An element has the same bits whatever the number of threads, and whichever other rows A has.
 */
final class VectorProduct implements Command {

  /** Rows of A at most: with more of them, bringing B into order pays. */
  static final int FEW_ROWS = 4;

  /**
   * Multiply-adds that are worth a task of their own: some twenty microseconds, many times what it
   * takes to wake a thread.
   */
  private static final int TASK_WORK = 1 << 18;

  /** Elements of B that are read together: 16 KiB, so that all rows of A find them in the cache. */
  private static final int BLOCK = 4096;

  /** Results of a task at least: 64 bytes of them, lest threads write to the same cache line. */
  private static final int LEAST_PER_TASK = 16;

  private final Kernels kernels;
  private final WorkerPool pool;
  private final float[] a;
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

  /** Whether there is such a way for the product of these factors. */
  static boolean fits(Factor a, Factor b) {
    boolean single = a.rows() == 1;
    return a.count() == 1
        && a.rows() <= FEW_ROWS
        && !a.isInPanels()
        && !a.isSquared()
        && (single || !a.isTransposed())
        && !b.isInPanels()
        && (isInDots(b) || !b.isSquared());
  }

  /** Whether the columns of B lie one after the other. */
  private static boolean isInDots(Factor b) {
    return b.isTransposed() || b.columns() == 1;
  }

  /** Prepares the product of factors that {@link #fits}. */
  VectorProduct(Kernels kernels, WorkerPool pool, Factor a, Factor b, float[] c) {
    this.kernels = kernels;
    this.pool = pool;
    this.a = a.elements();
    this.b = b.elements();
    this.c = c;
    rows = a.rows();
    inner = a.columns();
    columns = b.columns();
    byDots = isInDots(b);
    squared = b.isSquared();
    int most = (int) Math.min(columns, TASK_WORK / Math.max(1, (long) rows * inner));
    perTask = Math.max(LEAST_PER_TASK, most / LEAST_PER_TASK * LEAST_PER_TASK);
    count = Math.ceilDiv(columns, perTask);
  }

  @Override
  public void run() {
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
            a, row * inner, inner, b, from, columns, to - from, c, row * columns + from);
      }
      return;
    }
    int block = rows == 1 ? to - from : Math.max(1, BLOCK / Math.max(1, inner));
    for (int column = from; column < to; column += block) {
      int some = Math.min(block, to - column);
      for (int row = 0; row < rows; row++) {
        kernels.dotRows(
            a, row * inner, inner, b, column * inner, some, squared, c, row * columns + column);
      }
    }
  }
}
