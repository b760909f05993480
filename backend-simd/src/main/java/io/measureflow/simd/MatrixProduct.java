package io.measureflow.simd;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * C = op(A) op(B), where op may transpose, square each element, or both; or such a product for each
 * pair of matrices in two stacks.
 *
 * <p>The right factor is read in panels of the kernels' width, with the rows of a panel
 * consecutive. It is packed into them, or is stored so from the start, like parameters that are
 * only read this way ({@link Layout}) and values computed for products alone ({@link PanelValues}).
 * The kernels read the left factor in place by rows or, if it is transposed and they support it, by
 * columns; otherwise they read rows of a transposed copy, or a copy of the squares [goto2008].
 * Which factor is packed is only a matter of cost: C' = op(B)' op(A)' has the same sums, so the
 * smaller or easier one is packed, and C is written transposed if that is A. Parameters, which are
 * large, are therefore never copied.
 *
 * <p>Results go from a thread's own memory to their destination, or to a {@link Sink}, so that a
 * result needed only once is never stored as a matrix. A gradient of parameters in panels updates
 * them directly from the registers ({@link Descent}).
 *
 * <p>Every element is a sum over ascending k, so its bits do not depend on how the work is
 * distributed. Large products are distributed by blocks of rows and panels, one product after the
 * other; small ones of a stack as a whole. A product with few columns whose left factor is in
 * panels is distributed by panels, so that each thread reads the panels that it has computed: its
 * elements are sums over ascending k of parts that depend only on the shapes.
 */
final class MatrixProduct implements Command {

  /**
   * The maximum number of panel rows processed at a time by a block of rows: 32 KiB of a panel of
   * 32 columns. Each tile reads all of them, so they must stay in the L1 cache.
   */
  private static final int DEPTH_BLOCK = 256;

  /**
   * The maximum number of rows of the left factor per block, a multiple of those of each kind of
   * tile; also the minimum if the rows are packed.
   */
  private static final int ROW_BLOCK = 48;

  private static final int SMALL_ROW_BLOCK = 24;

  /** The block size for parameters in panels, each of which should be read only once. */
  private static final int LARGE_ROW_BLOCK = 128;

  /**
   * The number of columns collected before they are stored: long runs of memory are prefetched,
   * while waiting for the old elements of each tile was measured to cost a fifth of a product.
   */
  private static final int COLLECTED_COLUMNS = 1024;

  /**
   * Smaller elements count as 0 in a factor of a gradient that only updates a state. They are far
   * too small to change it, but their products with the other factor, such as squares of features,
   * may be subnormal.
   */
  static final float LEAST_OF_GRADIENT = 0x1p-100f;

  /**
   * The maximum number of parts of the sums, and the minimum work per part, if they are
   * distributed.
   */
  private static final int MOST_PARTS = 8;

  private static final int LEAST_PART = 64;

  /** The number of rows transposed together. */
  private static final int TRANSPOSED_ROWS = 8;

  /** The multiply-adds per task: a few microseconds of work. */
  private static final int TASK_WORK = 1 << 18;

  /** The multiply-adds of the smallest task, used where it keeps threads from waiting. */
  private static final int LEAST_TASK_WORK = 1 << 15;

  /** The minimum number of tasks per thread, so that threads do not wait for the last one. */
  private static final int LEAST_PER_THREAD = 2;

  /** The tasks per thread that balance the load well enough if each task packs rows. */
  private static final int EVEN_PER_THREAD = 3;

  /** The tasks per thread above which an uneven distribution hardly matters. */
  private static final int ENOUGH_PER_THREAD = 8;

  /** The number of tasks above which a finer distribution gains nothing. */
  private static final int ENOUGH_TASKS = 64;

  /** The multiply-adds above which each product of a stack is distributed by itself. */
  private static final long LARGE_WORK = 1L << 22;

  /** The parts of a stack per thread: more than one, in case a thread is delayed. */
  private static final int SLOTS_PER_THREAD = 4;

  /** The multiply-adds below which the product runs on the calling thread. */
  private static final int PARALLEL_WORK = 1 << 17;

