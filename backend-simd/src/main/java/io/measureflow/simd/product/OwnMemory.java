package io.measureflow.simd.product;

/** The memory of a thread that computes products. */
public final class OwnMemory {

  /**
   * The largest number of columns of the sums that wait for an epilogue: whole panels of every
   * width.
   */
  static final int STRIP = 816;

  /** The distance between rows of such sums; not a multiple of 64, see {@link ProductPlan}. */
  static final int STRIP_STRIDE = STRIP + 24;

  /** The number of copied rows, counted once for each chunk. */
  static final int LEFT_ROWS = 4 * ProductPlan.BLOCK_ROWS;

  /** Rows of the left factor, copied. */
  final float[] left = new float[(LEFT_ROWS + 16) * ProductPlan.ROW_STRIDE];

  final float[] sums = new float[(ProductPlan.BLOCK_ROWS + 16) * STRIP_STRIDE];

  final float[] packing;

  public OwnMemory(ProductKernels kernels) {
    packing = new float[kernels.ownSize()];
  }
}
