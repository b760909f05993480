package io.measureflow.api.measure;

import io.measureflow.api.program.Shape;

/**
 * One parameter tensor of a layer.
 *
 * @param name its name within the layer, as in checkpoints: {@code in_mean}
 * @param shape its shape; in a mixture the first dimension counts the components, unless all of
 *     them share the parameter
 * @param initializer how it is drawn before training
 * @param metric the Wasserstein metric of the coordinate; its gradient is divided by this and by
 *     the component's weight: 1 for means, standard deviations of single coordinates and factors, n
 *     for one standard deviation shared by n coordinates (docs/mathematics.md, section 5)
 * @param role what it describes; a run chooses the trainable parameters by role
 * @param shared whether all components of a mixture share it, as in a tied covariance; its gradient
 *     is then divided by the metric alone, as the weights of all components add up to 1
 */
public record ParameterSpec(
    String name, Shape shape, Initializer initializer, double metric, Role role, boolean shared) {

  /** Creates a parameter that each component has for itself. */
  public ParameterSpec(
      String name, Shape shape, Initializer initializer, double metric, Role role) {
    this(name, shape, initializer, metric, role, false);
  }

  /** Returns a mean with metric 1. */
  public static ParameterSpec mean(String name, Shape shape, Initializer initializer) {
    return new ParameterSpec(name, shape, initializer, 1, Role.MEANS);
  }

  /** Returns a spread with metric 1. */
  public static ParameterSpec spread(String name, Shape shape, Initializer initializer) {
    return new ParameterSpec(name, shape, initializer, 1, Role.SPREAD);
  }

  /** Returns a running statistic: a state that is not trained, with its first value. */
  public static ParameterSpec statistic(String name, Shape shape, double value) {
    return new ParameterSpec(name, shape, new Initializer.Constant(value), 1, Role.STATISTICS);
  }

  /** Returns a copy that all components of the mixture share. */
  public ParameterSpec sharedByComponents() {
    return new ParameterSpec(name, shape, initializer, metric, role, true);
  }
}
