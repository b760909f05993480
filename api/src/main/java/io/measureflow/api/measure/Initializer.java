package io.measureflow.api.measure;

/** How the entries of a parameter are drawn before training, independently of each other. */
public sealed interface Initializer {

  /** Every entry is drawn from N(0, standardDeviation^2). */
  record Normal(double standardDeviation) implements Initializer {}

  /** Every entry is {@code value}. */
  record Constant(double value) implements Initializer {}

  /**
   * For a stack of matrices: {@code value} where the column is the row plus {@code offset}, 0
   * elsewhere.
   */
  record Diagonal(double value, int offset) implements Initializer {}
}
