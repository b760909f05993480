package io.measureflow.examples;

import io.measureflow.api.activation.SmoothActivation;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Value;

/**
 * sigma(z) = exp(-z^2 / 2), a radial basis function of one dimension, by its derivatives alone.
 *
 * @param key the name in configurations and checkpoints
 */
public record Bump(String key) implements SmoothActivation {

  /** Beyond it sigma and its derivatives are 0 in every precision, and z^2 may overflow. */
  private static final double FAR = 40;

  /** Under its own name. */
  public Bump() {
    this("bump");
  }

  @Override
  public Value writeDerivative(ProgramBuilder p, Value z, int order) {
    Value near = p.maximum(p.minimum(z, p.constant(FAR)), p.constant(-FAR));
    Value square = p.square(near);
    Value bump = p.exp(p.affine(square, -0.5, 0));
    return switch (order) {
      case 0 -> bump;
      case 1 -> p.affine(p.multiply(near, bump), -1, 0);
      case 2 -> p.multiply(p.affine(square, 1, -1), bump);
      default -> p.multiply(p.multiply(near, p.affine(square, -1, 3)), bump);
    };
  }
}
