package io.measureflow.core.layers;

import io.measureflow.api.measure.ParameterSpec;
import io.measureflow.api.model.Layer;
import io.measureflow.api.model.ModelSpec;

/** A layer that applies a measure of neurons: to rows, or at each place of an image. */
public interface MeasureLayer extends Layer {

  /** Returns the mixture of neurons, whose inputs are the rows that one of them sees. */
  MixtureLayer mixture();

  /** Returns whether a model is a single layer of this kind, as in [chewi2025]. */
  static boolean isWhole(ModelSpec model) {
    return model.layers().size() == 1 && model.layers().getFirst() instanceof MeasureLayer;
  }

  /** Never: a decay would pull the places of neurons, which are no weights of a product, to 0. */
  @Override
  default boolean decays(ParameterSpec parameter) {
    return false;
  }
}
