package io.measureflow.simd;

import java.util.Arrays;

/**
 * C = op(A) op(B), op transposing or not, or C = (A o A)(B o B)' for variances; or such a product
 * for each pair of matrices in two stacks.
 *
 * <p>The right factor is packed into panels of the kernels' width, rows of a panel consecutive, the
 * left one is brought to row-major order where it is not, squares being taken on the way. Then
 * tiles of the product are computed independently of each other [goto2008]. Every element is a sum
 * over ascending k, cut at fixed places, so that its bits do not depend on how tiles are shared
 * out. Large products are shared out tile by tile, one product after the other; small ones of a
 * stack as a whole.
 */
final class MatrixProduct implements Step {

  /** Panel rows that a tile runs through at a time: 64 KiB of a panel of 32 columns. */
  private static final int DEPTH_BLOCK = 512;

  private static final int ROW_BLOCK = 32;

  /** Rows or columns that are too few for a call each, or for the inner loop to go over them. */
  private static final int NARROW = 16;

  /** Multiply-adds that are worth a task of their own: a few microseconds. */
  private static final int TASK_WORK = 1 << 18;

  /** Multiply-adds from which on each product of a stack is shared out by itself. */
  private static final long LARGE_WORK = 1L << 22;

  /** Parts of a stack per thread: more than one, in case a thread is held up. */
  private static final int SLOTS_PER_THREAD = 4;

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
  private final int count;
  private final int leftSize;
  private final int rightSize;
  private final boolean parallel;
  private final boolean byTiles;
  private final int slots;
  private final WorkerPool.Tasks arrange = task -> arrange(this.product, 0, task);
  private final WorkerPool.Tasks multiply = tile -> multiply(this.product, 0, tile);
  private final WorkerPool.Tasks productsOfSlot = this::productsOfSlot;

  /** The product that is being shared out. */
  private int product;

  /** Row-major matrices of one shape, one after the other, to be transposed first or not. */
  static final class Factor {
    private final float[] elements;
    private final int count;
    private final int rows;
    private final int columns;
    private final boolean transposed;

    /**
     * A view of {@code elements}, {@code count} matrices, with their shape before transposition.
     */
    Factor(float[] elements, int count, int rows, int columns, boolean transposed) {
      this.elements = elements;
      this.count = count;
      this.rows = transposed ? columns : rows;
      this.columns = transposed ? rows : columns;
      this.transposed = transposed;
    }
  }

  /**
   * Prepares one product per matrix of the factors, which are equally many.
   *
   * @param square whether both factors are squared elementwise first
   * @param c the row-major results, one after the other
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
    count = a.count;
    long work = (long) rows * columns * inner;
    parallel = work * count >= PARALLEL_WORK;
    byTiles = parallel && (count == 1 || work >= LARGE_WORK);
    slots = count == 1 || byTiles ? 1 : Math.min(count, SLOTS_PER_THREAD * pool.threads());
    leftSize = leftTasks == 0 ? 0 : Math.multiplyExact(rows, inner);
    rightSize = Math.multiplyExact(panels * fullWidth, inner);
    scratch.reserve(Math.multiplyExact(slots, leftSize), Math.multiplyExact(slots, rightSize));
  }

  @Override
  public void run() {
    if (byTiles) {
      for (product = 0; product < count; product++) {
        pool.run(leftTasks + rightTasks, arrange);
        pool.run(tiles, multiply);
      }
    } else if (parallel) {
      pool.run(slots, productsOfSlot);
    } else {
      for (int slot = 0; slot < slots; slot++) {
        productsOfSlot(slot);
      }
    }
  }

  /** A contiguous part of the products, in room of its own. */
  private void productsOfSlot(int slot) {
    int end = (int) ((slot + 1L) * count / slots);
    for (int each = (int) ((long) slot * count / slots); each < end; each++) {
      for (int task = 0; task < leftTasks + rightTasks; task++) {
        arrange(each, slot, task);
      }
      for (int tile = 0; tile < tiles; tile++) {
        multiply(each, slot, tile);
      }
    }
  }

