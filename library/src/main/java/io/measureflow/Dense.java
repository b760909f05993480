package io.measureflow;

import io.measureflow.api.activation.Activation;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.model.Layer;
import io.measureflow.api.registry.Extensions;
import io.measureflow.core.activations.Activations;
import io.measureflow.core.layers.DenseLayer;
import java.util.OptionalInt;

/**
 * An ordinary affine layer to be: {@code Dense.of(32).activation("relu")}. With bias and without
 * activation unless something else is said.
 */
public final class Dense implements LayerBuilder {

  private final Activation activation;
  private final boolean bias;
  private final OptionalInt outputs;

  private Dense(Activation activation, boolean bias, OptionalInt outputs) {
    this.activation = activation;
    this.bias = bias;
    this.outputs = outputs;
  }

  /** A layer with p outputs. */
  public static Dense of(int outputs) {
    return new Dense(Activations.IDENTITY, true, OptionalInt.of(outputs));
  }

  /** The last layer, whose outputs the data decide. */
  public static Dense last() {
    return new Dense(Activations.IDENTITY, true, OptionalInt.empty());
  }

  /** The same with another activation. */
  public Dense activation(Activation other) {
    return new Dense(other, bias, outputs);
  }

  /**
   * The same with another activation by its name.
   *
   * @throws InvalidRequestException if there is none of this name
   */
  public Dense activation(String key) {
    return activation(Activation.of(key, Extensions.onClassPath(), "activation"));
  }

  /** The same with or without a bias. */
  public Dense bias(boolean with) {
    return new Dense(activation, with, outputs);
  }

  @Override
  public Layer build(int inputs, int outputsOfData) {
    return new DenseLayer(activation, bias, inputs, outputs(outputs, outputsOfData));
  }

  static int outputs(OptionalInt said, int outputsOfData) {
    if (said.isEmpty() && outputsOfData == 0) {
      throw InvalidRequestException.of(
          "layer",
          "a number of outputs (only the last layer may leave it out)",
          "none",
          "Give it one with outputs(...).");
    }
    return said.orElse(outputsOfData);
  }
}
