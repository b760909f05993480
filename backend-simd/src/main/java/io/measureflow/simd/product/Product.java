package io.measureflow.simd.product;

/**
 * A product C = A B, or one for each pair of matrices of two stacks, computed block by block
 * [goto2008].
 *
 * <p>A block's rows of the left factor are copied, chunk by chunk, to a constant stride; the panels
 * of the right factor, which are packed before, go by in the L1 cache. Tiles write sums to memory
 * of the thread, where there is room for whole ones; from there they go to the epilogue in long
 * rows, which processors prefetch.
 */
public final class Product {

  private static final float[] ZEROS = new float[64];

  private final ProductKernels kernels;
  private final ProductPlan plan;
  private final ProductShape shape;
  private final float[] left;
  private final Prologue prologue;
  private final Epilogue epilogue;
  private final int width;

  /**
   * @param left the left factor, matrix after matrix
   * @param prologue what happens to its elements when they are copied
   */
  public Product(
      ProductKernels kernels,
      ProductPlan plan,
      ProductShape shape,
      float[] left,
      Prologue prologue,
      Epilogue epilogue) {
    this.kernels = kernels;
    this.plan = plan;
    this.shape = shape;
    this.left = left;
    this.prologue = prologue;
    this.epilogue = epilogue;
    width = kernels.panelWidth();
  }

  /**
   * Computes a task of the plan.
   *
   * @param right the right factor
   * @param packs whether the task packs the panels that it reads, which no other task does
   */
  public void run(int task, int matrix, RightPanels right, boolean packs, OwnMemory own) {
    int row = plan.block(task) * plan.blockRows();
    int panel = plan.group(task) * plan.groupPanels();
    int end = Math.min(plan.panels(), panel + plan.groupPanels());
    if (packs) {
      right.pack(panel, end, matrix, own);
    }
    rows(row, Math.min(shape.rows(), row + plan.blockRows()), panel, end, matrix, right, own);
  }

  /** Computes all rows. */
  public void rows(RightPanels right, OwnMemory own) {
    rows(0, shape.rows(), right, own);
  }

  /** Computes the rows from {@code fromRow} to {@code toRow}, which may be many. */
  public void rows(int fromRow, int toRow, RightPanels right, OwnMemory own) {
    for (int row = fromRow; row < toRow; row += ProductPlan.BLOCK_ROWS) {
      int end = Math.min(toRow, row + ProductPlan.BLOCK_ROWS);
      rows(row, end, 0, plan.panels(), 0, right, own);
    }
  }

  private void rows(
      int fromRow,
      int toRow,
      int fromPanel,
      int toPanel,
      int matrix,
      RightPanels right,
      OwnMemory own) {
    int rows = toRow - fromRow;
    int strip = Math.max(1, OwnMemory.STRIP / width);
    boolean all = plan.chunks() * rows <= OwnMemory.LEFT_ROWS;
    if (all) {
      copyLeft(fromRow, rows, 0, plan.chunks(), matrix, own);
    }
    for (int panel = fromPanel; panel < toPanel; panel += strip) {
      int end = Math.min(toPanel, panel + strip);
      for (int chunk = 0; chunk < plan.chunks(); chunk++) {
        int from = all ? chunk * rows * ProductPlan.ROW_STRIDE : 0;
        if (!all) {
          copyLeft(fromRow, rows, chunk, chunk + 1, matrix, own);
        }
        multiply(rows, panel, end, chunk, right, from, own);
      }
      int column = panel * width;
      finish(fromRow, rows, column, Math.min(shape.columns(), end * width) - column, matrix, own);
    }
  }

  private void finish(int row, int rows, int column, int columns, int matrix, OwnMemory own) {
    switch (epilogue) {
      case Epilogue.Consume(Epilogue.Consumer consumer) ->
          consumer.accept(row, rows, column, columns, own.sums, 0, OwnMemory.STRIP_STRIDE);
      case Epilogue.Store store -> {
        int stride = store.stride();
        int to = (matrix * shape.rows() + row) * stride + column;
        for (int i = 0; i < rows; i++) {
          System.arraycopy(
              own.sums, i * OwnMemory.STRIP_STRIDE, store.c(), to + i * stride, columns);
        }
      }
    }
  }

  /** Copies some chunks of rows of the left factor, one after the other, to own memory. */
  private void copyLeft(int row, int rows, int fromChunk, int toChunk, int matrix, OwnMemory own) {
    int size = rows * ProductPlan.ROW_STRIDE;
    int from = matrix * shape.rows() * shape.inner();
    if (shape.leftTransposed()) {
      for (int chunk = fromChunk; chunk < toChunk; chunk++) {
        kernels.transpose(
            left,
            from + chunk * plan.chunk() * shape.rows() + row,
            shape.rows(),
            plan.length(chunk, shape.inner()),
            rows,
            own.left,
            (chunk - fromChunk) * size,
            ProductPlan.ROW_STRIDE);
      }
    } else {
      // Each row from its beginning to its end: processors fetch ahead what is read in long runs.
      for (int i = 0; i < rows; i++) {
        int start = from + (row + i) * shape.inner();
        for (int chunk = fromChunk; chunk < toChunk; chunk++) {
          System.arraycopy(
              left,
              start + chunk * plan.chunk(),
              own.left,
              (chunk - fromChunk) * size + i * ProductPlan.ROW_STRIDE,
              plan.length(chunk, shape.inner()));
        }
      }
    }
    for (int chunk = fromChunk; chunk < toChunk; chunk++) {
      prepare(rows, plan.length(chunk, shape.inner()), own.left, (chunk - fromChunk) * size);
    }
  }

  /** Applies the prologue, and fills up rows of odd length. */
  private void prepare(int rows, int length, float[] copies, int start) {
    boolean odd = ProductKernels.padded(length) > length;
    if (prologue == Prologue.COPY && !odd) {
      return;
    }
    for (int i = 0; i < rows; i++) {
      int at = start + i * ProductPlan.ROW_STRIDE;
      prologue.apply(copies, at, at + length);
      if (odd) {
        copies[at + length] = 0;
      }
    }
  }

  /** Computes sums in own memory, where there is room for whole tiles. */
  private void multiply(
      int rows, int fromPanel, int toPanel, int chunk, RightPanels right, int left, OwnMemory own) {
    int depth = ProductKernels.padded(plan.length(chunk, shape.inner()));
    int tile = kernels.tileRows();
    int stride = OwnMemory.STRIP_STRIDE;
    for (int panel = fromPanel; panel < toPanel; panel++) {
      long q = right.at(chunk, panel);
      int vectors = kernels.vectors(shape.columns() - panel * width);
      int at = (panel - fromPanel) * width;
      for (int i = 0; i < rows; ) {
        int tall = tall(rows - i, tile);
        int write = at + i * stride;
        int a = left + i * ProductPlan.ROW_STRIDE;
        if (chunk == 0) {
          kernels.multiply(
              tall, vectors, depth, own.left, a, q, ZEROS, 0, 0, own.sums, write, stride);
        } else {
          kernels.multiply(
              tall, vectors, depth, own.left, a, q, own.sums, write, stride, own.sums, write,
              stride);
        }
        i += tall;
      }
    }
  }

  /**
   * Returns the rows of the next tile: as many large ones as leave a whole number of small ones.
   */
  private static int tall(int rows, int tile) {
    int small = ProductKernels.SMALL_TILE_ROWS;
    return rows == tile || rows == tile - 1 || rows > 2 * small || (tile == 8 && rows > small)
        ? tile
        : small;
  }
}
