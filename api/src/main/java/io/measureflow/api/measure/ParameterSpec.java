package io.measureflow.api.measure;

import io.measureflow.api.program.Shape;

/**
 * One parameter tensor of a layer.
 *
 * @param name its name within the layer, as in checkpoints: {@code in_mean}
 * @param shape its shape; for a mixture the first dimension counts the components
 * @param initializer how it is drawn before training
 * @param metric the Wasserstein metric of the coordinate, by which its gradient is divided besides
 *     the component's weight: 1 for means, standard deviations of single coordinates and factors, n
 *     for one standard deviation shared by n coordinates (docs/mathematics.md, section 5)
 * @param role what it says about the measure, by which a run chooses what moves
 */
public record ParameterSpec(
    String name, Shape shape, Initializer initializer, double metric, Role role) {

  /** What a parameter says about the measure. */
  public enum Role {
    /** Where components lie; and the weights of layers that are no mixtures. */
    MEANS,
    /** How far components spread around their means: standard deviations and factors. */
    SPREAD,
    /** The logarithms of the weights of components. */
    WEIGHTS
  }

  /** A mean, of metric 1. */
  public static ParameterSpec mean(String name, Shape shape, Initializer initializer) {
    return new ParameterSpec(name, shape, initializer, 1, Role.MEANS);
  }

  /** A spread of metric 1. */
  public static ParameterSpec spread(String name, Shape shape, Initializer initializer) {
    return new ParameterSpec(name, shape, initializer, 1, Role.SPREAD);
  }
}
