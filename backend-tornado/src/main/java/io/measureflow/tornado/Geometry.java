package io.measureflow.tornado;

/**
 * What a device likes: how work is shared out on it.
 *
 * @param processor whether one work item should do much in a row, as on a processor, or little, as
 *     on an accelerator
 * @param computeUnits the number of compute units, at least 1
 * @param workGroup the number of work items of a group in elementwise tasks on an accelerator
 * @param doublePrecision whether kernels may use double precision
 */
record Geometry(boolean processor, int computeUnits, int workGroup, boolean doublePrecision) {

  /** Elements that are worth a work item of their own on a processor. */
  private static final int BLOCK = 2048;

  /** Work groups above which a compute unit is no better used. */
  private static final int GROUPS_PER_UNIT = 32;

  /** For a cheap loop over this many elements. */
  Grid elements(long count) {
    return processor ? items(Math.ceilDiv(count, BLOCK), 4) : groups(count);
  }

  /** For a loop over this many rows, each of which is some work. */
  Grid rows(long count, long width) {
    return processor
        ? items(Math.min(count, Math.ceilDiv(count * width, BLOCK / 4)), 4)
        : groups(count);
  }

  /** For this many tiles of a product. */
  Grid tiles(long count) {
    return processor ? items(count, 8) : new Grid(limit(count), ProductKernels.GROUP);
  }

  /** For this many sums, each of which a group shares. */
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
