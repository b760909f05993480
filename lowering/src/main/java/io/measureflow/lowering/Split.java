package io.measureflow.lowering;

/**
 * How the memory of a value is shared out by an axis: as [outer, extent, inner], element (o, i, j)
 * at (o extent + i) inner + j.
 */
public record Split(int outer, int extent, int inner) {

  /** Returns the number of elements. */
  public int size() {
    return outer * extent * inner;
  }
}