  // The measured cost of packing an element, in nanoseconds; only the ratios matter.
  private static final double TRANSPOSED_COST = 0.5;
  private static final double COPIED_COST = 0.2;
  private static final double STORED_TRANSPOSED_COST = 0.5;

  private final Kernels kernels;
  private final WorkerPool pool;
  private final Scratch scratch;

  /** The factor whose rows are read individually. */
  private final Factor left;

  /** The factor that is read in panels. */
  private final Factor right;

  /** Whether left is op(B)' and right op(A)', so that C' is computed. */
  private final boolean swapped;

  private final @Nullable Sink sink;
  private final @Nullable Descent descent;
  private final float[] c;

  /** The loop over parts of c, whose columns are then in panels. */
  private final @Nullable Loop next;

  private final int rows;
  private final int columns;
  private final int inner;
  private final int fullWidth;

  /** Whether the left factor is read in place although it is transposed. */
  private final boolean byColumns;

  /** Whether a copy of the left factor, or of its squares, is read. */
  private final boolean copied;

  private final int depthBlock;

  /** The number and length of the parts of the sums that are distributed. */
  private final int parts;

  private final int partLength;

  /** The number of elements in the results of a part. */
  private final int partSize;

  private final int rowBlock;
  private final int rowBlocks;
  private final int panelsPerTask;

  /** The number of groups of panels. */
  private final int groups;

  /**
   * Whether consecutive tasks have the same rows rather than the same panels; consecutive tasks run
   * on the same thread. By rows, half of what was packed (with two threads) and what is stored in
   * columns comes from another processor's cache. By panels, it is half of the rows if they are
   * parameters (that is, when swapped), or of what is stored in rows.
   *
   * <p>By rows, each task packs its rows; by panels, all rows are packed before the tasks begin.
   */
  private final boolean byRows;

  /** The number of columns collected together in the thread's memory. */
  private final int chunk;

  private final int packTasks;
  private final int arrangeTasks;
  private final int tasks;
  private final int count;
  private final int ownRight;
  private final int ownResults;
  private final int rightSize;
  private final boolean parallel;
  private final boolean byTasks;
  private final int slots;
  private final WorkerPool.Tasks pack = task -> pack(this.product, 0, task);
  private final WorkerPool.Tasks arrange = task -> arrange(this.product, task);
  private final WorkerPool.Tasks multiply = task -> multiply(this.product, 0, task);
  private final WorkerPool.Tasks multiplyPart = this::multiplyPart;
  private final WorkerPool.Tasks productsOfSlot = this::productsOfSlot;

  /** The index of the product being distributed. */
  private int product;

  /** Receives a product part by part instead of storing it. */
  @FunctionalInterface
  interface Sink {
    /**
     * Receives the elements in rows {@code fromRow} to {@code fromRow + rows} and columns {@code
     * fromColumn} to {@code fromColumn + columns}, which may be overwritten. Called on any thread,
     * once per element.
     *
     * @param part contains the elements from {@code offset} on, rows {@code stride} apart
     */
    void accept(
        int fromRow, int rows, int fromColumn, int columns, float[] part, int offset, int stride);
  }

  /**
   * Uses the elements of a product as a gradient: theta := theta - step (scale theta + shift) g
   * elementwise.
   */
  static final class Descent {
    private final float[] theta;
    private final float[] steps;
    private final float scale;
    private final float shift;

    /**
     * Creates a step along a gradient.
     *
     * @param theta a matrix in panels ({@link Layout}) of the kernels' width; its transpose has the
     *     product's shape
     * @param steps one step size per column of the product
     */
    Descent(float[] theta, float[] steps, float scale, float shift) {
      this.theta = theta;
      this.steps = steps;
      this.scale = scale;
      this.shift = shift;
    }
  }

  /** Row-major matrices of equal shape, stored consecutively, to be transposed or squared first. */
  static final class Factor {
    private final float[] elements;
    private final int count;
    private final int rows;
    private final int columns;
    private final boolean transposed;
    private final boolean squared;
    private final boolean inPanels;

    /** Wraps {@code elements} as {@code count} matrices with their shape before transposition. */
    Factor(float[] elements, int count, int rows, int columns, boolean transposed) {
      this(
          elements,
          count,
          transposed ? columns : rows,
          transposed ? rows : columns,
          transposed,
          false,
          false);
    }

