package io.measureflow.simd;

import java.util.Arrays;

/**
 * C = op(A) op(B), op transposing or not, or C = (A o A)(B o B)' for variances.
 *
 * <p>The right factor is packed into panels of the kernels' width, rows of a panel consecutive, the
 * left one is brought to row-major order where it is not, squares being taken on the way. Then
 * tiles of the product are computed independently of each other (Goto and van de Geijn, ACM TOMS
 * 34, 2008). Every element is a sum over ascending k, cut at fixed places, so that its bits do not
 * depend on how tiles are shared out.
 */
final class MatrixProduct implements Step {

  /** Panel rows that a tile runs through at a time: 64 KiB of a panel of 32 columns. */
  private static final int DEPTH_BLOCK = 512;

  private static final int ROW_BLOCK = 32;

  /** Multiply-adds that are worth a task of their own: a few microseconds. */
  private static final int TASK_WORK = 1 << 18;

  /** Multiply-adds below which the whole product is not worth waking anybody. */
  private static final int PARALLEL_WORK = 1 << 17;

  private final Kernels kernels;
  private final WorkerPool pool;
  private final Scratch scratch;
  private final Factor a;
  private final Factor b;
  private final boolean square;
  private final float[] c;
  private final int rows;
  private final int columns;
  private final int inner;
  private final int fullWidth;
  private final int depthBlocks;
  private final int rowBlock;
  private final int rowBlocks;
  private final int leftTasks;
  private final int rightTasks;
  private final int tiles;
  private final boolean parallel;
  private final WorkerPool.Tasks arrange = this::arrange;
  private final WorkerPool.Tasks multiply = this::multiply;

  /** A row-major matrix, to be transposed first or not. */
  static final class Factor {
    private final float[] elements;
    private final int rows;
    private final int columns;
    private final boolean transposed;

    /** A view of {@code elements}, which has the given shape before it is transposed. */
    Factor(float[] elements, int rows, int columns, boolean transposed) {
      this.elements = elements;
      this.rows = transposed ? columns : rows;
      this.columns = transposed ? rows : columns;
      this.transposed = transposed;
    }
  }

  /**
   * Prepares a product.
   *
   * @param square whether both factors are squared elementwise first
   * @param c the row-major result
   */
  MatrixProduct(
      Kernels kernels,
      WorkerPool pool,
      Scratch scratch,
      Factor a,
      Factor b,
      boolean square,
      float[] c) {
    this.kernels = kernels;
    this.pool = pool;
    this.scratch = scratch;
    this.a = a;
    this.b = b;
    this.square = square;
    this.c = c;
    rows = a.rows;
    columns = b.columns;
    inner = a.columns;
    fullWidth = kernels.panelWidth(Integer.MAX_VALUE);
    int panels = Math.ceilDiv(columns, fullWidth);
    depthBlocks = Math.max(1, Math.ceilDiv(inner, DEPTH_BLOCK));
    long wanted = TASK_WORK / Math.max(1, (long) fullWidth * inner);
    rowBlock = Math.max(ROW_BLOCK, (int) Math.min(wanted, rows) / ROW_BLOCK * ROW_BLOCK);
    rowBlocks = Math.ceilDiv(rows, rowBlock);
    leftTasks = a.transposed || square ? Math.ceilDiv(rows, ROW_BLOCK) : 0;
    rightTasks = panels * depthBlocks;
    tiles = panels * rowBlocks;
    parallel = (long) rows * columns * inner >= PARALLEL_WORK;
    scratch.reserve(
        leftTasks == 0 ? 0 : Math.multiplyExact(rows, inner),
        Math.multiplyExact(panels * fullWidth, inner));
  }

  @Override
  public void run() {
    if (tiles == 0) {
      return;
    }
    if (parallel) {
      pool.run(leftTasks + rightTasks, arrange);
      pool.run(tiles, multiply);
    } else {
      for (int task = 0; task < leftTasks + rightTasks; task++) {
        arrange(task);
      }
      for (int task = 0; task < tiles; task++) {
        multiply(task);
      }
    }
  }

  private void arrange(int task) {
    if (task < leftTasks) {
      arrangeLeft(task * ROW_BLOCK, Math.min(rows, (task + 1) * ROW_BLOCK));
    } else {
      int panel = (task - leftTasks) / depthBlocks;
      int block = (task - leftTasks) % depthBlocks;
      packRight(panel, block * DEPTH_BLOCK, Math.min(inner, (block + 1) * DEPTH_BLOCK));
    }
  }

  private void arrangeLeft(int fromRow, int toRow) {
    float[] left = scratch.left();
    if (a.transposed) {
      transpose(a.elements, rows, fromRow, toRow, inner, left);
    } else {
      System.arraycopy(
          a.elements, fromRow * inner, left, fromRow * inner, (toRow - fromRow) * inner);
    }
    if (square) {
      square(left, fromRow * inner, toRow * inner);
    }
  }

  /** Columns {@code from} to {@code to} of a matrix of {@code width} columns become rows. */
  private static void transpose(
      float[] matrix, int width, int from, int to, int height, float[] out) {
    for (int k = 0; k < height; k++) {
      int source = k * width;
      for (int i = from; i < to; i++) {
        out[i * height + k] = matrix[source + i];
      }
    }
  }

  private static void square(float[] a, int from, int to) {
    for (int i = from; i < to; i++) {
      a[i] *= a[i];
    }
  }

  private void packRight(int panel, int fromDepth, int toDepth) {
    float[] right = scratch.right();
    int firstColumn = panel * fullWidth;
    int used = Math.min(fullWidth, columns - firstColumn);
    int width = kernels.panelWidth(used);
    int start = firstColumn * inner;
    if (b.transposed) {
      packTransposed(b.elements, inner, firstColumn, used, fromDepth, toDepth, right, start, width);
    } else {
      for (int k = fromDepth; k < toDepth; k++) {
        System.arraycopy(b.elements, k * columns + firstColumn, right, start + k * width, used);
      }
    }
    if (used < width) {
      for (int k = fromDepth; k < toDepth; k++) {
        int row = start + k * width;
        Arrays.fill(right, row + used, row + width, 0);
      }
    }
    if (square) {
      square(right, start + fromDepth * width, start + toDepth * width);
    }
  }

  private static void packTransposed(
      float[] b,
      int stride,
      int firstRow,
      int count,
      int fromDepth,
      int toDepth,
      float[] out,
      int start,
      int width) {
    for (int k = fromDepth; k < toDepth; k++) {
      int source = firstRow * stride + k;
      int to = start + k * width;
      for (int j = 0; j < count; j++) {
        out[to + j] = b[source + j * stride];
      }
    }
  }

  private void multiply(int tile) {
    int panel = tile / rowBlocks;
    int fromRow = tile % rowBlocks * rowBlock;
    int tileRows = Math.min(rowBlock, rows - fromRow);
    int firstColumn = panel * fullWidth;
    int used = Math.min(fullWidth, columns - firstColumn);
    int width = kernels.panelWidth(used);
    float[] left = leftTasks == 0 ? a.elements : scratch.left();
    for (int block = 0; block < depthBlocks; block++) {
      int depth = block * DEPTH_BLOCK;
      kernels.multiply(
          tileRows,
          used,
          Math.min(DEPTH_BLOCK, inner - depth),
          left,
          fromRow * inner + depth,
          inner,
          scratch.right(),
          firstColumn * inner + depth * width,
          c,
          fromRow * columns + firstColumn,
          columns,
          depth > 0);
    }
  }
}
