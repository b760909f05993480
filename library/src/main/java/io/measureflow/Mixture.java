package io.measureflow;

import io.measureflow.api.activation.Activation;
import io.measureflow.api.measure.Family;
import io.measureflow.api.model.Layer;
import io.measureflow.api.program.Shape;
import io.measureflow.api.registry.Extensions;
import io.measureflow.config.Defaults;
import io.measureflow.core.activations.Activations;
import io.measureflow.core.families.Families;
import io.measureflow.core.layers.MixtureLayer;
import io.measureflow.core.layers.Rows;
import java.util.OptionalInt;

/**
 * Builds a mixture layer: {@code Mixture.diagonal().components(256)}. By default it has 256
 * components, fewer on more than 1024 features, or 64 of a family with a factor; ReLU and a bias.
 */
public final class Mixture implements LayerBuilder {

  private final Family family;
  private final Activation activation;
  private final boolean bias;
  private final OptionalInt components;
  private final OptionalInt rank;
  private final OptionalInt outputs;

  private Mixture(
      Family family,
      Activation activation,
      boolean bias,
      OptionalInt components,
      OptionalInt rank,
      OptionalInt outputs) {
    this.family = family;
    this.activation = activation;
    this.bias = bias;
    this.components = components;
    this.rank = rank;
    this.outputs = outputs;
  }

  /** Components of the given family. */
  public static Mixture of(Family family) {
    return new Mixture(
        family,
        Activations.RELU,
        true,
        OptionalInt.empty(),
        OptionalInt.empty(),
        OptionalInt.empty());
  }

  /**
   * Components of a family on the class path, by name.
   *
   * @throws io.measureflow.api.error.InvalidRequestException if there is no such family
   */
  public static Mixture of(String family) {
    return of(Extensions.onClassPath().of(Family.KIND).get(family));
  }

  /** Points: an ordinary dense two-layer network in mean-field scaling. */
  public static Mixture dirac() {
    return of(Families.DIRAC);
  }

  /** Gaussians on w with one standard deviation each. */
  public static Mixture isotropic() {
    return of(Families.ISOTROPIC);
  }

  /** Gaussians on w with a standard deviation for each coordinate. */
  public static Mixture diagonal() {
    return of(Families.DIAGONAL);
  }

  /** Gaussians on (a, w) whose covariance is a diagonal plus a factor, of rank 4 by default. */
  public static Mixture factored() {
    return of(Families.FACTORED);
  }

  /** Gaussians on (a, w) with a general covariance. */
  public static Mixture full() {
    return of(Families.FULL);
  }

  /** Returns a copy with K components. */
  public Mixture components(int number) {
    return new Mixture(family, activation, bias, OptionalInt.of(number), rank, outputs);
  }

  /** Returns a copy with a factor of this rank, for families whose rank is free. */
  public Mixture rank(int number) {
    return new Mixture(family, activation, bias, components, OptionalInt.of(number), outputs);
  }

  /** Returns a copy with another activation. */
  public Mixture activation(Activation other) {
    return new Mixture(family, other, bias, components, rank, outputs);
  }

  /**
   * Returns a copy with another activation, by name: {@code tanh} or {@code leaky_relu(0.2)}.
   *
   * @throws io.measureflow.api.error.InvalidRequestException if there is no such activation
   */
  public Mixture activation(String key) {
    return activation(Activation.of(key, Extensions.onClassPath(), "activation"));
  }

  /** Returns a copy with or without a constant 1 appended to the inputs. */
  public Mixture bias(boolean with) {
    return new Mixture(family, activation, with, components, rank, outputs);
  }

  /**
   * Returns a copy with p outputs; not needed for the last layer, where they follow from the data.
   */
  public Mixture outputs(int number) {
    return new Mixture(family, activation, bias, components, rank, OptionalInt.of(number));
  }

  @Override
  public Layer build(Shape input, int outputsOfData) {
    int inputs = Rows.width(input);
    return new MixtureLayer(
        family,
        activation,
        bias,
        inputs,
        Dense.outputs(outputs, outputsOfData),
        components.orElseGet(() -> Defaults.components(family, inputs)),
        rank.orElseGet(() -> MixtureLayer.defaultRank(family)));
  }
}