    private Factor(
        float[] elements,
        int count,
        int rows,
        int columns,
        boolean transposed,
        boolean squared,
        boolean inPanels) {
      this.elements = elements;
      this.count = count;
      this.rows = rows;
      this.columns = columns;
      this.transposed = transposed;
      this.squared = squared;
      this.inPanels = inPanels;
    }

    /**
     * Wraps a matrix whose columns are in panels of the kernels' width, the transpose of one whose
     * rows are ({@link Layout}): a right factor, or the left factor of a product with at most a
     * panel's columns.
     */
    static Factor inPanels(float[] elements, int rows, int columns) {
      return new Factor(elements, 1, rows, columns, false, false, true);
    }

    /** Returns a copy with each element squared. */
    Factor squared() {
      return new Factor(elements, count, rows, columns, transposed, true, inPanels);
    }

    /** Returns the transpose. */
    Factor transpose() {
      return new Factor(
          elements,
          count,
          /* rows= */ columns,
          /* columns= */ rows,
          !transposed,
          squared,
          inPanels);
    }

    /** Returns whether its rows are read in place. */
    private boolean isReadInPlace() {
      return !transposed && !squared;
    }

    float[] elements() {
      return elements;
    }

    int count() {
      return count;
    }

    /** Returns the number of rows after transposition. */
    int rows() {
      return rows;
    }

    /** Returns the number of columns after transposition. */
    int columns() {
      return columns;
    }

    boolean isTransposed() {
      return transposed;
    }

    boolean isSquared() {
      return squared;
    }

    boolean isInPanels() {
      return inPanels;
    }

    private double size() {
      return (double) rows * columns;
    }
  }

  /**
   * Prepares one product per pair of matrices of the factors.
   *
   * @param c the row-major results, stored consecutively
   */
  MatrixProduct(Kernels kernels, WorkerPool pool, Scratch scratch, Factor a, Factor b, float[] c) {
    this(kernels, pool, scratch, a, b, c, null, 0, null, null);
  }

  /**
   * Prepares the product of two matrices.
   *
   * @param c the result, with columns in whole panels of the kernels' width
   * @param next the loop over parts of the result while they are in the L1 cache
   * @param chunk the elements per task of that loop
   */
  static MatrixProduct intoPanels(
      Kernels kernels,
      WorkerPool pool,
      Scratch scratch,
      Factor a,
      Factor b,
      float[] c,
      Loop next,
      int chunk) {
    return new MatrixProduct(kernels, pool, scratch, a, b, c, next, TASK_WORK / chunk, null, null);
  }

  /**
   * Prepares the product of two matrices, whose elements go to a sink.
   *
   * @throws IllegalArgumentException if a factor is a stack of other than one matrix
   */
  MatrixProduct(Kernels kernels, WorkerPool pool, Scratch scratch, Factor a, Factor b, Sink sink) {
    this(kernels, pool, scratch, a, b, new float[0], null, 0, sink, null);
  }

  /**
   * Prepares the product of two matrices that is a gradient.
   *
   * @throws IllegalArgumentException if a factor is a stack of other than one matrix
   */
  MatrixProduct(
      Kernels kernels, WorkerPool pool, Scratch scratch, Factor a, Factor b, Descent descent) {
    this(kernels, pool, scratch, a, b, new float[0], null, 0, null, descent);
  }

