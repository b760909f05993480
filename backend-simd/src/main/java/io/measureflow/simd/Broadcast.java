package io.measureflow.simd;

import io.measureflow.api.program.Shape;

/**
 * How two operands broadcast to a result, with as few loops as the shapes allow: dimensions of
 * length 1 are dropped, and neighbours along which both operands either advance or stand still are
 * one.
 *
 * @param outer the length of the outermost loop
 * @param middle the length of the next
 * @param inner the length of the innermost, contiguous in the result
 * @param a how the first operand moves
 * @param b how the second operand moves
 */
record Broadcast(int outer, int middle, int inner, Steps a, Steps b) {

  /** How many elements an operand advances by at each step of a loop; 0 where it is repeated. */
  record Steps(int outer, int middle, boolean varies) {}

  /** The loops over {@code out} for operands of these shapes, which broadcast to it. */
  static Broadcast of(Shape out, Shape a, Shape b) {
    int rank = Shape.MAX_RANK;
    int[] length = {1, 1, 1};
    int[] aStep = new int[rank];
    int[] bStep = new int[rank];
    int loop = rank;
    int aStride = 1;
    int bStride = 1;
    for (int axis = rank - 1; axis >= 0; axis--) {
      int dimension = out.aligned(axis, rank);
      if (dimension == 1) {
        continue;
      }
      int aOwn = a.aligned(axis, rank) == 1 ? 0 : aStride;
      int bOwn = b.aligned(axis, rank) == 1 ? 0 : bStride;
      boolean continues =
          loop < rank && aOwn == aStep[loop] * length[loop] && bOwn == bStep[loop] * length[loop];
      if (continues) {
        length[loop] *= dimension;
      } else {
        loop--;
        length[loop] = dimension;
        aStep[loop] = aOwn;
        bStep[loop] = bOwn;
      }
      aStride *= a.aligned(axis, rank);
      bStride *= b.aligned(axis, rank);
    }
    return new Broadcast(
        length[0],
        length[1],
        length[2],
        new Steps(aStep[0], aStep[1], aStep[2] != 0),
        new Steps(bStep[0], bStep[1], bStep[2] != 0));
  }

  /** The number of runs of {@code inner} elements. */
  int runs() {
    return outer * middle;
  }

  /** Where in the first operand a run begins. */
  int aOffset(int run) {
    return run / middle * a.outer + run % middle * a.middle;
  }

  /** Where in the second operand a run begins. */
  int bOffset(int run) {
    return run / middle * b.outer + run % middle * b.middle;
  }
}
