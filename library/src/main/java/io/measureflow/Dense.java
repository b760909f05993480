package io.measureflow;

import io.measureflow.api.activation.Activation;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.model.Layer;
import io.measureflow.api.program.Shape;
import io.measureflow.api.registry.Extensions;
import io.measureflow.core.activations.Activations;
import io.measureflow.core.layers.DenseLayer;
import io.measureflow.core.layers.Rows;
import java.util.OptionalInt;

/**
 * Builds a dense layer: {@code Dense.of(32).activation("relu")}. By default it has a bias and no
 * activation.
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

  /** Returns a layer with p outputs. */
  public static Dense of(int outputs) {
    return new Dense(Activations.IDENTITY, true, OptionalInt.of(outputs));
  }

  /** Returns the last layer, whose number of outputs follows from the data. */
  public static Dense last() {
    return new Dense(Activations.IDENTITY, true, OptionalInt.empty());
  }

  /** Returns a copy with another activation. */
  public Dense activation(Activation other) {
    return new Dense(other, bias, outputs);
  }

  /**
   * Returns a copy with another activation, by name.
   *
   * @throws InvalidRequestException if there is no such activation
   */
  public Dense activation(String key) {
    return activation(Activation.of(key, Extensions.onClassPath(), "activation"));
  }

  /** Returns a copy with or without a bias. */
  public Dense bias(boolean with) {
    return new Dense(activation, with, outputs);
  }

  @Override
  public Layer build(Shape input, int outputsOfData) {
    return new DenseLayer(activation, bias, Rows.width(input), outputs(outputs, outputsOfData));
  }

  static int outputs(OptionalInt said, int outputsOfData) {
    if (said.isEmpty() && outputsOfData == 0) {
      throw InvalidRequestException.of(
          "layer",
          "a number of outputs (only the last layer may omit it)",
          "none",
          "Set it with outputs(...).");
    }
    return said.orElse(outputsOfData);
  }
}
