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

  @Override
  default Value writeMoment(ProgramBuilder program, Value mean, Value variance, int order) {
    return mean(program, mean, variance, z -> derivative(program, z, order));
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
    int size = mean.shape().size();
    Value m = program.reshape(mean, Shape.of(1, size));
    Value s = program.sqrt(program.reshape(variance, Shape.of(1, size)));
    Value q = program.literal(Shape.of(nodes(), 1), rule.nodes());
    Value w = program.literal(Shape.of(1, nodes()), rule.weights());
    Value z = program.add(m, program.multiply(s, q));
    return program.reshape(program.matMul(w, false, f.apply(z), false), mean.shape());
  }
}
