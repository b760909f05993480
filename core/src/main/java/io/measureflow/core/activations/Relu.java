package io.measureflow.core.activations;

import io.measureflow.api.activation.Activation;
import io.measureflow.api.program.Op.UnaryFunction;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Value;
import java.util.List;

/** sigma(z) = max(z, 0). */
public record Relu() implements Activation {

  @Override
  public String key() {
    return "relu";
  }

  /**
   * {@inheritDoc}
   *
   * <p>The gradient of relu is written in terms of its result, which is kept for what follows
   * anyway; z is not.
   */
  @Override
  public Value derivative(ProgramBuilder program, Value z, int order) {
    if (order != 0) {
      return Activation.super.derivative(program, z, order);
    }
    return program.function(
        List.of("derivative", key(), order, z),
        () -> writeDerivative(program, z, order),
        List.of(
            new ProgramBuilder.Partial(
                z, () -> derivative(program, derivative(program, z, 0), 1))));
  }

  @Override
  public Value writeDerivative(ProgramBuilder program, Value z, int order) {
    return switch (order) {
      case 0 -> program.maximum(z, program.constant(0));
      // 0 at 0, as in PyTorch.
      case 1 -> program.unary(UnaryFunction.POSITIVE, z);
      default -> program.constant(0, z.shape());
    };
  }

  @Override
  public Value writeMoment(ProgramBuilder program, Value mean, Value variance, int order) {
    return program.reluMoment(mean, variance, order);
  }

  @Override
  public Value writeSquareMoment(ProgramBuilder program, Value mean, Value variance, int order) {
    Value g0 = moment(program, mean, variance, 0);
    Value g1 = moment(program, mean, variance, 1);
    return switch (order) {
      // E[z z+] = m E[z+] + v P(z > 0) by Stein's lemma
      case 0 -> program.add(program.multiply(mean, g0), program.multiply(variance, g1));
      case 1 -> program.affine(g0, 2, 0);
      default -> program.affine(g1, 2, 0);
    };
  }
}
