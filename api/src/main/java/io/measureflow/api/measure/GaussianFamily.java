package io.measureflow.api.measure;

import io.measureflow.api.backend.Tensor;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Value;
import java.util.function.Function;

/**
 * A family whose components are Gaussians N(mu_k, Sigma_k) on theta = (a, w), a in R^p, w in R^n.
 * Functionals, distances, sampling and predictive variances are computed from its covariances,
 * which the methods below provide.
 */
public interface GaussianFamily extends Family {

  /** The mean of a, [K, p]. */
  String OUT_MEAN = "out_mean";

  /** The mean of w, [K, n]. */
  String IN_MEAN = "in_mean";

  /**
   * Writes the traces of the covariances, tr Sigma_k: [K].
   *
   * @param operands the program, weights and parameters; the input is not used
   */
  Value trace(Operands operands);

  /**
   * Writes log det of the covariances over the coordinates with spread: [K]. Those are w if a has
   * no spread of its own in this family, else all of theta.
   *
   * @throws io.measureflow.api.error.InvalidRequestException if components have no spread
   */
  Value logDeterminant(Operands operands);

  /** Writes the joint law of a and w.x for a batch of inputs. */
  Joint joint(Operands operands);

  /**
   * Computes a root of the covariance of one component on the host, rows ordered as (a, w).
   *
   * @param parameters the family's parameters by name
   * @param component k
   */
  Root root(ComponentSize size, Function<String, Tensor> parameters, int component);

  /**
   * The joint law of a and z = w.x under each component.
   *
   * @param mean m = E[z], [B, K]
   * @param variance v = Var[z], [B, K]
   * @param factor a root of the covariance of a and its covariance with z
   */
  record Joint(Value mean, Value variance, Factor factor) {}

  /** How a varies, and covaries with z. */
  sealed interface Factor {

    /** a is fixed at its mean. */
    record None() implements Factor {}

    /**
     * a - E[a] = A e with e standard normal in R^r, and Cov(e, z) = t.
     *
     * @param shared t, [B, r, K]
     * @param outFactor A, [K, p, r]
     */
    record Shared(Value shared, Value outFactor) implements Factor {}
  }

  /**
   * A root of a covariance on R^(p+n): Sigma = diag(standardDeviations)^2 + factor factor'.
   *
   * @param standardDeviations [p + n], FLOAT64
   * @param factor [p + n, q], FLOAT64; q is 0 for none
   */
  record Root(Tensor standardDeviations, Tensor factor) {}

  /** Writes the means of the pre-activations z = w.x, [B, K]. */
  static Value mean(Operands operands) {
    ProgramBuilder program = operands.program();
    return program.matMul(operands.input(), false, operands.parameter(IN_MEAN), true);
  }
}
