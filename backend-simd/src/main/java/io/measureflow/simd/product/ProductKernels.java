package io.measureflow.simd.product;

/**
 * The loops of products: tiles, and the packing of right factors into panels outside the heap.
 *
 * <p>A panel holds {@link #panelWidth} columns of a right factor, or fewer vectors of them at the
 * end, row after row: the first two vectors of each row side by side, a third vector behind them
 * all. Its depth is a multiple of {@link #STEPS}, filled up with zeros.
 */
public interface ProductKernels {

  /** The rows of a panel that go through own memory together: they stay in the L1 cache. */
  int PACKED_ROWS = 64;

  /** The steps of k that tiles take at a time. */
  int STEPS = 2;

  /** Returns the kernels that use the Vector API. */
  static ProductKernels vector() {
    return new VectorProductKernels();
  }

  /** Returns the kernels without vectors. */
  static ProductKernels scalar() {
    return new ScalarProductKernels();
  }

  /** Returns the number of elements of a vector. */
  int lanes();

  /** Returns the largest number of rows of a tile, and the other one. */
  int tileRows();

  /** The number of rows of the smaller tiles. */
  int SMALL_TILE_ROWS = 4;

  /** Returns the number of columns of a panel. */
  int panelWidth();

  /**
   * c_ij = begin_ij + sum_k a_ik b_kj over ascending k, for a tile.
   *
   * @param rows {@link #tileRows} or {@link #SMALL_TILE_ROWS}
   * @param vectors the vectors of the panel
   * @param depth the number of k, a multiple of {@link #STEPS}
   * @param a the left factor, rows {@link ProductPlan#ROW_STRIDE} apart
   * @param panel the address of the panel
   * @param begin what sums begin with, rows {@code step} apart
   * @param c the sums, rows {@code stride} apart
   */
  void multiply(
      int rows,
      int vectors,
      int depth,
      float[] a,
      int from,
      long panel,
      float[] begin,
      int at,
      int step,
      float[] c,
      int to,
      int stride);

  /**
   * Packs rows: element (k, j) of the panel is {@code source[from + k * stride + j]}.
   *
   * @param depth the number of rows
   * @param columns the number of columns, at most {@link #panelWidth}
   * @param own memory of the thread, {@link #ownSize} elements
   */
  void packRows(
      float[] source,
      int from,
      int stride,
      int depth,
      int columns,
      Prologue prologue,
      long panel,
      float[] own);

  /** Packs columns: element (k, j) of the panel is {@code source[from + j * stride + k]}. */
  void packColumns(
      float[] source,
      int from,
      int stride,
      int depth,
      int columns,
      Prologue prologue,
      long panel,
      float[] own);

  /**
   * Packs the squares of the elements of a panel, tiny ones as 0 if {@code flushes}.
   *
   * @param panel the address of the panel
   * @param count the number of its elements, whole vectors
   * @param squares the address of the squares
   */
  void packSquares(long panel, int count, boolean flushes, long squares);

  /**
   * Transposes a matrix: {@code target[to + j * step + i] = source[from + i * stride + j]}.
   *
   * @param rows the number of i
   * @param columns the number of j
   */
  default void transpose(
      float[] source,
      int from,
      int stride,
      int rows,
      int columns,
      float[] target,
      int to,
      int step) {
    Transposition.transpose(source, from, stride, rows, columns, target, to, step);
  }

  /** Returns the elements of own memory that packing needs. */
  default int ownSize() {
    return PACKED_ROWS * panelWidth();
  }

  /** Returns the number of vectors of so many columns. */
  default int vectors(int columns) {
    return Math.ceilDiv(Math.min(columns, panelWidth()), lanes());
  }

  /** Returns depth, or the next multiple of {@link #STEPS}. */
  static int padded(int depth) {
    return Math.ceilDiv(depth, STEPS) * STEPS;
  }
}