  private MatrixProduct(
      Kernels kernels,
      WorkerPool pool,
      Scratch scratch,
      Factor a,
      Factor b,
      float[] c,
      @Nullable Loop next,
      int workOfNext,
      @Nullable Sink sink,
      @Nullable Descent descent) {
    if ((sink != null || descent != null) && a.count != 1) {
      throw new IllegalArgumentException("expected one product for a sink, found " + a.count);
    }
    this.kernels = kernels;
    this.pool = pool;
    this.scratch = scratch;
    this.c = c;
    this.next = next;
    this.sink = sink;
    this.descent = descent;
    fullWidth = kernels.panelWidth(Integer.MAX_VALUE);
    boolean intoPanels = next != null;
    boolean free = sink == null && descent == null && !intoPanels && !a.inPanels && !b.inPanels;
    swapped =
        (a.inPanels && a.transposed)
            || (free
                && cost(b.transpose(), a.transpose())
                        + STORED_TRANSPOSED_COST * (double) a.rows * b.columns
                    < cost(a, b));
    left = swapped ? b.transpose() : a;
    right = swapped ? a.transpose() : b;
    rows = left.rows;
    columns = right.columns;
    inner = left.columns;
    count = a.count;
    if (left.inPanels && (!left.isReadInPlace() || columns > fullWidth)) {
      throw new IllegalArgumentException(
          "expected panels in the right factor, or few columns there, found " + columns);
    }
    if (swapped && (sink != null || descent != null)) {
      throw new IllegalArgumentException("expected a left factor in rows, found panels");
    }
    byColumns = isReadByColumns(left);
    copied = !byColumns && !left.isReadInPlace();
    int tile = kernels.tileRows();
    depthBlock = left.inPanels ? fullWidth : even(inner, DEPTH_BLOCK, 1, 1);
    int panels = Math.ceilDiv(columns, fullWidth);
    long work = (long) rows * columns * (inner + workOfNext);
    parallel = work * count >= PARALLEL_WORK;
    byTasks = parallel && (count == 1 || work >= LARGE_WORK);
    int threads = pool.threads();
    long moved = (long) columns * inner + (swapped ? (long) rows * columns : 0);
    boolean parameters = right.inPanels || descent != null;
    boolean movesLessByRows = moved <= (long) rows * (swapped ? inner : columns);
    byRows = !byTasks || panels <= 1 || (movesLessByRows && !parameters && !intoPanels);
    if ((parameters || intoPanels) && !byRows) {
      rowBlock = even(rows, LARGE_ROW_BLOCK, tile, blocksBeside(panels, threads));
      rowBlocks = Math.ceilDiv(rows, rowBlock);
      panelsPerTask = 1;
      chunk = fullWidth;
    } else {
      boolean arranged = byRows && copied;
      int least = byTasks ? Math.clamp(work / LEAST_TASK_WORK, 1, LEAST_PER_THREAD * threads) : 1;
      int wanted = Math.clamp(work / TASK_WORK, least, Math.max(least, ENOUGH_TASKS));
      // Each task packs its rows anew, so rather few blocks of rows than few panels.
      int most =
          arranged ? Math.clamp(Math.ceilDiv(rows, wanted), SMALL_ROW_BLOCK, ROW_BLOCK) : ROW_BLOCK;
      rowBlock = even(rows, most, tile, byRows && wanted >= threads ? threads : 1);
      rowBlocks = Math.ceilDiv(rows, rowBlock);
      int wantedGroups =
          Math.clamp(
              Math.ceilDiv(
                  arranged ? Math.min(wanted, EVEN_PER_THREAD * threads) : wanted,
                  Math.max(1, rowBlocks)),
              1,
              Math.max(1, panels));
      if (!byRows && wantedGroups >= threads) {
        wantedGroups = Math.min(panels, Math.ceilDiv(wantedGroups, threads) * threads);
      }
      panelsPerTask = Math.max(1, Math.ceilDiv(panels, wantedGroups));
      chunk =
          intoPanels
              ? fullWidth
              : fullWidth
                  * (swapped
                      ? panelsPerTask
                      : Math.min(panelsPerTask, COLLECTED_COLUMNS / fullWidth));
    }
    groups = Math.ceilDiv(panels, panelsPerTask);
    tasks = rowBlocks * groups;
    packTasks = right.inPanels ? 0 : panels * depthBlocks();
    arrangeTasks = byRows || !copied ? 0 : Math.ceilDiv(rows, ROW_BLOCK);
    boolean inParts = left.inPanels && byTasks && !intoPanels;
    parts = inParts ? Math.clamp(inner / LEAST_PART, 1, MOST_PARTS) : 1;
    partLength = parts == 1 ? inner : even(inner, Math.ceilDiv(inner, parts), fullWidth, 1);
    partSize = rows * kernels.panelWidth(columns);
    slots = count == 1 || byTasks ? 1 : Math.min(count, SLOTS_PER_THREAD * threads);
    rightSize = right.inPanels ? 0 : Math.multiplyExact(panels * fullWidth, inner);
    int leftSize =
        parts > 1
            ? Math.multiplyExact(parts, partSize)
            : arrangeTasks == 0 ? 0 : Math.multiplyExact(rows, inner);
    ownRight = byRows && copied ? rowBlock * depthBlock : 0;
    ownResults = ownRight + (right.inPanels ? depthBlock * fullWidth : 0);
    scratch.reserve(Math.multiplyExact(slots, rightSize), leftSize, ownResults + rowBlock * chunk);
  }

