package io.measureflow.api.activation;

import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import java.util.function.Function;

/**
 * A smooth activation function given by its derivatives alone. Its Gaussian moments are
 * Gauss-Hermite quadratures of them over z = m + sqrt(v) q, exact where sigma is a polynomial of
 * degree below twice the number of nodes [golub1969].
 */
public interface SmoothActivation extends Activation {

  /** The default number of nodes. */
  int DEFAULT_NODES = 32;

  /** The largest number of nodes; beyond it the outermost weights underflow in float64. */
  int MAX_NODES = 256;

  /** Returns the number of nodes of the quadrature. */
  default int nodes() {
    return DEFAULT_NODES;
  }

  /**
   * Below this variance the derivative of the quadrature in v is taken by Price's theorem, from
   * which it differs by less than rounding: the sum that defines it is divided by sqrt(v).
   */
  double SMALL_VARIANCE = 0.01;

  /** As many nodes integrate a smooth function over {@link #SMALL_VARIANCE} to full precision. */
  int NODES_OF_SMALL_VARIANCE = 6;

  @Override
  default Value writeMoment(ProgramBuilder program, Value mean, Value variance, int order) {
    return mean(program, mean, variance, z -> derivative(program, z, order));
  }

  /**
   * The derivative of the sum that {@link #writeMoment} writes (docs/mathematics.md, section 3.3):
   * sum_i w_i q_i sigma^(order+1)(m + s q_i)/(2 s), which is not G_(order+2)/2 for a finite sum.
   * Whoever overrides one of the two methods overrides the other.
   */
  @Override
  default Value writeVarianceDerivative(
      ProgramBuilder program, Value mean, Value variance, int order) {
    Value small = program.constant(SMALL_VARIANCE, variance.shape());
    Value large = program.maximum(variance, small);
    GaussHermite rule = GaussHermite.of(nodes());
    double[] slopes = rule.weights().clone();
    for (int i = 0; i < slopes.length; i++) {
      slopes[i] *= rule.nodes()[i] / 2;
    }
    Value sum =
        mean(program, mean, large, rule.nodes(), slopes, z -> derivative(program, z, order + 1));
    Value quotient = program.divide(sum, program.sqrt(large));
    // Without branches: the difference is 0 for a large variance, and for a small one turns the
    // quotient at the border into what it is there.
    Value difference =
        program.subtract(
            smallMoment(program, mean, program.minimum(variance, small), order + 2),
            smallMoment(program, mean, small, order + 2));
    return program.add(quotient, program.affine(difference, 0.5, 0));
  }

  private Value smallMoment(ProgramBuilder program, Value mean, Value variance, int order) {
    GaussHermite rule = GaussHermite.of(Math.min(nodes(), NODES_OF_SMALL_VARIANCE));
    return mean(
        program, mean, variance, rule.nodes(), rule.weights(), z -> derivative(program, z, order));
  }

  @Override
  default Value writeSquareMoment(ProgramBuilder program, Value mean, Value variance, int order) {
    return mean(
        program,
        mean,
        variance,
        z -> {
          Value s0 = derivative(program, z, 0);
          if (order == 0) {
            return program.square(s0);
          }
          Value s1 = derivative(program, z, 1);
          if (order == 1) {
            return program.affine(program.multiply(s0, s1), 2, 0);
          }
          Value s2 = derivative(program, z, 2);
          return program.affine(program.add(program.square(s1), program.multiply(s0, s2)), 2, 0);
        });
  }

  /** E[f(z)] for z ~ N(mean, variance), elementwise. */
  private Value mean(ProgramBuilder program, Value mean, Value variance, Function<Value, Value> f) {
    GaussHermite rule = GaussHermite.of(nodes());
    return mean(program, mean, variance, rule.nodes(), rule.weights(), f);
  }

  /** sum_i weight_i f(mean + sqrt(variance) node_i), elementwise. */
  private static Value mean(
      ProgramBuilder program,
      Value mean,
      Value variance,
      double[] nodes,
      double[] weights,
      Function<Value, Value> f) {
    int size = mean.shape().size();
    Value m = program.reshape(mean, Shape.of(1, size));
    Value s = program.sqrt(program.reshape(variance, Shape.of(1, size)));
    Value q = program.literal(Shape.of(nodes.length, 1), nodes);
    Value w = program.literal(Shape.of(1, weights.length), weights);
    Value z = program.add(m, program.multiply(s, q));
    return program.reshape(program.matMul(w, false, f.apply(z), false), mean.shape());
  }
}
