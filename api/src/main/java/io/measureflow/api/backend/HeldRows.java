package io.measureflow.api.backend;

import io.measureflow.api.program.Program;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import java.util.Optional;

/** A resident table: rows in a workspace from which programs draw batches. */
public interface HeldRows {

  /** Returns the workspace that holds the rows. */
  Workspace workspace();

  /** Returns the shape, [N, d]. */
  Shape shape();

  /**
   * Rows that stay in host memory.
   *
   * @param tensor [N, d]
   */
  record OnHost(Workspace workspace, Tensor tensor) implements HeldRows {

    /**
     * Wraps rows without a copy.
     *
     * @return empty unless they are a matrix of this element type
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
   * Rows of bytes that stay in host memory.
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
   * Finds the input of a program that draws its batches from this table.
   *
   * @return a real input [B, d]
   * @throws IllegalArgumentException if there is no such input, or it has another width
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
                + "], to match the resident table, found "
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
   * Checks row indices.
   *
   * @param indices [B], INT32
   * @throws IllegalArgumentException if a row index is out of range
   */
  default void check(Tensor indices) {
    int rows = shape().dimension(0);
    int count = indices.shape().size();
    for (int i = 0; i < count; i++) {
      int index = (int) indices.get(i);
      if (index < 0 || index >= rows) {
        throw new IllegalArgumentException(
            "Row indices: expected 0 to " + (rows - 1) + ", found " + index + " at position " + i);
      }
    }
  }
}
