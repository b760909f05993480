package io.measureflow.core.activations;

import io.measureflow.api.activation.Activation;
import io.measureflow.api.activation.SmoothActivation;
import io.measureflow.api.program.Op.UnaryFunction;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Value;

/**
 * sigma(z) = log(1 + e^z), whose derivative is the logistic function.
 *
 * @param nodes the number of nodes of its quadrature, the parameter of the key
 */
public record Softplus(int nodes) implements SmoothActivation {

  /** The default number of nodes. */
  public Softplus() {
    this(DEFAULT_NODES);
  }

  @Override
  public String key() {
    return Quadrature.key("softplus", nodes);
  }

  @Override
  public Activation withParameter(double parameter) {
    return new Softplus(Quadrature.nodes(parameter));
  }

  @Override
  public Value writeDerivative(ProgramBuilder program, Value z, int order) {
    if (order > 0) {
      return Logistic.derivative(program, z, order - 1);
    }
    Value minusAbs = program.minimum(z, program.affine(z, -1, 0));
    return program.add(
        program.maximum(z, program.constant(0)),
        program.unary(UnaryFunction.LOG1P, program.exp(minusAbs)));
  }
}
