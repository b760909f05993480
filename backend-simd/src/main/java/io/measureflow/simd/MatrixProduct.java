package io.measureflow.simd;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * C = op(A) op(B), op transposing or squaring each element, or both or neither; or such a product
 * for each pair of matrices in two stacks.
 *
 * <p>One factor is packed into panels of the kernels' width, rows of a panel consecutive; of the
 * other, the kernels read rows where they lie. Blocks of rows that do not lie so, because the
 * factor is transposed or squared, are brought into that order by the task that needs them
 * [goto2008]. Which factor is packed is a matter of cost alone: C' = op(B)' op(A)' has the same
 * sums, so the smaller or the easier one is packed, and C written transposed if that is B's
 * counterpart. Parameters, which are large, are thus never copied.
 *
 * <p>Results go from a thread's own memory to where they belong, or to a {@link Sink}, so that one
 * that is needed only once, such as a gradient, never becomes a matrix.
 *
 * <p>Every element is a sum over ascending k, cut at fixed places, so that its bits do not depend
 * on how the work is shared out. Large products are shared out by blocks of rows and panels, one
 * product after the other; small ones of a stack as a whole.
 */
final class MatrixProduct implements Step {

  /** Panel rows that a block of rows runs through at a time: 64 KiB of a panel of 32 columns. */
  private static final int DEPTH_BLOCK = 512;

  /** Rows of the left factor at most, and, where they are brought into order, at least. */
  private static final int ROW_BLOCK = 48;

  private static final int SMALL_ROW_BLOCK = 24;

  /**
   * Columns that are collected before they go where they belong: long runs of memory are fetched
   * ahead, as waiting for the old elements of each tile was seen to cost a fifth of a product.
   */
  private static final int COLLECTED_COLUMNS = 1024;

  /** Rows that are transposed together. */
  private static final int TRANSPOSED_ROWS = 8;

  /** Multiply-adds that are worth a task of their own: a few microseconds. */
  private static final int TASK_WORK = 1 << 18;

  /** Multiply-adds of the smallest task, where smaller ones keep threads from waiting. */
  private static final int LEAST_TASK_WORK = 1 << 15;

  /** Tasks per thread at least, lest threads wait for the last one. */
  private static final int LEAST_PER_THREAD = 2;

  /** Tasks per thread that are even enough where each has to bring rows into order. */
  private static final int EVEN_PER_THREAD = 3;

  /** Tasks beyond which sharing out gains nothing. */
  private static final int ENOUGH_TASKS = 64;

  /** Multiply-adds from which on each product of a stack is shared out by itself. */
  private static final long LARGE_WORK = 1L << 22;

  /** Parts of a stack per thread: more than one, in case a thread is held up. */
  private static final int SLOTS_PER_THREAD = 4;

  /** Multiply-adds below which the whole product is not worth waking anybody. */
  private static final int PARALLEL_WORK = 1 << 17;

  // What it costs to bring an element where the kernels want it, as measured: in nanoseconds, of
  // which only the ratios matter.
  private static final double TRANSPOSED_COST = 0.5;
  private static final double COPIED_COST = 0.2;
  private static final double STORED_TRANSPOSED_COST = 0.5;

  private final Kernels kernels;
  private final WorkerPool pool;
  private final Scratch scratch;

  /** The factor whose rows are read one by one. */
  private final Factor left;

  /** The factor that is packed. */
  private final Factor right;

  /** Whether left is op(B)', right op(A)', and what is computed C'. */
  private final boolean swapped;

  private final @Nullable Sink sink;
  private final float[] c;
  private final int rows;
  private final int columns;
  private final int inner;
  private final int fullWidth;
  private final int depthBlocks;
  private final int rowBlock;
  private final int rowBlocks;
  private final int panelsPerTask;

  /** Groups of panels. */
  private final int groups;

  /**
   * Whether tasks of the same rows follow each other, else those of the same panels: the same
   * thread has those. In the first case half of what was packed, with two threads, and what is
   * stored in columns has to come from another processor's cache. In the second it is half of the
   * rows, if they are parameters (which this is about, when swapped), or of what is stored in rows.
   */
  private final boolean byRows;

  /** The columns that are collected in the thread's memory together. */
  private final int chunk;

  private final int packTasks;
  private final int tasks;
  private final int count;
  private final int leftBlockSize;
  private final int rightSize;
  private final boolean parallel;
  private final boolean byTasks;
  private final int slots;
  private final WorkerPool.Tasks pack = task -> pack(this.product, 0, task);
  private final WorkerPool.Tasks multiply = task -> multiply(this.product, 0, task);
  private final WorkerPool.Tasks productsOfSlot = this::productsOfSlot;

