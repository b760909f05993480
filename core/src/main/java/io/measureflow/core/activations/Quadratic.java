package io.measureflow.core.activations;

import io.measureflow.api.activation.Activation;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Value;

/** sigma(z) = z^2. */
public record Quadratic() implements Activation {

  @Override
  public String key() {
    return "quadratic";
  }

  @Override
  public Value writeDerivative(ProgramBuilder program, Value z, int order) {
    return switch (order) {
      case 0 -> program.square(z);
      case 1 -> program.affine(z, 2, 0);
      case 2 -> program.constant(2, z.shape());
      default -> program.constant(0, z.shape());
    };
  }

  @Override
  public Value writeMoment(ProgramBuilder program, Value mean, Value variance, int order) {
    Value atMean = writeDerivative(program, mean, order);
    return order == 0 ? program.add(atMean, variance) : atMean;
  }

  @Override
  public Value writeSquareMoment(ProgramBuilder program, Value mean, Value variance, int order) {
    Value m2 = program.square(mean);
    return switch (order) {
      // E[z^4] = m^4 + 6 m^2 v + 3 v^2
      case 0 ->
          program.add(
              program.multiply(m2, program.add(m2, program.affine(variance, 6, 0))),
              program.affine(program.square(variance), 3, 0));
      // E[4 z^3] = 4 m (m^2 + 3 v)
      case 1 ->
          program.affine(
              program.multiply(mean, program.add(m2, program.affine(variance, 3, 0))), 4, 0);
      // E[12 z^2] = 12 (m^2 + v)
      default -> program.affine(program.add(m2, variance), 12, 0);
    };
  }
}
