package io.measureflow.core.training;

import io.measureflow.api.measure.ParameterSpec;
import io.measureflow.api.measure.ParameterSpec.Role;
import java.util.EnumSet;
import java.util.Set;

/**
 * What moves in a training, and within which bounds.
 *
 * @param roles the kinds of parameters that move; the others stay as they are
 * @param weightRate alpha, how fast the weights of components move against the rest
 *     (Wasserstein-Fisher-Rao; specification, section 5)
 * @param clip the largest norm of the gradient in the metric of the flow, sqrt(sum &lt;g, scale
 *     g&gt;), to which a longer one is shortened; infinite for no limit
 */
public record Motion(Set<Role> roles, double weightRate, double clip) {

  /** Means and spread move, weights stay, and nothing is clipped. */
  public static final Motion USUAL =
      new Motion(EnumSet.of(Role.MEANS, Role.SPREAD), 1, Double.POSITIVE_INFINITY);

  /** Copies the set. */
  public Motion {
    roles = Set.copyOf(roles);
  }

  /** Whether a parameter moves. */
  public boolean moves(ParameterSpec parameter) {
    return roles.contains(parameter.role());
  }
}
