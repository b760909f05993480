package io.measureflow.core.activations;

import io.measureflow.api.activation.Activation;
import io.measureflow.api.activation.SmoothActivation;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Value;

/**
 * sigma(z) = z / (1 + e^(-z)).
 *
 * @param nodes the number of nodes of its quadrature, the parameter of the key
 */
public record Silu(int nodes) implements SmoothActivation {

  /** The default number of nodes. */
  public Silu() {
    this(DEFAULT_NODES);
  }

  @Override
  public String key() {
    return Quadrature.key("silu", nodes);
  }

  @Override
  public Activation withParameter(double parameter) {
    return new Silu(Quadrature.nodes(parameter));
  }

  @Override
  public Value writeDerivative(ProgramBuilder program, Value z, int order) {
    Value leading = program.multiply(z, Logistic.derivative(program, z, order));
    return order == 0
        ? leading
        : program.add(
            leading, program.affine(Logistic.derivative(program, z, order - 1), order, 0));
  }
}
