package io.measureflow.core.activations;

import io.measureflow.api.activation.Activation;
import io.measureflow.api.activation.SmoothActivation;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Value;

/**
 * sigma(z) = tanh z = 2 / (1 + e^(-2z)) - 1.
 *
 * @param nodes the number of nodes of its quadrature, the parameter of the key
 */
public record Tanh(int nodes) implements SmoothActivation {

  /** The default number of nodes. */
  public Tanh() {
    this(DEFAULT_NODES);
  }

  @Override
  public String key() {
    return Quadrature.key("tanh", nodes);
  }

  @Override
  public Activation withParameter(double parameter) {
    return new Tanh(Quadrature.nodes(parameter));
  }

  @Override
  public Value writeDerivative(ProgramBuilder program, Value z, int order) {
    Value logistic = Logistic.derivative(program, program.affine(z, 2, 0), order);
    return program.affine(logistic, Math.scalb(2.0, order), order == 0 ? -1 : 0);
  }
}
