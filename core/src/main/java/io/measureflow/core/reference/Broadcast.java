package io.measureflow.core.reference;

import io.measureflow.api.program.Shape;

/** Computes the positions of a broadcast operand's elements. */
final class Broadcast {

  private Broadcast() {}

  /**
   * For each row-major position of {@code to}, the position of the element of {@code from} that
   * broadcasts there.
   */
  static int[] positions(Shape from, Shape to) {
    int rank = to.rank();
    int[] strides = new int[rank];
    int stride = 1;
    for (int axis = rank - 1; axis >= 0; axis--) {
      int own = from.aligned(axis, rank);
      strides[axis] = own == 1 ? 0 : stride;
      stride *= own;
    }
    int[] positions = new int[to.size()];
    for (int i = 0; i < positions.length; i++) {
      int rest = i;
      for (int axis = rank - 1; axis >= 0; axis--) {
        positions[i] += rest % to.dimension(axis) * strides[axis];
        rest /= to.dimension(axis);
      }
    }
    return positions;
  }
}
