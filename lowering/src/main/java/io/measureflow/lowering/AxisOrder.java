package io.measureflow.lowering;

import io.measureflow.api.program.Shape;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The order in which the axes of a value lie in memory, outermost first.
 *
 * @param axes the value's axis at each place
 */
public record AxisOrder(List<Integer> axes) {

  public AxisOrder {
    axes = List.copyOf(axes);
  }

  /** Returns the axes in their own order. */
  public static AxisOrder plain(int rank) {
    return new AxisOrder(IntStream.range(0, rank).boxed().toList());
  }

  /** Returns the first axis, usually the batch, as the innermost one. */
  public static AxisOrder firstLast(int rank) {
    return new AxisOrder(IntStream.rangeClosed(1, rank).map(axis -> axis % rank).boxed().toList());
  }

  /** Returns whether memory has the axes in their own order. */
  public boolean isPlain() {
    return equals(plain(axes.size()));
  }

  /** Returns the shape in memory of a value of this shape. */
  public Shape stored(Shape shape) {
    return new Shape(axes.stream().map(shape::dimension).toList());
  }

  /** Returns the place in memory of each axis. */
  public AxisOrder inverse() {
    return new AxisOrder(IntStream.range(0, axes.size()).mapToObj(axes::indexOf).toList());
  }

  /** Returns the number of consecutive elements in memory per index of the value's first axis. */
  public int run(Shape shape) {
    int run = 1;
    for (int i = axes.size() - 1; i >= 0 && axes.get(i) != 0; i--) {
      run *= shape.dimension(axes.get(i));
    }
    return run;
  }
}
