package io.measureflow.core.activations;

import io.measureflow.api.activation.Activation;
import io.measureflow.api.activation.SmoothActivation;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Value;

/**
 * sigma(z) = z Phi(z). Since relu averaged over noise e ~ N(0, 1) is z Phi(z) + phi(z), with R_j
 * the moments of relu,
 *
 * <pre>sigma^(j)(z) = R_j(z, 1) - R_{j+2}(z, 1),     G_j(m, v) = R_j(m, 1+v) - R_{j+2}(m, 1+v),
 * </pre>
 *
 * which are the closed forms of docs/mathematics.md, section 3.1, without their cancellation in the
 * left tail. Only the moments of its square are integrated numerically.
 *
 * @param nodes the number of nodes of that quadrature, the parameter of the key
 */
public record Gelu(int nodes) implements SmoothActivation {

  /** The default number of nodes. */
  public Gelu() {
    this(DEFAULT_NODES);
  }

  @Override
  public String key() {
    return Quadrature.key("gelu", nodes);
  }

  @Override
  public Activation withParameter(double parameter) {
    return new Gelu(Quadrature.nodes(parameter));
  }

  @Override
  public Value writeDerivative(ProgramBuilder program, Value z, int order) {
    return difference(program, z, program.constant(1, z.shape()), order);
  }

  /** By Price's theorem: the moments are closed forms. */
  @Override
  public Value writeVarianceDerivative(
      ProgramBuilder program, Value mean, Value variance, int order) {
    return program.affine(moment(program, mean, variance, order + 2), 0.5, 0);
  }

  @Override
  public Value writeMoment(ProgramBuilder program, Value mean, Value variance, int order) {
    return difference(program, mean, program.affine(variance, 1, 1), order);
  }

  private static Value difference(ProgramBuilder program, Value m, Value v, int order) {
    Value r = program.reluMoment(m, v, order);
    if (order < MAX_ORDER) {
      return program.subtract(r, program.reluMoment(m, v, order + 2));
    }
    // R_5 = -(m R_4 + 2 R_3) / v, by differentiating v R_3 = -m R_2 twice
    Value r4 = program.reluMoment(m, v, 4);
    return program.add(
        r, program.divide(program.add(program.multiply(m, r4), program.affine(r, 2, 0)), v));
  }
}