  /** The product that is being shared out. */
  private int product;

  /** What becomes of a product, part by part, in place of being stored. */
  @FunctionalInterface
  interface Sink {
    /**
     * Takes the elements in rows {@code fromRow} to {@code fromRow + rows} and columns {@code
     * fromColumn} to {@code fromColumn + columns}, which may be overwritten. Called on any thread,
     * once for each element.
     *
     * @param part where the elements are, from {@code offset} on, rows {@code stride} apart
     */
    void accept(
        int fromRow, int rows, int fromColumn, int columns, float[] part, int offset, int stride);
  }

  /** Row-major matrices of one shape, one after the other, to be transposed or squared first. */
  static final class Factor {
    private final float[] elements;
    private final int count;
    private final int rows;
    private final int columns;
    private final boolean transposed;
    private final boolean squared;

    /**
     * A view of {@code elements}, {@code count} matrices, with their shape before transposition.
     */
    Factor(float[] elements, int count, int rows, int columns, boolean transposed) {
      this(elements, count, rows, columns, transposed, false);
    }

    private Factor(
        float[] elements, int count, int rows, int columns, boolean transposed, boolean squared) {
      this.elements = elements;
      this.count = count;
      this.rows = transposed ? columns : rows;
      this.columns = transposed ? rows : columns;
      this.transposed = transposed;
      this.squared = squared;
    }

    /** The same with each element squared. */
    Factor squared() {
      return transposed
          ? new Factor(elements, count, columns, rows, true, true)
          : new Factor(elements, count, rows, columns, false, true);
    }

    private Factor turned() {
      return transposed
          ? new Factor(elements, count, columns, rows, false, squared)
          : new Factor(elements, count, rows, columns, true, squared);
    }

    private double size() {
      return (double) rows * columns;
    }
  }

  /**
   * Prepares one product per matrix of the factors, which are equally many.
   *
   * @param c the row-major results, one after the other
   */
  MatrixProduct(Kernels kernels, WorkerPool pool, Scratch scratch, Factor a, Factor b, float[] c) {
    this(kernels, pool, scratch, a, b, c, null);
  }

  /**
   * Prepares the product of two matrices, of which a sink takes the elements.
   *
   * @throws IllegalArgumentException if a factor is a stack of other than one matrix
   */
  MatrixProduct(Kernels kernels, WorkerPool pool, Scratch scratch, Factor a, Factor b, Sink sink) {
    this(kernels, pool, scratch, a, b, new float[0], sink);
    if (count != 1) {
      throw new IllegalArgumentException("expected one product for a sink, found " + count);
    }
  }

