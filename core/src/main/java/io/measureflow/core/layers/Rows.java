package io.measureflow.core.layers;

import io.measureflow.api.model.SampleBatch;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import java.util.ArrayList;

/**
 * How a layer of rows takes samples: on their last axis, whatever stands before it, or flattened if
 * it is as wide as the whole sample.
 */
public final class Rows {

  private Rows() {}

  /** Returns the width of the rows that samples of this shape give where nothing is said. */
  public static int width(Shape input) {
    // The pixels of a line by themselves mean little; tokens do.
    return input.rank() == 3 ? input.size() : input.dimension(input.rank() - 1);
  }

  /** Returns the shape of the output, for rows of {@code width} to rows of {@code outputs}. */
  static Shape output(Shape input, int width, int outputs) {
    if (isLastAxis(input, width)) {
      var dimensions = new ArrayList<>(input.dimensions());
      dimensions.set(input.rank() - 1, outputs);
      return new Shape(dimensions);
    }
    if (input.size() == width) {
      return Shape.of(outputs);
    }
    int last = input.dimension(input.rank() - 1);
    throw new IllegalArgumentException(
        input.rank() == 1
            ? "expected " + last + " inputs, the outputs of the layer before it, found " + width
            : "expected "
                + last
                + " inputs, the last axis, or "
                + input.size()
                + ", all elements of shape "
                + input
                + ", found "
                + width);
  }

  /** Returns the rows of samples, [rows, width]. */
  static Value of(SampleBatch x, int width) {
    return isLastAxis(x.sample(), width) ? x.lastAxis() : x.rows();
  }

  /** Returns the batch with these rows of outputs. */
  static SampleBatch batch(ProgramBuilder program, SampleBatch x, int width, Value rows) {
    int outputs = rows.shape().dimension(1);
    return SampleBatch.ofRows(program, rows, output(x.sample(), width, outputs));
  }

  private static boolean isLastAxis(Shape input, int width) {
    return input.dimension(input.rank() - 1) == width;
  }
}
