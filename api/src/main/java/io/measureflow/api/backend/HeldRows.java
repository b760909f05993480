package io.measureflow.api.backend;

import io.measureflow.api.program.Program;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import java.util.Optional;

/** Rows that a workspace holds, for its programs to draw batches from ({@link Workspace#hold}). */
public interface HeldRows {

  /** What holds them. */
  Workspace workspace();

  /** [N, d]. */
  Shape shape();

  /**
   * Rows that stay where they lie in the host's memory.
   *
   * @param tensor [N, d]
   */
  record OnHost(Workspace workspace, Tensor tensor) implements HeldRows {

    /**
     * Holds rows without a copy.
     *
     * @return empty unless they are a matrix of numbers of this type
     */
    public static Optional<HeldRows> of(Workspace workspace, Tensor rows, ElementType type) {
      return rows.type() == type && rows.shape().rank() == 2
          ? Optional.of(new OnHost(workspace, rows))
          : Optional.empty();
    }

    @Override
    public Shape shape() {
      return tensor.shape();
    }
  }

  /**
   * Rows of bytes that stay where they lie in the host's memory.
   *
   * @param rows [N, d]
   */
  record BytesOnHost(Workspace workspace, ByteRows rows) implements HeldRows {
    @Override
    public Shape shape() {
      return rows.shape();
    }
  }

  /**
   * The input of a program that draws its batches from here.
   *
   * @return a real input [B, d]
   * @throws IllegalArgumentException if the program has no such input, or one of another shape
   */
  default Value inputOf(Program program, String name) {
    for (Value input : program.inputs()) {
      if (input.name().equals(name)) {
        Shape batch = input.shape();
        if (input.kind() == Value.Kind.REAL
            && batch.rank() == 2
            && batch.dimension(1) == shape().dimension(1)) {
          return input;
        }
        throw new IllegalArgumentException(
            "Program "
                + program.name()
                + ", input "
                + name
                + ": expected reals of shape [B, "
                + shape().dimension(1)
                + "], which rows are drawn for, found "
                + batch);
      }
    }
    throw new IllegalArgumentException(
        "Program "
            + program.name()
            + ": expected an input "
            + name
            + ", found "
            + program.inputs());
  }

  /**
   * Checks the numbers of rows.
   *
   * @param numbers [B], INT32
   * @throws IllegalArgumentException if one of them is none of a row
   */
  default void check(Tensor numbers) {
    int rows = shape().dimension(0);
    int count = numbers.shape().size();
    for (int i = 0; i < count; i++) {
      int number = (int) numbers.get(i);
      if (number < 0 || number >= rows) {
        throw new IllegalArgumentException(
            "Row numbers: expected 0 to " + (rows - 1) + ", found " + number + " at position " + i);
      }
    }
  }
}
