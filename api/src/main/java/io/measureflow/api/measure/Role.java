package io.measureflow.api.measure;

import java.util.Set;

/**
 * What a parameter says about the measure. A run chooses by roles what is trained; a flow may treat
 * them differently. Families may name roles of their own.
 *
 * @param name the name in configurations, lower case: {@code means}
 */
public record Role(String name) {

  /** Where components lie; and the weights of layers that are no mixtures. */
  public static final Role MEANS = new Role("means");

  /** How far components spread around their means: standard deviations and factors. */
  public static final Role SPREAD = new Role("spread");

  /** The logarithms of the weights of components. */
  public static final Role WEIGHTS = new Role("weights");

  /** The roles that every mixture layer knows. */
  public static final Set<Role> STANDARD = Set.of(MEANS, SPREAD, WEIGHTS);

  @Override
  public String toString() {
    return name;
  }
}
