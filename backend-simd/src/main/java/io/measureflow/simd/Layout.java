package io.measureflow.simd;

import io.measureflow.api.program.Shape;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How a state lies in memory.
 *
 * <p>Its axes may lie in another order than their own. In that order it is a matrix: the last axis
 * has the columns, all others the rows. The matrix lies row by row, or in panels: the first {@code
 * panelWidth} rows as the columns of a row-major matrix, then the next ones, at last those that
 * remain. So products with its transpose read it, and gradients become its neighbours.
 *
 * @param order in memory, axis i is the state's axis {@code order.get(i)}
 * @param panelWidth the rows of a panel, 0 if there are no panels
 */
record Layout(List<Integer> order, int panelWidth) {

  Layout {
    order = List.copyOf(order);
  }

  /** The axes in their own order, without panels. */
  static Layout plain(int rank) {
    return ordered(IntStream.range(0, rank).boxed().toList());
  }

  /** The axes in an order, without panels. */
  static Layout ordered(List<Integer> order) {
    return new Layout(order, 0);
  }

  /** The same in panels. */
  Layout inPanels(int width) {
    return new Layout(order, width);
  }

  /** Whether callers see the memory as it is. */
  boolean isPlain() {
    return equals(plain(order.size()));
  }

  /** Whether the axes have their own order, in panels or not. */
  boolean hasPlainOrder() {
    return ordered(order).isPlain();
  }

  boolean isInPanels() {
    return panelWidth > 0;
  }

  /** The columns of the matrix. */
  int columns(Shape shape) {
    return order.isEmpty() ? 1 : shape.dimension(order.getLast());
  }

  /** The rows of the matrix. */
  int rows(Shape shape) {
    int rows = 1;
    for (int i = 0; i < order.size() - 1; i++) {
      rows *= shape.dimension(order.get(i));
    }
    return rows;
  }

  /** How many consecutive elements of the matrix belong to one index of the state's first axis. */
  int run(Shape shape) {
    int run = 1;
    for (int i = order.size() - 1; i >= 0 && order.get(i) != 0; i--) {
      run *= shape.dimension(order.get(i));
    }
    return run;
  }

  /** The matrix's axes, as an order of the state's. */
  List<Integer> inverse() {
    return IntStream.range(0, order.size()).mapToObj(order::indexOf).toList();
  }
}