  private MatrixProduct(
      Kernels kernels,
      WorkerPool pool,
      Scratch scratch,
      Factor a,
      Factor b,
      float[] c,
      @Nullable Sink sink) {
    this.kernels = kernels;
    this.pool = pool;
    this.scratch = scratch;
    this.c = c;
    this.sink = sink;
    swapped =
        sink == null
            && cost(b.turned(), a.turned()) + STORED_TRANSPOSED_COST * (double) a.rows * b.columns
                < cost(a, b);
    left = swapped ? b.turned() : a;
    right = swapped ? a.turned() : b;
    rows = left.rows;
    columns = right.columns;
    inner = left.columns;
    count = a.count;
    fullWidth = kernels.panelWidth(Integer.MAX_VALUE);
    int panels = Math.ceilDiv(columns, fullWidth);
    depthBlocks = Math.max(1, Math.ceilDiv(inner, DEPTH_BLOCK));
    long work = (long) rows * columns * inner;
    parallel = work * count >= PARALLEL_WORK;
    byTasks = parallel && (count == 1 || work >= LARGE_WORK);
    int threads = pool.threads();
    int least = byTasks ? Math.clamp(work / LEAST_TASK_WORK, 1, LEAST_PER_THREAD * threads) : 1;
    int wanted = Math.clamp(work / TASK_WORK, least, Math.max(least, ENOUGH_TASKS));
    // Rows that are brought into order by each task anew: rather few of them than few panels.
    int most =
        isArranged()
            ? Math.clamp(Math.ceilDiv(rows, wanted), SMALL_ROW_BLOCK, ROW_BLOCK)
            : ROW_BLOCK;
    int blocks = Math.max(1, Math.ceilDiv(rows, most));
    long moved = (long) columns * inner + (swapped ? (long) rows * columns : 0);
    byRows = panels <= 1 || moved <= (long) rows * (swapped ? inner : columns);
    if (byRows && wanted >= threads) {
      // As much for every thread.
      blocks = Math.ceilDiv(blocks, threads) * threads;
    }
    int tile = kernels.tileRows();
    rowBlock =
        Math.clamp(Math.ceilDiv(Math.ceilDiv(rows, blocks), tile) * (long) tile, tile, ROW_BLOCK);
    rowBlocks = Math.ceilDiv(rows, rowBlock);
    int wantedGroups =
        Math.clamp(
            Math.ceilDiv(
                isArranged() ? Math.min(wanted, EVEN_PER_THREAD * threads) : wanted,
                Math.max(1, rowBlocks)),
            1,
            Math.max(1, panels));
    if (!byRows && wantedGroups >= threads) {
      wantedGroups = Math.min(panels, Math.ceilDiv(wantedGroups, threads) * threads);
    }
    panelsPerTask = Math.max(1, Math.ceilDiv(panels, wantedGroups));
    groups = Math.ceilDiv(panels, panelsPerTask);
    chunk =
        fullWidth
            * (swapped ? panelsPerTask : Math.min(panelsPerTask, COLLECTED_COLUMNS / fullWidth));
    tasks = rowBlocks * groups;
    packTasks = panels * depthBlocks;
    slots = count == 1 || byTasks ? 1 : Math.min(count, SLOTS_PER_THREAD * threads);
    rightSize = Math.multiplyExact(panels * fullWidth, inner);
    leftBlockSize = isArranged() ? ROW_BLOCK * Math.min(DEPTH_BLOCK, inner) : 0;
    scratch.reserve(Math.multiplyExact(slots, rightSize), leftBlockSize + ROW_BLOCK * chunk);
  }

  private static double cost(Factor left, Factor right) {
    double ofLeft = left.transposed ? TRANSPOSED_COST : left.squared ? COPIED_COST : 0;
    double ofRight = right.transposed ? TRANSPOSED_COST : COPIED_COST;
    return ofLeft * left.size() + ofRight * right.size();
  }

  /** Whether rows of the left factor have to be brought into order. */
  private boolean isArranged() {
    return left.transposed || left.squared;
  }

