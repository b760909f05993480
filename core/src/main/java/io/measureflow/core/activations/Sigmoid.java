package io.measureflow.core.activations;

import io.measureflow.api.activation.Activation;
import io.measureflow.api.activation.SmoothActivation;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Value;

/**
 * sigma(z) = 1 / (1 + e^(-z)).
 *
 * @param nodes the number of nodes of its quadrature, the parameter of the key
 */
public record Sigmoid(int nodes) implements SmoothActivation {

  /** The default number of nodes. */
  public Sigmoid() {
    this(DEFAULT_NODES);
  }

  @Override
  public String key() {
    return Quadrature.key("sigmoid", nodes);
  }

  @Override
  public Activation withParameter(double parameter) {
    return new Sigmoid(Quadrature.nodes(parameter));
  }

  @Override
  public Value writeDerivative(ProgramBuilder program, Value z, int order) {
    return Logistic.derivative(program, z, order);
  }
}
