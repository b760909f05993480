package io.measureflow.core.activations;

import io.measureflow.api.activation.Activation;
import io.measureflow.api.activation.SmoothActivation;
import io.measureflow.api.program.Op.UnaryFunction;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Value;

/**
 * sigma(z) = erf(z), the step 2 1[z + e &gt; 0] - 1 averaged over e ~ N(0, 1/2): its derivatives
 * are twice those of the step at a variance larger by 1/2, all closed forms. Only the moments of
 * its square are integrated numerically.
 *
 * @param nodes the number of nodes of that quadrature, the parameter of the key
 */
public record Erf(int nodes) implements SmoothActivation {

  private static final double OWN_VARIANCE = 0.5;

  /** The default number of nodes. */
  public Erf() {
    this(DEFAULT_NODES);
  }

  @Override
  public String key() {
    return Quadrature.key("erf", nodes);
  }

  @Override
  public Activation withParameter(double parameter) {
    return new Erf(Quadrature.nodes(parameter));
  }

  @Override
  public Value writeDerivative(ProgramBuilder program, Value z, int order) {
    return order == 0
        ? program.unary(UnaryFunction.ERF, z)
        : smoothStep(program, z, program.constant(OWN_VARIANCE, z.shape()), order);
  }

  /** By Price's theorem: the moments are closed forms. */
  @Override
  public Value writeVarianceDerivative(
      ProgramBuilder program, Value mean, Value variance, int order) {
    return program.affine(moment(program, mean, variance, order + 2), 0.5, 0);
  }

  @Override
  public Value writeMoment(ProgramBuilder program, Value mean, Value variance, int order) {
    if (order > 0) {
      return smoothStep(program, mean, program.affine(variance, 1, OWN_VARIANCE), order);
    }
    Value u = program.affine(variance, 2, 1);
    return program.unary(UnaryFunction.ERF, program.divide(mean, program.sqrt(u)));
  }

  private static Value smoothStep(ProgramBuilder program, Value m, Value v, int order) {
    return program.affine(program.reluMoment(m, v, order + 1), 2, 0);
  }
}
