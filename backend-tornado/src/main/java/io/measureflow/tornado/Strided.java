package io.measureflow.tornado;

import io.measureflow.api.program.Shape;

/**
 * The operands of an elementwise operation over three dimensions: dimensions along which all of
 * them go on as if they were one are made one.
 */
final class Strided {

  private static final int RANK = Shape.MAX_RANK;

  private final int[] sizes;
  private final int[][] strides;

  private Strided(int[] sizes, int[][] strides) {
    this.sizes = sizes;
    this.strides = strides;
  }

  /** The dimensions, outermost first, padded with 1. */
  int[] sizes() {
    return sizes;
  }

  /**
   * How far apart neighbours of an operand along each dimension lie; 0 where it is repeated.
   *
   * @param operand its number, in the order in which they were given
   */
  int[] strides(int operand) {
    return strides[operand];
  }

  /** The strides of an operand of this shape, broadcast to another. */
  static int[] broadcast(Shape operand, Shape to) {
    int[] strides = new int[RANK];
    int stride = 1;
    for (int axis = RANK - 1; axis >= 0; axis--) {
      int own = axis - (RANK - operand.rank()) < 0 ? 1 : operand.aligned(axis, RANK);
      strides[axis] = own == 1 ? 0 : stride;
      stride *= own;
    }
    if (!operand.broadcastsTo(to)) {
      throw new IllegalArgumentException(operand + " does not broadcast to " + to);
    }
    return strides;
  }

  /** The dimensions of a shape, padded with 1 in front. */
  static int[] sizes(Shape shape) {
    int[] sizes = new int[RANK];
    for (int axis = 0; axis < RANK; axis++) {
      sizes[axis] = shape.aligned(axis, RANK);
    }
    return sizes;
  }

  /** Merges dimensions as far as that goes. */
  static Strided of(int[] sizes, int[]... strides) {
    int[] merged = {1, 1, 1};
    int[][] mergedStrides = new int[strides.length][RANK];
    int last = RANK;
    for (int axis = RANK - 1; axis >= 0; axis--) {
      if (sizes[axis] == 1) {
        continue;
      }
      boolean goesOn = last < RANK;
      for (int operand = 0; goesOn && operand < strides.length; operand++) {
        goesOn = strides[operand][axis] == mergedStrides[operand][last] * merged[last];
      }
      if (goesOn) {
        merged[last] *= sizes[axis];
      } else {
        last--;
        merged[last] = sizes[axis];
        for (int operand = 0; operand < strides.length; operand++) {
          mergedStrides[operand][last] = strides[operand][axis];
        }
      }
    }
    return new Strided(merged, mergedStrides);
  }

  /** Whether one dimension is left. */
  boolean isFlat() {
    return sizes[0] == 1 && sizes[1] == 1;
  }
}
