package io.measureflow.simd.operations;

import io.measureflow.api.program.Shape;

/**
 * A shape as [batch, outer, kept, run, columns], of which a reduction to another shape goes over
 * outer and run: with rank 4 there is no other pattern once adjacent dimensions of one kind are
 * joined.
 */
record Reduction(int batch, int outer, int kept, int run, int columns) {

  private static final int PLACES = 5;

  /**
   * Returns the pattern of a reduction.
   *
   * @param to a shape that broadcasts to {@code from}
   */
  static Reduction of(Shape from, Shape to) {
    int[] length = {1, 1, 1, 1, 1};
    int place = PLACES - 1;
    for (int axis = from.rank() - 1; axis >= 0; axis--) {
      int dimension = from.dimension(axis);
      if (dimension != 1) {
        boolean reduced = to.aligned(axis, from.rank()) == 1;
        boolean reducedPlace = place % 2 == 1;
        if (reduced != reducedPlace) {
          place--;
        }
        length[place] *= dimension;
      }
    }
    return new Reduction(length[0], length[1], length[2], length[3], length[4]);
  }

  /** Returns the number of results. */
  int results() {
    return batch * kept * columns;
  }

  /** Returns the number of elements that each result is made of. */
  int terms() {
    return outer * run;
  }

  /** Returns the position of the first element of a result. */
  int start(int result) {
    int row = result / columns;
    int column = result - row * columns;
    int first = row / kept * outer * kept + row % kept;
    return first * run * columns + column;
  }

  /** Returns the distance from the elements of one outer index to those of the next. */
  int outerStride() {
    return kept * run * columns;
  }
}
