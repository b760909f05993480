package io.measureflow.lowering;

import io.measureflow.api.program.Op;
import io.measureflow.api.program.Value;

/** What becomes of the elements of a product. */
public sealed interface Epilogue {

  /**
   * They are stored.
   *
   * @param out the result, in memory row after row
   */
  record Store(Value out) implements Epilogue {}

  /**
   * They are the gradient of an update, or a factor of it, and are not stored.
   *
   * @param update the update; its gradient is not assigned
   * @param factor what they are multiplied by
   */
  record Update(Op.Update update, Factor factor) implements Epilogue {}

  /** What the elements of a gradient are multiplied by. */
  sealed interface Factor {
    /** Nothing. */
    record One() implements Factor {}

    /** scale x + shift, elementwise; x has the shape of the product. */
    record Affine(Value x, double scale, double shift) implements Factor {}
  }
}
