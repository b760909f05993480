package io.measureflow.core.losses;

import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import java.util.List;

/** Helpers that losses share. */
final class Terms {

  private Terms() {}

  /** Returns the value of an option that is one number. */
  static double number(String option, List<Double> value) {
    if (value.size() != 1) {
      throw new IllegalArgumentException(option + ": expected one number, found " + value);
    }
    return value.getFirst();
  }

  /** Writes |a|, whose derivative at 0 is 0. */
  static Value absolute(ProgramBuilder program, Value a) {
    return program.maximum(a, program.affine(a, -1, 0));
  }

  /** Writes the mean of all elements. */
  static Value mean(ProgramBuilder program, Value a) {
    return program.affine(program.sumTo(a, Shape.SCALAR), 1.0 / Math.max(1, a.shape().size()), 0);
  }
}