  private void arrange(int of, int slot, int task) {
    if (task < leftTasks) {
      int to = Math.min(rows, (task + 1) * ROW_BLOCK);
      arrangeLeft(of * rows * inner, slot * leftSize, task * ROW_BLOCK, to);
    } else {
      int panel = (task - leftTasks) / depthBlocks;
      int from = (task - leftTasks) % depthBlocks * DEPTH_BLOCK;
      packRight(
          of * inner * columns, slot * rightSize, panel, from, Math.min(inner, from + DEPTH_BLOCK));
    }
  }

  private void arrangeLeft(int source, int target, int fromRow, int toRow) {
    float[] left = scratch.left();
    int from = target + fromRow * inner;
    int to = target + toRow * inner;
    if (a.transposed) {
      transpose(a.elements, source, fromRow, toRow, left, target);
    } else {
      System.arraycopy(a.elements, source + fromRow * inner, left, from, to - from);
    }
    if (square) {
      square(left, from, to);
    }
  }

  private void transpose(
      float[] matrix, int source, int fromRow, int toRow, float[] left, int target) {
    if (rows < NARROW) {
      for (int i = fromRow; i < toRow; i++) {
        for (int k = 0; k < inner; k++) {
          left[target + i * inner + k] = matrix[source + k * rows + i];
        }
      }
      return;
    }
    for (int k = 0; k < inner; k++) {
      int row = source + k * rows;
      for (int i = fromRow; i < toRow; i++) {
        left[target + i * inner + k] = matrix[row + i];
      }
    }
  }

  private static void square(float[] a, int from, int to) {
    for (int i = from; i < to; i++) {
      a[i] *= a[i];
    }
  }

  private void packRight(int source, int target, int panel, int fromDepth, int toDepth) {
    float[] right = scratch.right();
    int firstColumn = panel * fullWidth;
    int used = Math.min(fullWidth, columns - firstColumn);
    int width = kernels.panelWidth(used);
    int start = target + firstColumn * inner;
    if (used < width) {
      Arrays.fill(right, start + fromDepth * width, start + toDepth * width, 0);
    }
    if (b.transposed) {
      int from = source + firstColumn * inner;
      packTransposed(b.elements, from, inner, used, fromDepth, toDepth, right, start, width);
    } else {
      pack(b.elements, source + firstColumn, used, fromDepth, toDepth, right, start, width);
    }
    if (square) {
      square(right, start + fromDepth * width, start + toDepth * width);
    }
  }

  private void pack(
      float[] b,
      int from,
      int count,
      int fromDepth,
      int toDepth,
      float[] out,
      int start,
      int width) {
    if (count >= NARROW) {
      for (int k = fromDepth; k < toDepth; k++) {
        System.arraycopy(b, from + k * columns, out, start + k * width, count);
      }
      return;
    }
    for (int k = fromDepth; k < toDepth; k++) {
      for (int j = 0; j < count; j++) {
        out[start + k * width + j] = b[from + k * columns + j];
      }
    }
  }

  private static void packTransposed(
      float[] b,
      int from,
      int stride,
      int count,
      int fromDepth,
      int toDepth,
      float[] out,
      int start,
      int width) {
    for (int k = fromDepth; k < toDepth; k++) {
      int source = from + k;
      int to = start + k * width;
      for (int j = 0; j < count; j++) {
        out[to + j] = b[source + j * stride];
      }
    }
  }

  private void multiply(int of, int slot, int tile) {
    int panel = tile / rowBlocks;
    int fromRow = tile % rowBlocks * rowBlock;
    int tileRows = Math.min(rowBlock, rows - fromRow);
    int firstColumn = panel * fullWidth;
    int used = Math.min(fullWidth, columns - firstColumn);
    int width = kernels.panelWidth(used);
    float[] left = leftTasks == 0 ? a.elements : scratch.left();
    int leftStart = (leftTasks == 0 ? of * rows * inner : slot * leftSize) + fromRow * inner;
    int rightStart = slot * rightSize + firstColumn * inner;
    int to = of * rows * columns + fromRow * columns + firstColumn;
    for (int block = 0; block < depthBlocks; block++) {
      int depth = block * DEPTH_BLOCK;
      kernels.multiply(
          tileRows,
          used,
          Math.min(DEPTH_BLOCK, inner - depth),
          left,
          leftStart + depth,
          inner,
          scratch.right(),
          rightStart + depth * width,
          c,
          to,
          columns,
          depth > 0);
    }
  }
}
