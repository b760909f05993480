package io.measureflow.tornado;

/**
 * How to distribute work on a device.
 *
 * @param processor whether a work item should process many elements in sequence, as on a processor,
 *     or few, as on an accelerator
 * @param computeUnits the number of compute units, at least 1
 * @param workGroup the number of work items per group in elementwise tasks on an accelerator
 * @param doublePrecision whether kernels may use double precision
 */
record Geometry(boolean processor, int computeUnits, int workGroup, boolean doublePrecision) {

  /** The elements per work item on a processor. */
  private static final int BLOCK = 2048;

  /** The work groups per compute unit above which there is no gain. */
  private static final int GROUPS_PER_UNIT = 32;

  /** Returns the grid of a cheap loop over this many elements. */
  Grid elements(long count) {
    return processor ? items(Math.ceilDiv(count, BLOCK), 4) : groups(count);
  }

  /** Returns the grid of a loop over this many rows, each of which takes some work. */
  Grid rows(long count, long width) {
    return processor
        ? items(Math.min(count, Math.ceilDiv(count * width, BLOCK / 4)), 4)
        : groups(count);
  }

  /** Returns the grid of this many tiles of a product. */
  Grid tiles(long count) {
    return processor ? items(count, 8) : new Grid(limit(count), ProductKernels.GROUP);
  }

  /** Returns the grid of this many sums, each shared by a group. */
  Grid sums(long count) {
    return new Grid(limit(count), SumKernels.GROUP);
  }

  private Grid items(long count, int perUnit) {
    return new Grid((int) Math.clamp(count, 1, (long) perUnit * computeUnits), 1);
  }

  private Grid groups(long count) {
    return new Grid(limit(Math.ceilDiv(count, workGroup)), workGroup);
  }

  private int limit(long groups) {
    return (int) Math.clamp(groups, 1, (long) GROUPS_PER_UNIT * computeUnits);
  }
}
