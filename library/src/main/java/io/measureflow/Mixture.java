package io.measureflow;

import io.measureflow.api.activation.Activation;
import io.measureflow.api.measure.Family;
import io.measureflow.api.model.Layer;
import io.measureflow.api.registry.Extensions;
import io.measureflow.core.activations.Activations;
import io.measureflow.core.families.Families;
import io.measureflow.core.layers.MixtureLayer;
import java.util.OptionalInt;

/**
 * A mixture layer to be: {@code Mixture.diagonal().components(256)}. With 64 components, ReLU and
 * bias unless something else is said.
 */
public final class Mixture implements LayerBuilder {

  private static final int USUAL_COMPONENTS = 64;

  private final Family family;
  private final Activation activation;
  private final boolean bias;
  private final int components;
  private final OptionalInt rank;
  private final OptionalInt outputs;

  private Mixture(
      Family family,
      Activation activation,
      boolean bias,
      int components,
      OptionalInt rank,
      OptionalInt outputs) {
    this.family = family;
    this.activation = activation;
    this.bias = bias;
    this.components = components;
    this.rank = rank;
    this.outputs = outputs;
  }

  /** Components of a family. */
  public static Mixture of(Family family) {
    return new Mixture(
        family, Activations.RELU, true, USUAL_COMPONENTS, OptionalInt.empty(), OptionalInt.empty());
  }

  /**
   * Components of a family on the class path.
   *
   * @throws io.measureflow.api.error.InvalidRequestException if there is none of this name
   */
  public static Mixture of(String family) {
    return of(Extensions.onClassPath().of(Family.KIND).get(family));
  }

  /** Points: an ordinary fully connected layer in mean-field scaling. */
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

  /** Gaussians on (a, w) whose covariance is a diagonal and a factor, of rank 4 unless said. */
  public static Mixture factored() {
    return of(Families.FACTORED);
  }

  /** Gaussians on (a, w) with any covariance. */
  public static Mixture full() {
    return of(Families.FULL);
  }

  /** The same with K components. */
  public Mixture components(int number) {
    return new Mixture(family, activation, bias, number, rank, outputs);
  }

  /** The same with a factor of this rank, for families that may choose one. */
  public Mixture rank(int number) {
    return new Mixture(family, activation, bias, components, OptionalInt.of(number), outputs);
  }

  /** The same with another activation. */
  public Mixture activation(Activation other) {
    return new Mixture(family, other, bias, components, rank, outputs);
  }

  /**
   * The same with another activation by its name, {@code tanh} or {@code leaky_relu(0.2)}.
   *
   * @throws io.measureflow.api.error.InvalidRequestException if there is none of this name
   */
  public Mixture activation(String key) {
    return activation(Activation.of(key, Extensions.onClassPath(), "activation"));
  }

  /** The same with or without a constant 1 beside the inputs. */
  public Mixture bias(boolean with) {
    return new Mixture(family, activation, with, components, rank, outputs);
  }

  /** The same with p outputs; the last layer needs not say it, the data do. */
  public Mixture outputs(int number) {
    return new Mixture(family, activation, bias, components, rank, OptionalInt.of(number));
  }

  @Override
  public Layer build(int inputs, int outputsOfData) {
    return new MixtureLayer(
        family,
        activation,
        bias,
        inputs,
        Dense.outputs(outputs, outputsOfData),
        components,
        rank.orElseGet(() -> MixtureLayer.usualRank(family)));
  }
}