  @Override
  public void run() {
    if (byTasks) {
      for (product = 0; product < count; product++) {
        pool.run(packTasks, pack);
        pool.run(tasks, multiply);
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
      for (int task = 0; task < packTasks; task++) {
        pack(each, slot, task);
      }
      for (int task = 0; task < tasks; task++) {
        multiply(each, slot, task);
      }
    }
  }

  // ---- the right factor ----

  /** Packs a block of rows of a panel. */
  private void pack(int of, int slot, int task) {
    int panel = task / depthBlocks;
    int fromDepth = task % depthBlocks * DEPTH_BLOCK;
    int toDepth = Math.min(inner, fromDepth + DEPTH_BLOCK);
    float[] packed = scratch.right();
    int firstColumn = panel * fullWidth;
    int used = Math.min(fullWidth, columns - firstColumn);
    int width = kernels.panelWidth(used);
    int start = slot * rightSize + firstColumn * inner;
    if (used < width) {
      Arrays.fill(packed, start + fromDepth * width, start + toDepth * width, 0);
    }
    int source = of * inner * columns;
    if (right.transposed) {
      transpose(
          right.elements,
          source + firstColumn * inner + fromDepth,
          inner,
          used,
          toDepth - fromDepth,
          packed,
          start + fromDepth * width,
          width);
    } else {
      kernels.copy(
          right.elements,
          source + fromDepth * columns + firstColumn,
          columns,
          toDepth - fromDepth,
          used,
          packed,
          start + fromDepth * width,
          width);
    }
    if (right.squared) {
      square(packed, start + fromDepth * width, start + toDepth * width);
    }
  }

  /**
   * target[j, i] = source[i, j] for {@code rows} rows i and {@code columns} columns j: eight rows
   * at a time, as each is read along its own cache lines then, and bounds are checked once a row.
   */
  private static void transpose(
      float[] source,
      int from,
      int stride,
      int rows,
      int columns,
      float[] target,
      int to,
      int targetStride) {
    int whole = rows - rows % TRANSPOSED_ROWS;
    for (int i = 0; i < whole; i += TRANSPOSED_ROWS) {
      int row0 = from + i * stride;
      int row1 = row0 + stride;
      int row2 = row1 + stride;
      int row3 = row2 + stride;
      int row4 = row3 + stride;
      int row5 = row4 + stride;
      int row6 = row5 + stride;
      int row7 = row6 + stride;
      int write = to + i;
      for (int j = 0; j < columns; j++) {
        float a0 = source[row0 + j];
        float a1 = source[row1 + j];
        float a2 = source[row2 + j];
        float a3 = source[row3 + j];
        float a4 = source[row4 + j];
        float a5 = source[row5 + j];
        float a6 = source[row6 + j];
        float a7 = source[row7 + j];
        target[write] = a0;
        target[write + 1] = a1;
        target[write + 2] = a2;
        target[write + 3] = a3;
        target[write + 4] = a4;
        target[write + 5] = a5;
        target[write + 6] = a6;
        target[write + 7] = a7;
        write += targetStride;
      }
    }
    for (int j = 0; j < columns; j++) {
      int write = to + j * targetStride;
      for (int i = whole; i < rows; i++) {
        target[write + i] = source[from + i * stride + j];
      }
    }
  }

  private static void square(float[] a, int from, int to) {
    for (int i = from; i < to; i++) {
      a[i] *= a[i];
    }
  }

  // ---- the left factor, and the product ----

  /** Computes a block of rows within some panels. */
  private void multiply(int of, int slot, int task) {
    int fromRow = (byRows ? task / groups : task % rowBlocks) * rowBlock;
    int tileRows = Math.min(rowBlock, rows - fromRow);
    int group = byRows ? task % groups : task / rowBlocks;
    int firstColumn = group * panelsPerTask * fullWidth;
    int endColumn = Math.min(columns, firstColumn + panelsPerTask * fullWidth);
    float[] own = scratch.own();
    for (int column = firstColumn; column < endColumn; column += chunk) {
      int end = Math.min(endColumn, column + chunk);
      multiply(of, slot, fromRow, tileRows, column, end, column == firstColumn);
      if (sink != null) {
        sink.accept(fromRow, tileRows, column, end - column, own, leftBlockSize, chunk);
      } else if (swapped) {
        int target = of * rows * columns + column * rows + fromRow;
        transpose(own, leftBlockSize, chunk, tileRows, end - column, c, target, rows);
      } else {
        int target = of * rows * columns + fromRow * columns + column;
        kernels.copy(own, leftBlockSize, chunk, tileRows, end - column, c, target, columns);
      }
    }
  }

  /**
   * Computes a block of rows and columns into the thread's memory.
   *
   * @param arranges whether rows of the left factor have yet to be brought into order
   */
  private void multiply(
      int of,
      int slot,
      int fromRow,
      int tileRows,
      int firstColumn,
      int endColumn,
      boolean arranges) {
    float[] own = scratch.own();
    for (int depth = 0; depth == 0 || depth < inner; depth += DEPTH_BLOCK) {
      int length = Math.min(DEPTH_BLOCK, inner - depth);
      float[] rowsOfLeft = left.elements;
      int leftStart = of * rows * inner + fromRow * inner + depth;
      int leftStride = inner;
      if (isArranged()) {
        rowsOfLeft = own;
        leftStart = 0;
        leftStride = length;
        if (arranges || depthBlocks > 1) {
          arrange(of * rows * inner, fromRow, tileRows, depth, length, rowsOfLeft);
        }
      }
      for (int column = firstColumn; column < endColumn; column += fullWidth) {
        int used = Math.min(fullWidth, columns - column);
        int width = kernels.panelWidth(used);
        kernels.multiply(
            tileRows,
            width, // what panels were filled up with, too: there is room for it
            length,
            rowsOfLeft,
            leftStart,
            leftStride,
            scratch.right(),
            slot * rightSize + column * inner + depth * width,
            own,
            leftBlockSize + column - firstColumn,
            chunk,
            depth > 0);
      }
    }
  }

  /** Rows of the left factor in order, {@code length} elements each. */
  private void arrange(int source, int fromRow, int count, int depth, int length, float[] own) {
    if (left.transposed) {
      transpose(
          left.elements, source + depth * rows + fromRow, rows, length, count, own, 0, length);
    } else {
      kernels.copy(
          left.elements, source + fromRow * inner + depth, inner, count, length, own, 0, length);
    }
    if (left.squared) {
      square(own, 0, count * length);
    }
  }
}
