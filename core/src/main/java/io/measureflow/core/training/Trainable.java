package io.measureflow.core.training;

import io.measureflow.api.measure.ParameterSpec;
import io.measureflow.api.measure.Role;
import java.util.Map;
import java.util.Set;

/**
 * Which parameters are trained, and with what limits.
 *
 * @param roles the roles of the parameters that are trained; the others stay as they are
 * @param weightRate alpha, the learning rate of the component weights relative to the rest
 *     (Wasserstein-Fisher-Rao; docs/mathematics.md, section 5)
 * @param rateFactors factors on the learning rate of single parameters, by their names within a
 *     layer ({@code out_mean}); 1 for those not named. For the Wasserstein flow they are a choice
 *     of metric. A {@link Trainer} refuses names that no parameter of the model has
 * @param clip the largest norm of the gradient in the metric of the flow, sqrt(sum {@literal <g,
 *     scale g>}), to which a longer one is shortened; infinite for no limit
 */
public record Trainable(
    Set<Role> roles, double weightRate, Map<String, Double> rateFactors, double clip) {

  /**
   * The weight rate that trains where the learning rate suits the means: an output is a sum of
   * weights times components, whose squares grow to some tens.
   */
  public static final double DEFAULT_WEIGHT_RATE = 0.03;

  /** Means and spread are trained, weights are fixed, nothing is clipped. */
  public static final Trainable DEFAULT =
      new Trainable(
          Set.of(Role.MEANS, Role.SPREAD), DEFAULT_WEIGHT_RATE, Map.of(), Double.POSITIVE_INFINITY);

  /** Copies set and map. */
  public Trainable {
    roles = Set.copyOf(roles);
    rateFactors = Map.copyOf(rateFactors);
  }

  /** The same factor, 1, on the learning rate of all parameters. */
  public Trainable(Set<Role> roles, double weightRate, double clip) {
    this(roles, weightRate, Map.of(), clip);
  }

  /** The same with factors on the learning rate of single parameters. */
  public Trainable withRateFactors(Map<String, Double> factors) {
    return new Trainable(roles, weightRate, factors, clip);
  }

  /** The factor on the learning rate of a parameter. */
  public double rateFactor(ParameterSpec parameter) {
    return rateFactors.getOrDefault(parameter.name(), 1.0);
  }

  /** Returns whether a parameter is trained. */
  public boolean includes(ParameterSpec parameter) {
    return roles.contains(parameter.role());
  }
}
