package io.measureflow.core.activations;

import io.measureflow.api.activation.Activation;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Value;

/** sigma(z) = z. */
public record Identity() implements Activation {

  @Override
  public String key() {
    return "identity";
  }

  @Override
  public Value writeDerivative(ProgramBuilder program, Value z, int order) {
    return switch (order) {
      case 0 -> z;
      case 1 -> program.constant(1, z.shape());
      default -> program.constant(0, z.shape());
    };
  }

  @Override
  public Value writeMoment(ProgramBuilder program, Value mean, Value variance, int order) {
    return writeDerivative(program, mean, order);
  }

  @Override
  public Value writeSquareMoment(ProgramBuilder program, Value mean, Value variance, int order) {
    return new Quadratic().writeMoment(program, mean, variance, order);
  }
}
