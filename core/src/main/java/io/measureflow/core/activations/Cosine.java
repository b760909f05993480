package io.measureflow.core.activations;

import io.measureflow.api.activation.Activation;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Value;

/** sigma(z) = cos z, the derivative of the sine. */
public record Cosine() implements Activation {

  @Override
  public String key() {
    return "cos";
  }

  @Override
  public Value writeDerivative(ProgramBuilder program, Value z, int order) {
    return Sinusoid.derivative(program, z, order + 1);
  }

  @Override
  public Value writeMoment(ProgramBuilder program, Value mean, Value variance, int order) {
    return Sinusoid.moment(program, mean, variance, order + 1);
  }

  @Override
  public Value writeSquareMoment(ProgramBuilder program, Value mean, Value variance, int order) {
    return Sinusoid.squareMoment(program, mean, variance, order, 1);
  }
}
