package io.measureflow.core.activations;

import io.measureflow.api.activation.Activation;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Value;

/** sigma(z) = sin z. */
public record Sine() implements Activation {

  @Override
  public String key() {
    return "sin";
  }

  @Override
  public Value writeDerivative(ProgramBuilder program, Value z, int order) {
    return Sinusoid.derivative(program, z, order);
  }

  @Override
  public Value writeMoment(ProgramBuilder program, Value mean, Value variance, int order) {
    return Sinusoid.moment(program, mean, variance, order);
  }

  @Override
  public Value writeSquareMoment(ProgramBuilder program, Value mean, Value variance, int order) {
    return Sinusoid.squareMoment(program, mean, variance, order, -1);
  }
}
