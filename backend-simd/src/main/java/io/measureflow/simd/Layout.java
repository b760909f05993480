package io.measureflow.simd;

import io.measureflow.api.program.Shape;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The memory layout of a state.
 *
 * <p>The axes may be stored in another order than their own. In that order the state is a matrix:
 * the last axis forms the columns, all others the rows. The matrix is stored row by row, or in
 * panels: the first {@code panelWidth} rows as the columns of a row-major matrix, then the next
 * ones, finally the rest. Products with its transpose read it in this form, and gradients are
 * computed in it.
 *
 * @param order the order in memory: axis i is the state's axis {@code order.get(i)}
 * @param panelWidth the number of rows of a panel, 0 for no panels
 */
record Layout(List<Integer> order, int panelWidth) {

  Layout {
    order = List.copyOf(order);
  }

  /** Returns the axes in their own order, without panels. */
  static Layout plain(int rank) {
    return ordered(IntStream.range(0, rank).boxed().toList());
  }

  /** Returns the axes in an order, without panels. */
  static Layout ordered(List<Integer> order) {
    return new Layout(order, 0);
  }

  /** Returns a copy in panels. */
  Layout inPanels(int width) {
    return new Layout(order, width);
  }

  /** Returns whether the memory is laid out as callers see it. */
  boolean isPlain() {
    return equals(plain(order.size()));
  }

  /** Returns whether the axes have their own order, in panels or not. */
  boolean hasPlainOrder() {
    return ordered(order).isPlain();
  }

  boolean isInPanels() {
    return panelWidth > 0;
  }

  /** Returns the number of columns of the matrix. */
  int columns(Shape shape) {
    return order.isEmpty() ? 1 : shape.dimension(order.getLast());
  }

  /** Returns the number of rows of the matrix. */
  int rows(Shape shape) {
    int rows = 1;
    for (int i = 0; i < order.size() - 1; i++) {
      rows *= shape.dimension(order.get(i));
    }
    return rows;
  }

  /**
   * Returns the number of consecutive elements of the matrix per index of the state's first axis.
   */
  int run(Shape shape) {
    int run = 1;
    for (int i = order.size() - 1; i >= 0 && order.get(i) != 0; i--) {
      run *= shape.dimension(order.get(i));
    }
    return run;
  }

  /** Returns the order of the matrix's axes in the state. */
  List<Integer> inverse() {
    return IntStream.range(0, order.size()).mapToObj(order::indexOf).toList();
  }
}
