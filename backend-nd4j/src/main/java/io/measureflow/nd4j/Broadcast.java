package io.measureflow.nd4j;

import io.measureflow.api.program.Shape;
import java.util.List;

/** Row-major positions along as many axes as shapes have; missing outer axes have length 1. */
final class Broadcast {

  private static final int RANK = Shape.MAX_RANK;

  /** The axis along which a row goes. */
  static final int LAST = RANK - 1;

  private Broadcast() {}

  /** Returns the lengths of the axes. */
  static int[] lengths(Shape shape) {
    int[] lengths = new int[RANK];
    for (int axis = 0; axis < RANK; axis++) {
      lengths[axis] = shape.aligned(axis, RANK);
    }
    return lengths;
  }

  /** Returns the distance between entries along each axis; 0 along an axis of length 1. */
  static int[] strides(Shape shape) {
    int[] lengths = lengths(shape);
    int[] strides = new int[RANK];
    int stride = 1;
    for (int axis = LAST; axis >= 0; axis--) {
      strides[axis] = lengths[axis] == 1 ? 0 : stride;
      stride *= lengths[axis];
    }
    return strides;
  }

  /** Returns the strides of an operand along the axes of its permutation. */
  static int[] permuted(Shape shape, List<Integer> axes) {
    int[] own = strides(shape);
    int missing = RANK - shape.rank();
    int[] strides = new int[RANK];
    for (int axis = 0; axis < axes.size(); axis++) {
      strides[missing + axis] = own[missing + axes.get(axis)];
    }
    return strides;
  }

  /**
   * Returns where a row begins.
   *
   * @param row its number among the rows along the last axis
   * @param lengths the lengths of the axes
   * @param strides those of the operand
   */
  static int start(int row, int[] lengths, int[] strides) {
    int start = 0;
    int rest = row;
    for (int axis = LAST - 1; axis >= 0; axis--) {
      int outer = rest / lengths[axis];
      start += (rest - outer * lengths[axis]) * strides[axis];
      rest = outer;
    }
    return start;
  }
}
