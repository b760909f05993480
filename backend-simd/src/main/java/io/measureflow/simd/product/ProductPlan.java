package io.measureflow.simd.product;

/**
 * How a product is computed: in chunks of the depth, blocks of rows, and groups of panels. Sums go
 * over ascending k whatever the plan, so that it decides on speed alone.
 *
 * @param chunks the number of chunks of k
 * @param chunk the length of a chunk, a multiple of {@link ProductKernels#STEPS}
 * @param panels the number of panels of the right factor
 * @param blockRows the number of rows per task, whose part of the left factor is copied
 * @param rowBlocks the number of blocks of rows
 * @param groupPanels the number of panels per task
 * @param groups the number of groups of panels
 */
public record ProductPlan(
    int chunks, int chunk, int panels, int blockRows, int rowBlocks, int groupPanels, int groups) {

  /**
   * The largest length of a chunk: a panel of it stays in the L1 cache, with the rows of a tile,
   * while the rows of a block go by.
   */
  static final int DEPTH = 264;

  /**
   * The distance between copied rows of the left factor: a constant, so that one address serves all
   * of them; not a multiple of 64, or they would share sets of the cache.
   */
  static final int ROW_STRIDE = 280;

  /** The largest number of rows of a block: copied, they stay in the L2 cache. */
  public static final int BLOCK_ROWS = 48;

  /** The multiply-adds that are worth a task. */
  private static final long TASK_WORK = 1 << 16;

  /** The tasks per thread, so that threads do not wait for the last one. */
  private static final int TASKS_PER_THREAD = 3;

  /**
   * The bytes of panels that blocks of rows read one after the other: they stay in the L3 cache,
   * and are so many that copying the rows anew for each group of panels takes a small part of the
   * time.
   */
  private static final long GROUP_BYTES = 2 << 20;

  /** Plans a product. */
  public static ProductPlan of(ProductShape shape, ProductTraits traits, int threads) {
    int chunks = Math.max(1, Math.ceilDiv(shape.inner(), DEPTH));
    int chunk = ProductKernels.padded(Math.ceilDiv(shape.inner(), chunks));
    int panels = Math.ceilDiv(shape.columns(), traits.panelWidth());
    long most = threads == 1 ? 1 : Math.max(1, shape.work() / TASK_WORK);
    int wanted = (int) Math.min(most, (long) TASKS_PER_THREAD * threads);
    int blockRows = blockRows(shape.rows(), traits, Math.min(wanted, threads));
    int rowBlocks = Math.max(1, Math.ceilDiv(shape.rows(), blockRows));
    if (rowBlocks < wanted && panels >= 4 * wanted) {
      // Panels divide more evenly, and a task may pack its own.
      blockRows = blockRows(shape.rows(), traits, 1);
      rowBlocks = Math.max(1, Math.ceilDiv(shape.rows(), blockRows));
    }
    long panelBytes = (long) chunks * chunk * traits.panelWidth() * Float.BYTES;
    int cached = Math.clamp(GROUP_BYTES / Math.max(1, panelBytes), 1, Math.max(1, panels));
    int least = Math.max(Math.ceilDiv(wanted, rowBlocks), Math.ceilDiv(panels, cached));
    int groups = Math.clamp(least, 1, Math.max(1, panels));
    int groupPanels = Math.max(1, Math.ceilDiv(panels, groups));
    groups = Math.max(1, Math.ceilDiv(panels, groupPanels));
    return new ProductPlan(chunks, chunk, panels, blockRows, rowBlocks, groupPanels, groups);
  }

  /** Returns a number of rows per block, even if possible, for at least so many blocks. */
  private static int blockRows(int rows, ProductTraits traits, int least) {
    int unit = traits.tileRows() == 6 ? 2 : ProductKernels.SMALL_TILE_ROWS;
    int blocks = Math.max(1, Math.max(Math.ceilDiv(rows, BLOCK_ROWS), least));
    blocks = Math.ceilDiv(blocks, least) * least;
    int each = Math.ceilDiv(Math.ceilDiv(rows, blocks), unit) * unit;
    return Math.max(ProductKernels.SMALL_TILE_ROWS, each);
  }

  /** Returns whether no two tasks read the same panel, so that each can pack its own. */
  public boolean hasPanelsOfOwn() {
    return rowBlocks == 1;
  }

  /**
   * Returns the number of tasks: for each group of panels one after the other all blocks of rows.
   */
  public int tasks() {
    return groups * rowBlocks;
  }

  /** Returns the block of rows of a task. */
  int block(int task) {
    return task % rowBlocks;
  }

  /** Returns the group of panels of a task. */
  int group(int task) {
    return task / rowBlocks;
  }

  /** Returns the length of a chunk. */
  int length(int index, int inner) {
    return Math.min(chunk, inner - index * chunk);
  }
}
