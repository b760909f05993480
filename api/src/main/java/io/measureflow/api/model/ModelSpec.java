package io.measureflow.api.model;

import java.util.List;

/**
 * A stack of layers in the order of application.
 *
 * @param layers at least one; the inputs of each match the outputs of the one before
 */
public record ModelSpec(List<Layer> layers) {

  /**
   * @throws IllegalArgumentException if there is no layer or two neighbours do not match
   */
  public ModelSpec {
    layers = List.copyOf(layers);
    if (layers.isEmpty()) {
      throw new IllegalArgumentException("Model: expected at least one layer, found none");
    }
    for (int i = 1; i < layers.size(); i++) {
      int given = layers.get(i - 1).outputs();
      int taken = layers.get(i).inputs();
      if (given != taken) {
        throw new IllegalArgumentException(
            "Model: layer "
                + i
                + ": expected "
                + given
                + " inputs, the outputs of the layer before it, found "
                + taken);
      }
    }
  }

  /** Returns the width of the model's input. */
  public int inputs() {
    return layers.getFirst().inputs();
  }

  /** Returns the width of the model's output. */
  public int outputs() {
    return layers.getLast().outputs();
  }
}
