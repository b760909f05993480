package io.measureflow.core.training;

import io.measureflow.api.measure.ParameterSpec;
import io.measureflow.api.measure.Role;
import java.util.Set;

/**
 * Which parameters are trained, and with what limits.
 *
 * @param roles the roles of the parameters that are trained; the others stay as they are
 * @param weightRate alpha, the learning rate of the component weights relative to the rest
 *     (Wasserstein-Fisher-Rao; docs/mathematics.md, section 5)
 * @param clip the largest norm of the gradient in the metric of the flow, {@code sqrt(sum <g, scale
 *     g>)}; longer gradients are scaled down to it; infinite for no limit
 */
public record Trainable(Set<Role> roles, double weightRate, double clip) {

  /** Means and spread are trained, weights are fixed, nothing is clipped. */
  public static final Trainable DEFAULT =
      new Trainable(Set.of(Role.MEANS, Role.SPREAD), 1, Double.POSITIVE_INFINITY);

  /** Copies the set. */
  public Trainable {
    roles = Set.copyOf(roles);
  }

  /** Returns whether a parameter is trained. */
  public boolean includes(ParameterSpec parameter) {
    return roles.contains(parameter.role());
  }
}
