package io.measureflow.core.training;

import io.measureflow.api.measure.ParameterSpec;
import io.measureflow.api.measure.Role;
import java.util.Set;

/**
 * What is trained, and within which bounds.
 *
 * @param roles the roles of the parameters that are trained; the others stay as they are
 * @param weightRate alpha, how fast the weights of components move against the rest
 *     (Wasserstein-Fisher-Rao; docs/mathematics.md, section 5)
 * @param clip the largest norm of the gradient in the metric of the flow, sqrt(sum {@literal <g,
 *     scale g>}), to which a longer one is shortened; infinite for no limit
 */
public record Trainable(Set<Role> roles, double weightRate, double clip) {

  /** Means and spread are trained, weights stay, and nothing is clipped. */
  public static final Trainable DEFAULT =
      new Trainable(Set.of(Role.MEANS, Role.SPREAD), 1, Double.POSITIVE_INFINITY);

  /** Copies the set. */
  public Trainable {
    roles = Set.copyOf(roles);
  }

  /** Whether a parameter is trained. */
  public boolean includes(ParameterSpec parameter) {
    return roles.contains(parameter.role());
  }
}
