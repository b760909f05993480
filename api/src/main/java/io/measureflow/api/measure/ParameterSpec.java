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
 *     for one standard deviation shared by n coordinates (specification, section 5)
 * @param trained whether the flow moves it
 */
public record ParameterSpec(
    String name, Shape shape, Initializer initializer, double metric, boolean trained) {

  /** A trained parameter of metric 1. */
  public static ParameterSpec trained(String name, Shape shape, Initializer initializer) {
    return new ParameterSpec(name, shape, initializer, 1, true);
  }
}
