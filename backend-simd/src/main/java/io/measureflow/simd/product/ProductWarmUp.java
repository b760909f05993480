package io.measureflow.simd.product;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Runs tiles and packing on very little data until the JVM has compiled them: until then their
 * vectors are objects, and they are a hundred times slower.
 *
 * <p>Not by a lower threshold of compilation: compiled before the profile tells what follows its
 * loop, a tile kept its sums as objects for good.
 */
public final class ProductWarmUp {

  /** Calls until the JVM's optimizing compiler takes a method, and some more. */
  private static final int CALLS = 6000;

  private static final int DEPTH = 2 * ProductKernels.STEPS;

  private ProductWarmUp() {}

  /** Runs the kernels of products. */
  public static void run(ProductKernels kernels) {
    int width = kernels.panelWidth();
    float[] left = new float[16 * ProductPlan.ROW_STRIDE];
    float[] sums = new float[16 * width];
    float[] own = new float[kernels.ownSize()];
    float[] zeros = new float[width];
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = PanelMemory.allocate(arena, (long) DEPTH * width);
      long panel = memory.address();
      for (int call = 0; call < CALLS; call++) {
        tile(kernels, kernels.tileRows(), left, panel, zeros, sums, call);
      }
      for (int call = 0; call < CALLS; call++) {
        tile(kernels, ProductKernels.SMALL_TILE_ROWS, left, panel, zeros, sums, call);
      }
      for (int call = 0; call < CALLS / 16; call++) {
        for (Prologue prologue : Prologue.values()) {
          kernels.packRows(left, 0, width, DEPTH, width - call % 2, prologue, panel, own);
          kernels.packColumns(left, 0, DEPTH, DEPTH, width - call % 2, prologue, panel, own);
        }
        kernels.packSquares(panel, width, call % 2 == 1, panel);
      }
    }
  }

  private static void tile(
      ProductKernels kernels,
      int rows,
      float[] left,
      long panel,
      float[] zeros,
      float[] sums,
      int call) {
    int width = kernels.panelWidth();
    int most = kernels.vectors(width);
    // Mostly tiles of whole panels, and some of those with fewer vectors.
    int vectors = call % 8 == 7 ? 1 + call / 8 % most : most;
    boolean more = call % 2 == 0;
    kernels.multiply(
        rows,
        vectors,
        DEPTH,
        left,
        0,
        panel,
        more ? sums : zeros,
        0,
        more ? width : 0,
        sums,
        0,
        width);
  }
}
