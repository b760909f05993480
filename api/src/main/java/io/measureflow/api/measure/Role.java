package io.measureflow.api.measure;

import java.util.Set;

/**
 * What a parameter describes. A run chooses the trainable parameters by role; a flow may treat
 * roles differently. Families may define roles of their own.
 *
 * @param name the name in configurations, lower case: {@code means}
 */
public record Role(String name) {

  /** The means of components, and the weights of layers that are not mixtures. */
  public static final Role MEANS = new Role("means");

  /** The spread of components around their means: standard deviations and factors. */
  public static final Role SPREAD = new Role("spread");

  /** The logarithms of the weights of components. */
  public static final Role WEIGHTS = new Role("weights");

  /** Running statistics of norms, which steps move by themselves. They are never trained. */
  public static final Role STATISTICS = new Role("statistics");

  /** The roles that every mixture layer has. */
  public static final Set<Role> STANDARD = Set.of(MEANS, SPREAD, WEIGHTS);

  @Override
  public String toString() {
    return name;
  }
}
