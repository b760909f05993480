package io.measureflow.core.activations;

import io.measureflow.api.activation.Activation;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Value;

/**
 * sigma(z) = max(z, 0) + slope min(z, 0) = slope z + (1 - slope) max(z, 0).
 *
 * @param slope the slope on the negative side, the parameter of the key; 0.01 by default
 */
public record LeakyRelu(double slope) implements Activation {

  private static final String KEY = "leaky_relu";
  private static final double DEFAULT_SLOPE = 0.01;

  /** The default slope. */
  public LeakyRelu() {
    this(DEFAULT_SLOPE);
  }

  @Override
  public String key() {
    return slope == DEFAULT_SLOPE ? KEY : KEY + "(" + slope + ")";
  }

  @Override
  public Activation withParameter(double parameter) {
    if (!Double.isFinite(parameter)) {
      throw new IllegalArgumentException("expected a finite slope, found " + parameter);
    }
    return new LeakyRelu(parameter);
  }

  @Override
  public Value writeDerivative(ProgramBuilder program, Value z, int order) {
    return blend(
        program,
        new Identity().writeDerivative(program, z, order),
        new Relu().writeDerivative(program, z, order),
        slope);
  }

  @Override
  public Value writeMoment(ProgramBuilder program, Value mean, Value variance, int order) {
    return blend(
        program,
        new Identity().writeMoment(program, mean, variance, order),
        new Relu().writeMoment(program, mean, variance, order),
        slope);
  }

  @Override
  public Value writeSquareMoment(ProgramBuilder program, Value mean, Value variance, int order) {
    return blend(
        program,
        new Identity().writeSquareMoment(program, mean, variance, order),
        new Relu().writeSquareMoment(program, mean, variance, order),
        slope * slope);
  }

  /** weight everywhere + (1 - weight) positive. */
  private static Value blend(
      ProgramBuilder program, Value everywhere, Value positive, double weight) {
    return program.add(
        program.affine(everywhere, weight, 0), program.affine(positive, 1 - weight, 0));
  }
}
