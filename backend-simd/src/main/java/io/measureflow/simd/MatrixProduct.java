package io.measureflow.simd;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * C = op(A) op(B), op transposing or squaring each element, or both or neither; or such a product
 * for each pair of matrices in two stacks.
 *
 * <p>One factor, the right one, is read in panels of the kernels' width, rows of a panel
 * consecutive: it is packed into them, or lies so from the start, as parameters do that are only
 * read thus ({@link Layout}), and what is computed for products alone ({@link PanelValues}). Of the
 * other, the kernels read rows where they lie, or columns, if it is transposed and they can, else
 * rows of a transposed copy, and if it is squared, of its squares [goto2008]. Which factor is
 * packed is a matter of cost alone: C' = op(B)' op(A)' has the same sums, so the smaller or the
 * easier one is packed, and C written transposed if that is B's counterpart. Parameters, which are
 * large, are thus never copied.
 *
 * <p>Results go from a thread's own memory to where they belong, or to a {@link Sink}, so that one
 * that is needed only once never becomes a matrix. A gradient of parameters in panels moves them as
 * it leaves the registers ({@link Descent}).
 *
 * <p>Every element is a sum over ascending k, so that its bits do not depend on how the work is
 * shared out. Large products are shared out by blocks of rows and panels, one product after the
 * other; small ones of a stack as a whole. A product of few columns whose left factor lies in
 * panels is shared out by those, so that each thread reads the panels that it has computed: its
 * elements are sums over ascending k of parts that depend on the shapes alone.
 */
final class MatrixProduct implements Command {

  /**
   * Panel rows that a block of rows runs through at a time at most: 32 KiB of a panel of 32
   * columns. A tile reads each of them once, so they have to stay in the nearest cache.
   */
  private static final int DEPTH_BLOCK = 256;

  /**
   * Rows of the left factor at most, a multiple of those of each kind of tile, and, where they are
   * brought into order, at least.
   */
  private static final int ROW_BLOCK = 48;

  private static final int SMALL_ROW_BLOCK = 24;

  /** The same where parameters lie in panels, each of which is to be read but once. */
  private static final int LARGE_ROW_BLOCK = 128;

  /**
   * Columns that are collected before they go where they belong: long runs of memory are fetched
   * ahead, as waiting for the old elements of each tile was seen to cost a fifth of a product.
   */
  private static final int COLLECTED_COLUMNS = 1024;

  /**
   * What is smaller in a factor of a gradient that only moves a state counts as 0: far too small to
   * move one, but its products with the other factor, squares of features for example, may be
   * subnormal.
   */
  static final float LEAST_OF_GRADIENT = 0x1p-100f;

  /** Parts of the sums at most, and what is worth a part, where they are shared out. */
  private static final int MOST_PARTS = 8;

  private static final int LEAST_PART = 64;

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

  /** Tasks per thread beyond which it does not matter much whether they go round evenly. */
  private static final int ENOUGH_PER_THREAD = 8;

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

  /** The factor that is read in panels. */
  private final Factor right;

  /** Whether left is op(B)', right op(A)', and what is computed C'. */
  private final boolean swapped;

  private final @Nullable Sink sink;
  private final @Nullable Descent descent;
  private final float[] c;

  /** What is done with parts of c, whose columns then lie in panels. */
  private final @Nullable Loop next;

  private final int rows;
  private final int columns;
  private final int inner;
  private final int fullWidth;

  /** Whether the left factor is read where it lies although it is transposed. */
  private final boolean byColumns;

  /** Whether a copy of the left factor, or of its squares, is read. */
  private final boolean copied;

  private final int depthBlock;

  /** The parts of the sums that are shared out, and their length. */
  private final int parts;

  private final int partLength;

  /** How many elements the results of a part have. */
  private final int partSize;

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
   *
   * <p>In the first case rows are brought into order by the task that has them, in the second all
   * are before the tasks begin.
   */
  private final boolean byRows;

  /** The columns that are collected in the thread's memory together. */
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

  /**
   * What takes the elements of a product for a gradient: theta := theta - step (scale theta +
   * shift) g elementwise.
   */
  static final class Descent {
    private final float[] theta;
    private final float[] steps;
    private final float scale;
    private final float shift;

    /**
     * A step down a gradient.
     *
     * @param theta a matrix in panels ({@link Layout}) as wide as the kernels', whose transpose has
     *     the product's shape
     * @param steps one step per column of the product
     */
    Descent(float[] theta, float[] steps, float scale, float shift) {
      this.theta = theta;
      this.steps = steps;
      this.scale = scale;
      this.shift = shift;
    }
  }

