package io.measureflow.core.activations;

import io.measureflow.api.program.Op.UnaryFunction;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Value;

/** The derivatives of the sine, and their means: the derivative at the mean, damped by e^(-v/2). */
final class Sinusoid {

  private Sinusoid() {}

  /** sin^(order)(z). */
  static Value derivative(ProgramBuilder program, Value z, int order) {
    Value wave = program.unary(order % 2 == 0 ? UnaryFunction.SIN : UnaryFunction.COS, z);
    return order % 4 < 2 ? wave : program.affine(wave, -1, 0);
  }

  /** E[sin^(order)(z)] for z ~ N(mean, variance). */
  static Value moment(ProgramBuilder program, Value mean, Value variance, int order) {
    return program.multiply(
        program.exp(program.affine(variance, -0.5, 0)), derivative(program, mean, order));
  }

  /** E of the derivatives of (1 + sign cos 2z) / 2. */
  static Value squareMoment(
      ProgramBuilder program, Value mean, Value variance, int order, int sign) {
    Value wave =
        moment(program, program.affine(mean, 2, 0), program.affine(variance, 4, 0), order + 1);
    return switch (order) {
      case 0 -> program.affine(wave, 0.5 * sign, 0.5);
      case 1 -> program.affine(wave, sign, 0);
      default -> program.affine(wave, 2.0 * sign, 0);
    };
  }
}
