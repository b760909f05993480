package io.measureflow.simd.product;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** A right factor [inner, columns] in panels: chunk after chunk, panel after panel. */
public final class RightPanels {

  private final ProductKernels kernels;
  private final ProductPlan plan;
  private final int inner;
  private final int columns;
  private final boolean transposed;
  private final Prologue prologue;
  private final int width;
  private final float[] source;

  /** Kept reachable while its address is in use. */
  private final MemorySegment memory;

  public RightPanels(
      ProductKernels kernels,
      ProductPlan plan,
      ProductShape shape,
      Prologue prologue,
      float[] source,
      Arena arena) {
    this.kernels = kernels;
    this.plan = plan;
    this.prologue = prologue;
    this.source = source;
    inner = shape.inner();
    columns = shape.columns();
    transposed = shape.rightTransposed();
    width = kernels.panelWidth();
    memory =
        PanelMemory.allocate(arena, (long) plan.chunks() * plan.chunk() * plan.panels() * width);
  }

  /** Returns the number of tasks of packing: a chunk of a panel each. */
  public int tasks() {
    return plan.chunks() * plan.panels();
  }

  /**
   * Packs a chunk of a panel.
   *
   * @param squares panels of the same plan, into which the squares are packed from what is in the
   *     cache then
   */
  public void pack(int task, Optional<RightPanels> squares, OwnMemory own) {
    int chunk = task / plan.panels();
    int panel = task % plan.panels();
    pack(chunk, panel, 0, own.packing);
    if (squares.isPresent()) {
      packSquares(squares.get(), chunk, panel);
    }
  }

  /** Packs some panels. */
  public void pack(int fromPanel, int toPanel, int matrix, OwnMemory own) {
    for (int chunk = 0; chunk < plan.chunks(); chunk++) {
      for (int panel = fromPanel; panel < toPanel; panel++) {
        pack(chunk, panel, matrix, own.packing);
      }
    }
  }

  private void pack(int chunk, int panel, int matrix, float[] own) {
    int depth = chunk * plan.chunk();
    int length = plan.length(chunk, inner);
    int column = panel * width;
    int used = Math.min(width, columns - column);
    int from = matrix * inner * columns;
    if (transposed) {
      kernels.packColumns(
          source,
          from + column * inner + depth,
          inner,
          length,
          used,
          prologue,
          at(chunk, panel),
          own);
    } else {
      kernels.packRows(
          source,
          from + depth * columns + column,
          columns,
          length,
          used,
          prologue,
          at(chunk, panel),
          own);
    }
  }

  private void packSquares(RightPanels to, int chunk, int panel) {
    int used = Math.min(width, columns - panel * width);
    int count =
        ProductKernels.padded(plan.length(chunk, inner)) * kernels.vectors(used) * kernels.lanes();
    kernels.packSquares(at(chunk, panel), count, to.prologue.flushes(), to.at(chunk, panel));
  }

  /** Returns the address of a chunk of a panel. */
  long at(int chunk, int panel) {
    long before = (long) chunk * plan.chunk() * plan.panels() * width;
    int padded = ProductKernels.padded(plan.length(chunk, inner));
    return memory.address() + Float.BYTES * (before + (long) panel * width * padded);
  }
}