  private double cost(Factor left, Factor right) {
    double ofLeft =
        left.isReadInPlace() || isReadByColumns(left)
            ? 0
            : left.transposed ? TRANSPOSED_COST : COPIED_COST;
    double ofRight = right.inPanels ? 0 : right.transposed ? TRANSPOSED_COST : COPIED_COST;
    return ofLeft * left.size() + ofRight * right.size();
  }

  /**
   * Returns whether the columns of a left factor are read in place: if it is transposed and has
   * more than a few rows.
   */
  private boolean isReadByColumns(Factor left) {
    return left.transposed
        && !left.squared
        && kernels.takesTransposed()
        && left.rows >= (descent == null ? SMALL_ROW_BLOCK : kernels.tileRows());
  }

  /**
   * Returns the size, a multiple of {@code unit}, of blocks of at most {@code most}, as even as
   * possible, with their number a multiple of {@code times}.
   */
  private static int even(int size, int most, int unit, int times) {
    int blocks = Math.ceilDiv(Math.max(1, Math.ceilDiv(size, most)), times) * times;
    int units = Math.max(1, Math.ceilDiv(Math.ceilDiv(size, blocks), unit));
    return units * unit;
  }

  /** Returns the factor of the number of row blocks that distributes this many panels evenly. */
  private static int blocksBeside(int panels, int threads) {
    int blocks = 1;
    while (panels * blocks % threads != 0 && panels * blocks < ENOUGH_PER_THREAD * threads) {
      blocks++;
    }
    return blocks;
  }

  private int depthBlocks() {
    return Math.max(1, Math.ceilDiv(inner, depthBlock));
  }

  @Override
  public void run() {
    if (byTasks) {
      for (product = 0; product < count; product++) {
        pool.run(packTasks, pack);
        pool.run(arrangeTasks, arrange);
        if (parts > 1) {
          pool.run(parts * rowBlocks, multiplyPart);
          addParts();
        } else {
          pool.run(tasks, multiply);
        }
      }
    } else if (parallel) {
      pool.run(slots, productsOfSlot);
    } else {
      for (int slot = 0; slot < slots; slot++) {
        productsOfSlot(slot);
      }
    }
  }

