package io.measureflow.simd.product;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.IntConsumer;

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

  /** Calls after which to look whether they are compiled by now. */
  private static final int BURST = 100;

  /** What a call takes at most once it is compiled; before it takes ten times as long. */
  private static final long COMPILED_NANOSECONDS = 1000;

  private static final int DEPTH = 2 * ProductKernels.STEPS;

  private ProductWarmUp() {}

  /** Runs the kernels of products until they are compiled. */
  public static void run(ProductKernels kernels) {
    loadKindsOfSegments();
    int width = kernels.panelWidth();
    float[] left = new float[16 * ProductPlan.ROW_STRIDE];
    float[] sums = new float[16 * width];
    float[] own = new float[kernels.ownSize()];
    float[] zeros = new float[width];
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = PanelMemory.allocate(arena, (long) DEPTH * width);
      long panel = memory.address();
      for (int rows : new int[] {kernels.tileRows(), ProductKernels.SMALL_TILE_ROWS}) {
        untilCompiled(call -> tile(kernels, rows, left, panel, zeros, sums, call));
      }
      Prologue[] prologues = Prologue.values();
      untilCompiled(
          call -> {
            Prologue prologue = prologues[call / 2 % prologues.length];
            kernels.packRows(left, 0, width, DEPTH, width - call % 2, prologue, panel, own);
          });
      untilCompiled(
          call -> {
            Prologue prologue = prologues[call / 2 % prologues.length];
            kernels.packColumns(left, 0, DEPTH, DEPTH, width - call % 2, prologue, panel, own);
          });
      int lanes = kernels.lanes();
      untilCompiled(
          call -> {
            int rows = call % 4 == 3 ? lanes - 1 : lanes + call % 2;
            int columns = lanes + call / 2 % 2;
            kernels.transpose(left, 0, columns, rows, columns, own, 0, rows);
          });
      untilCompiled(call -> kernels.packSquares(panel, width, call % 2 == 1, panel));
    }
  }

  /**
   * Loads the classes of the segments that a program comes to use. Loaded later, they would undo
   * what was compiled on the assumption that all segments are native.
   */
  private static void loadKindsOfSegments() {
    List.of(
            MemorySegment.ofArray(new byte[1]),
            MemorySegment.ofArray(new int[1]),
            MemorySegment.ofArray(new float[1]),
            MemorySegment.ofArray(new double[1]))
        .forEach(MemorySegment::byteSize);
  }

  /** Calls a kernel until the JVM has compiled it, with the number of each call. */
  public static void untilCompiled(IntConsumer calls) {
    for (int from = 0; from < CALLS; from += BURST) {
      long start = System.nanoTime();
      for (int i = from; i < from + BURST; i++) {
        calls.accept(i);
      }
      if (System.nanoTime() - start < BURST * COMPILED_NANOSECONDS) {
        return;
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
