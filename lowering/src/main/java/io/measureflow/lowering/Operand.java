package io.measureflow.lowering;

import io.measureflow.api.program.Value;

/**
 * A factor of a product.
 *
 * @param value its matrix, or stack of matrices
 * @param transposed whether memory has the transpose, row after row
 * @param squared whether its elements are squared as they are read
 * @param packed whether {@code value} is a copy in the order in which products read it ({@link
 *     Step.Pack})
 */
public record Operand(Value value, boolean transposed, boolean squared, boolean packed) {

  /** Returns the transpose. */
  Operand transpose() {
    return new Operand(value, !transposed, squared, packed);
  }

  /** Returns the matrix whose elements are squared. */
  Operand unsquared() {
    return new Operand(value, transposed, false, packed);
  }

  /** Returns the matrix with squared elements. */
  Operand withSquares() {
    return new Operand(value, transposed, true, packed);
  }

  /** Returns the same matrix, packed. */
  Operand packedAs(Value copy) {
    return new Operand(copy, false, false, true);
  }

  @Override
  public String toString() {
    return value + (transposed ? "'" : "") + (squared ? "^2" : "") + (packed ? " packed" : "");
  }
}