  /** Row-major matrices of one shape, one after the other, to be transposed or squared first. */
  static final class Factor {
    private final float[] elements;
    private final int count;
    private final int rows;
    private final int columns;
    private final boolean transposed;
    private final boolean squared;
    private final boolean inPanels;

    /**
     * A view of {@code elements}, {@code count} matrices, with their shape before transposition.
     */
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
     * A matrix whose columns lie in panels as wide as those of the kernels, which is the transpose
     * of one whose rows do ({@link Layout}): a right factor, or the left one of a product of at
     * most a panel's columns.
     */
    static Factor inPanels(float[] elements, int rows, int columns) {
      return new Factor(elements, 1, rows, columns, false, false, true);
    }

    /** The same with each element squared. */
    Factor squared() {
      return new Factor(elements, count, rows, columns, transposed, true, inPanels);
    }

    /** The transpose. */
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

    /** Whether its rows are read where they lie. */
    private boolean isReadInPlace() {
      return !transposed && !squared;
    }

    float[] elements() {
      return elements;
    }

    int count() {
      return count;
    }

    /** The rows of what is multiplied. */
    int rows() {
      return rows;
    }

    /** The columns of what is multiplied. */
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
   * Prepares one product per matrix of the factors, which are equally many.
   *
   * @param c the row-major results, one after the other
   */
  MatrixProduct(Kernels kernels, WorkerPool pool, Scratch scratch, Factor a, Factor b, float[] c) {
    this(kernels, pool, scratch, a, b, c, null, 0, null, null);
  }

  /**
   * Prepares the product of two matrices.
   *
   * @param c the result, whose columns lie in whole panels as wide as those of the kernels
   * @param next what is done with parts of the result, while they are in the nearest cache
   * @param chunk how many elements of that are worth a task of their own
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
   * Prepares the product of two matrices, of which a sink takes the elements.
   *
   * @throws IllegalArgumentException if a factor is a stack of other than one matrix
   */
  MatrixProduct(Kernels kernels, WorkerPool pool, Scratch scratch, Factor a, Factor b, Sink sink) {
    this(kernels, pool, scratch, a, b, new float[0], null, 0, sink, null);
  }

  /**
   * Prepares the product of two matrices, which is a gradient.
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
      // Rows that are brought into order by each task anew: rather few of them than few panels.
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
   * Whether the columns of a left factor are read where they lie: if it is transposed and has more
   * than a few rows.
   */
  private boolean isReadByColumns(Factor left) {
    return left.transposed
        && !left.squared
        && kernels.takesTransposed()
        && left.rows >= (descent == null ? SMALL_ROW_BLOCK : kernels.tileRows());
  }

  /**
   * The size, a multiple of {@code unit}, of blocks of at most {@code most}, as even as may be,
   * their number being a multiple of {@code times}.
   */
  private static int even(int size, int most, int unit, int times) {
    int blocks = Math.ceilDiv(Math.max(1, Math.ceilDiv(size, most)), times) * times;
    int units = Math.max(1, Math.ceilDiv(Math.ceilDiv(size, blocks), unit));
    return units * unit;
  }

  /** Of how many a number of row blocks is a multiple, so that so many panels go round evenly. */
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

  /** Brings rows of a panel into the thread's memory, squared, or filled up to their width. */
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

  // ---- the left factor ----

  /** Brings some rows of the left factor into order for all tasks. */
  private void arrange(int of, int task) {
    int fromRow = task * ROW_BLOCK;
    int some = Math.min(ROW_BLOCK, rows - fromRow);
    arrange(of, fromRow, some, 0, inner, scratch.left(), fromRow * inner);
  }

  /** Brings a part of some rows of the left factor into order. */
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
      // Sums that are made at once go where they belong. Others go on in memory that is at hand.
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

  /** Computes a part of the sums of some rows. */
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
   * Computes a block of rows and columns, of their sums those parts with {@code fromDepth} &lt;= k
   * &lt; {@code endDepth}.
   *
   * @param arranges whether rows of the left factor may have yet to be brought into order
   * @param out where the results go from {@code to} on, rows {@code stride} apart
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

  /** Whether the kernel for sums that are gradients takes so many columns. */
  private boolean isDoneByKernel(int used) {
    return byColumns && used == fullWidth;
  }

  /** Subtracts from theta what the kernel has not, its columns being too few. */
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
