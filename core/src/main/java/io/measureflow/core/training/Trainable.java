package io.measureflow.core.training;

import io.measureflow.api.measure.ParameterSpec;
import io.measureflow.api.measure.Role;
import io.measureflow.api.model.Layer;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.core.layers.MeasureLayer;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Which parameters are trained, how fast, and with what limits.
 *
 * @param roles the roles of the parameters that are trained; the others stay as they are
 * @param weightRate alpha, the learning rate of the component weights relative to the rest
 *     (Wasserstein-Fisher-Rao; docs/mathematics.md, section 5)
 * @param rateFactors factors on the learning rate, by the name of a parameter within its layer
 *     ({@code out_mean}), by the type of a layer ({@code conv}), or by both ({@code conv.bias});
 *     the most specific one applies, and 1 to what is not named. For the Wasserstein flow they are
 *     a choice of metric. A {@link Trainer} refuses names that nothing in the model has
 * @param clip the largest norm of the gradient in the metric of the flow, sqrt(sum {@literal <g,
 *     scale g>}), to which a longer one is shortened; infinite for no limit
 * @param decay which parameters the weight decay of a flow applies to
 */
public record Trainable(
    Set<Role> roles, double weightRate, Map<String, Double> rateFactors, double clip, Decay decay) {

  /** Which parameters the weight decay of a flow applies to. */
  public enum Decay {
    /** {@link #ALL} in a model that is a single mixture layer, {@link #WEIGHTS} in any other. */
    AUTO,
    /**
     * What each layer says ({@link Layer#decays}): matrices and kernels of ordinary layers, neither
     * biases, nor norms, nor mixtures.
     */
    WEIGHTS,
    /** All parameters that are trained. */
    ALL
  }

  /**
   * The weight rate that trains where the learning rate suits the means: an output is a sum of
   * weights times components, whose squares grow to some tens.
   */
  public static final double DEFAULT_WEIGHT_RATE = 0.03;

  /** Means and spread are trained, weights are fixed, nothing is clipped. */
  public static final Trainable DEFAULT =
      new Trainable(Set.of(Role.MEANS, Role.SPREAD), DEFAULT_WEIGHT_RATE, Double.POSITIVE_INFINITY);

  /** Copies set and map. */
  public Trainable {
    roles = Set.copyOf(roles);
    rateFactors = Map.copyOf(rateFactors);
  }

  /** The same factor, 1, on the learning rate of all parameters. */
  public Trainable(Set<Role> roles, double weightRate, double clip) {
    this(roles, weightRate, Map.of(), clip, Decay.AUTO);
  }

  /** The same with factors on the learning rate of single parameters. */
  public Trainable withRateFactors(Map<String, Double> factors) {
    return new Trainable(roles, weightRate, factors, clip, decay);
  }

  /** The same with weight decay on other parameters. */
  public Trainable withDecay(Decay other) {
    return new Trainable(roles, weightRate, rateFactors, clip, other);
  }

  /** Returns whether weight decay applies to a parameter of a layer of a model. */
  public boolean decays(ModelSpec model, Layer layer, ParameterSpec parameter) {
    return switch (decay) {
      case AUTO -> MeasureLayer.isWhole(model) || layer.decays(parameter);
      case WEIGHTS -> layer.decays(parameter);
      case ALL -> true;
    };
  }

  /** The factor on the learning rate of a parameter of a layer. */
  public double rateFactor(Layer layer, ParameterSpec parameter) {
    return names(layer, parameter)
        .filter(rateFactors::containsKey)
        .findFirst()
        .map(rateFactors::get)
        .orElse(1.0);
  }

  /** Returns the names under which a factor may stand, the most specific one first. */
  static Stream<String> names(Layer layer, ParameterSpec parameter) {
    return Stream.of(layer.type() + "." + parameter.name(), parameter.name(), layer.type());
  }

  /** Returns whether a parameter is trained. */
  public boolean includes(ParameterSpec parameter) {
    return roles.contains(parameter.role());
  }
}
