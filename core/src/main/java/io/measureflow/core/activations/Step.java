package io.measureflow.core.activations;

import io.measureflow.api.activation.Activation;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Value;

/**
 * sigma(z) = 1 for z &gt; 0, else 0 (1/2 at 0): the derivative of relu; its moments follow from
 * those of relu. It has no useful derivative of its own, yet a Gaussian layer with it is trained
 * exactly through G_1 to G_3.
 */
public record Step() implements Activation {

  @Override
  public String key() {
    return "step";
  }

  @Override
  public Value writeDerivative(ProgramBuilder program, Value z, int order) {
    return order == 0 ? new Relu().writeDerivative(program, z, 1) : program.constant(0, z.shape());
  }

  @Override
  public Value writeMoment(ProgramBuilder program, Value mean, Value variance, int order) {
    return program.reluMoment(mean, variance, order + 1);
  }

  @Override
  public Value writeSquareMoment(ProgramBuilder program, Value mean, Value variance, int order) {
    return moment(program, mean, variance, order);
  }
}
