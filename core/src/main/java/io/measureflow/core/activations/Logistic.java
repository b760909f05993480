package io.measureflow.core.activations;

import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Value;

/** The logistic function L(z) = 1 / (1 + e^(-z)) and its derivatives, without cancellation. */
final class Logistic {

  private Logistic() {}

  /** L^(order)(z). */
  static Value derivative(ProgramBuilder program, Value z, int order) {
    Value right = of(program, z);
    if (order == 0) {
      return right;
    }
    Value left = of(program, program.affine(z, -1, 0));
    Value first = program.multiply(right, left);
    return switch (order) {
      case 1 -> first;
      case 2 -> program.multiply(first, program.subtract(left, right));
      default -> program.multiply(first, program.affine(first, -6, 1));
    };
  }

  private static Value of(ProgramBuilder program, Value z) {
    // e^(-z) may be infinite, which gives the right limit.
    return program.reciprocal(program.affine(program.exp(program.affine(z, -1, 0)), 1, 1));
  }
}
