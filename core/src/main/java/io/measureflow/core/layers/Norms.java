package io.measureflow.core.layers;

import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;

/** What norms have in common. */
final class Norms {

  /** Added to variances. */
  private static final double EPSILON = 1e-5;

  private Norms() {}

  /** Returns the mean of squares along the axes that a shape sums up. */
  static Value meanSquare(ProgramBuilder program, Value centred, Shape each) {
    int count = centred.shape().size() / Math.max(1, each.size());
    return program.affine(program.sumTo(program.square(centred), each), 1.0 / count, 0);
  }

  /** Returns values over their standard deviation. */
  static Value normalized(ProgramBuilder program, Value centred, Value variance) {
    return program.multiply(centred, precision(program, variance));
  }

  /** Returns one over the standard deviation. */
  static Value precision(ProgramBuilder program, Value variance) {
    return program.reciprocal(program.sqrt(program.affine(variance, 1, EPSILON)));
  }

  /** Returns values times a weight plus a bias. */
  static Value scaled(ProgramBuilder program, Value normal, Value weight, Value bias) {
    return program.add(program.multiply(normal, weight), bias);
  }
}