  /** Computes a contiguous part of the products in memory of its own. */
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
    int panel = task / depthBlocks();
    int fromDepth = task % depthBlocks() * depthBlock;
    int length = Math.min(inner - fromDepth, depthBlock);
    float[] packed = scratch.right();
    int firstColumn = panel * fullWidth;
    int used = Math.min(fullWidth, columns - firstColumn);
    int width = kernels.panelWidth(used);
    int to = slot * rightSize + firstColumn * inner + fromDepth * width;
    if (used < width) {
      Arrays.fill(packed, to, to + length * width, 0);
    }
    int source = of * inner * columns;
    if (right.transposed) {
      int from = source + firstColumn * inner + fromDepth;
      transpose(right.elements, from, inner, used, length, packed, to, width);
    } else {
      int from = source + fromDepth * columns + firstColumn;
      kernels.copy(right.elements, from, columns, length, used, packed, to, width);
    }
    if (right.squared) {
      square(packed, to, to + length * width);
    }
    if (descent != null) {
      kernels.flush(packed, to, length * width, LEAST_OF_GRADIENT);
    }
  }

  /** Copies rows of a panel into the thread's memory, squared, or padded to their width. */
  private void copyPanel(int firstColumn, int fromDepth, int length, float[] own) {
    int used = Math.min(fullWidth, columns - firstColumn);
    int width = kernels.panelWidth(used);
    int from = firstColumn * inner + fromDepth * used;
    if (used < width) {
      Arrays.fill(own, ownRight, ownRight + length * width, 0);
      kernels.copy(right.elements, from, used, length, used, own, ownRight, width);
    } else {
      System.arraycopy(right.elements, from, own, ownRight, length * width);
    }
    if (right.squared) {
      square(own, ownRight, ownRight + length * width);
    }
  }

  /**
   * target[j, i] = source[i, j] for {@code rows} rows i and {@code columns} columns j: eight rows
   * at a time, so that each is read along its own cache lines, and bounds are checked once per row.
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

  // ---- the left factor ----

  /** Packs some rows of the left factor for all tasks. */
  private void arrange(int of, int task) {
    int fromRow = task * ROW_BLOCK;
    int some = Math.min(ROW_BLOCK, rows - fromRow);
    arrange(of, fromRow, some, 0, inner, scratch.left(), fromRow * inner);
  }

  /** Packs a part of some rows of the left factor. */
  private void arrange(
      int of, int fromRow, int count, int depth, int length, float[] target, int to) {
    int source = of * rows * inner;
    if (left.transposed) {
      int from = source + depth * rows + fromRow;
      transpose(left.elements, from, rows, length, count, target, to, length);
    } else {
      int from = source + fromRow * inner + depth;
      kernels.copy(left.elements, from, inner, count, length, target, to, length);
    }
    if (left.squared) {
      square(target, to, to + count * length);
    }
  }

  // ---- the product ----

  /** Computes a block of rows within some panels. */
  private void multiply(int of, int slot, int task) {
    int fromRow = (byRows ? task / groups : task % rowBlocks) * rowBlock;
    int blockRows = Math.min(rowBlock, rows - fromRow);
    int group = byRows ? task % groups : task / rowBlocks;
    int firstColumn = group * panelsPerTask * fullWidth;
    int endColumn = Math.min(columns, firstColumn + panelsPerTask * fullWidth);
    float[] own = scratch.own();
    for (int column = firstColumn; column < endColumn; column += chunk) {
      int end = Math.min(endColumn, column + chunk);
      boolean first = column == firstColumn;
      // Sums completed at once are stored. Others continue in the thread's memory.
      boolean direct = next != null && depthBlock >= inner;
      int inPanel = column * rows + fromRow * fullWidth;
      float[] to = direct ? c : own;
      int at = direct ? inPanel : ownResults;
      multiply(of, slot, fromRow, blockRows, 0, inner, column, end, first, to, at, chunk);
      if (next != null) {
        if (!direct) {
          System.arraycopy(own, ownResults, c, inPanel, blockRows * fullWidth);
        }
        next.run(inPanel, inPanel + blockRows * fullWidth);
      } else if (descent != null) {
        descendUnlessDone(descent, fromRow, blockRows, column, end);
      } else if (sink != null) {
        sink.accept(fromRow, blockRows, column, end - column, own, ownResults, chunk);
      } else if (swapped) {
        int target = of * rows * columns + column * rows + fromRow;
        transpose(own, ownResults, chunk, blockRows, end - column, c, target, rows);
      } else {
        int target = of * rows * columns + fromRow * columns + column;
        kernels.copy(own, ownResults, chunk, blockRows, end - column, c, target, columns);
      }
    }
  }

  /** Computes partial sums of some rows. */
  private void multiplyPart(int task) {
    int part = task / rowBlocks;
    int fromRow = task % rowBlocks * rowBlock;
    int blockRows = Math.min(rowBlock, rows - fromRow);
    int fromDepth = part * partLength;
    int endDepth = Math.min(inner, fromDepth + partLength);
    int width = kernels.panelWidth(columns);
    int to = part * partSize + fromRow * width;
    multiply(
        0, 0, fromRow, blockRows, fromDepth, endDepth, 0, columns, true, scratch.left(), to, width);
  }

  private void addParts() {
    float[] sums = scratch.left();
    int made = Math.ceilDiv(inner, partLength);
    kernels.sumRows(sums, 0, partSize, made, sums, 0, partSize, false);
    kernels.copy(sums, 0, kernels.panelWidth(columns), rows, columns, c, 0, columns);
  }

  /**
   * Computes a block of rows and columns, of their sums the parts with {@code fromDepth} &lt;= k
   * &lt; {@code endDepth}.
   *
   * @param arranges whether rows of the left factor may still have to be packed
   * @param out the results, from {@code to} on, rows {@code stride} apart
   */
  private void multiply(
      int of,
      int slot,
      int fromRow,
      int blockRows,
      int fromDepth,
      int endDepth,
      int firstColumn,
      int endColumn,
      boolean arranges,
      float[] out,
      int firstTo,
      int stride) {
    float[] own = scratch.own();
    for (int depth = fromDepth; depth == fromDepth || depth < endDepth; depth += depthBlock) {
      int length = Math.min(depthBlock, endDepth - depth);
      float[] rowsOfLeft = left.elements;
      int leftStart = of * rows * inner + fromRow * inner + depth;
      int leftStride = inner;
      if (left.inPanels) {
        leftStart = depth * rows + fromRow * fullWidth;
        leftStride = fullWidth;
      } else if (byColumns) {
        leftStart = of * rows * inner + depth * rows + fromRow;
        leftStride = rows;
      } else if (arrangeTasks > 0) {
        rowsOfLeft = scratch.left();
        leftStart = fromRow * inner + depth;
      } else if (copied) {
        rowsOfLeft = own;
        leftStart = 0;
        leftStride = length;
        if (arranges || depthBlock < inner) {
          arrange(of, fromRow, blockRows, depth, length, own, 0);
        }
      }
      for (int column = firstColumn; column < endColumn; column += fullWidth) {
        int used = Math.min(fullWidth, columns - column);
        int width = kernels.panelWidth(used);
        float[] panels = scratch.right();
        int panel = slot * rightSize + column * inner + depth * width;
        if (right.inPanels && (right.squared || used < width)) {
          copyPanel(column, depth, length, own);
          panels = own;
          panel = ownRight;
        } else if (right.inPanels) {
          panels = right.elements;
        }
        int to = firstTo + column - firstColumn;
        boolean more = depth > fromDepth;
        if (descent != null && depth + length == inner && isDoneByKernel(used)) {
          int theta = column * rows + fromRow * fullWidth;
          kernels.descendTransposed(
              blockRows,
              length,
              rowsOfLeft,
              leftStart,
              leftStride,
              panels,
              panel,
              out,
              to,
              stride,
              more,
              descent.theta,
              theta,
              descent.steps,
              column,
              descent.scale,
              descent.shift);
        } else if (byColumns) {
          kernels.multiplyTransposed(
              blockRows,
              width,
              length,
              rowsOfLeft,
              leftStart,
              leftStride,
              panels,
              panel,
              out,
              to,
              stride,
              more);
        } else {
          kernels.multiply(
              blockRows,
              width,
              length,
              rowsOfLeft,
              leftStart,
              leftStride,
              panels,
              panel,
              out,
              to,
              stride,
              more);
        }
      }
    }
  }

  /** Returns whether the kernel for gradient sums handles this many columns. */
  private boolean isDoneByKernel(int used) {
    return byColumns && used == fullWidth;
  }

  /** Updates theta for columns that are too few for the kernel. */
  private void descendUnlessDone(
      Descent descent, int fromRow, int blockRows, int firstColumn, int endColumn) {
    float[] own = scratch.own();
    for (int column = firstColumn; column < endColumn; column += fullWidth) {
      int used = Math.min(fullWidth, columns - column);
      for (int i = 0; i < blockRows && !isDoneByKernel(used); i++) {
        int to = column * rows + (fromRow + i) * used;
        int from = ownResults + i * chunk + column - firstColumn;
        for (int j = 0; j < used; j++) {
          float t = descent.theta[to + j];
          float g = own[from + j] * (descent.scale * t + descent.shift);
          descent.theta[to + j] = t - descent.steps[column + j] * g;
        }
      }
    }
  }
}
