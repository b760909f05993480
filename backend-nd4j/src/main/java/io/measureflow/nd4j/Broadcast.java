package io.measureflow.nd4j;

import io.measureflow.api.program.Shape;
import java.util.List;

/** Row-major positions along three axes; missing outer axes have length 1. */
final class Broadcast {

  private Broadcast() {}

  /** Returns the lengths of the three axes. */
  static int[] lengths(Shape shape) {
    return new int[] {shape.aligned(0, 3), shape.aligned(1, 3), shape.aligned(2, 3)};
  }

  /** Returns the distance between entries along each axis; 0 along an axis of length 1. */
  static int[] strides(Shape shape) {
    int[] lengths = lengths(shape);
    int[] strides = new int[3];
    int stride = 1;
    for (int axis = 2; axis >= 0; axis--) {
      strides[axis] = lengths[axis] == 1 ? 0 : stride;
      stride *= lengths[axis];
    }
    return strides;
  }

  /** Returns the strides of an operand along the axes of its permutation. */
  static int[] permuted(Shape shape, List<Integer> axes) {
    int[] own = strides(shape);
    int missing = 3 - shape.rank();
    int[] strides = new int[3];
    for (int axis = 0; axis < axes.size(); axis++) {
      strides[missing + axis] = own[missing + axes.get(axis)];
    }
    return strides;
  }
}
