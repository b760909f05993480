package io.measureflow.tornado;

import io.measureflow.api.program.Shape;
import java.util.Arrays;

/**
 * The operands of an elementwise operation over as many dimensions as shapes have. Dimensions along
 * which all operands are contiguous are merged.
 */
final class Strided {

  private static final int RANK = Shape.MAX_RANK;

  /** The innermost dimension. */
  static final int LAST = RANK - 1;

  private final int[] sizes;
  private final int[][] strides;

  private Strided(int[] sizes, int[][] strides) {
    this.sizes = sizes;
    this.strides = strides;
  }

  /** Returns the dimensions, outermost first, padded with 1. */
  int[] sizes() {
    return sizes;
  }

  /**
   * Returns the strides of an operand along each dimension; 0 where it is repeated.
   *
   * @param operand its index, in the order in which the operands were given
   */
  int[] strides(int operand) {
    return strides[operand];
  }

  /** Returns the strides of an operand of this shape, broadcast to another. */
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

  /** Returns the dimensions of a shape, padded with leading 1s. */
  static int[] sizes(Shape shape) {
    int[] sizes = new int[RANK];
    for (int axis = 0; axis < RANK; axis++) {
      sizes[axis] = shape.aligned(axis, RANK);
    }
    return sizes;
  }

  /** Merges dimensions where possible. */
  static Strided of(int[] sizes, int[]... strides) {
    int[] merged = new int[RANK];
    Arrays.fill(merged, 1);
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

  /** Returns whether one dimension is left. */
  boolean isFlat() {
    return Arrays.stream(sizes, 0, LAST).allMatch(size -> size == 1);
  }
}
