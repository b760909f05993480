package io.measureflow;

import io.measureflow.api.model.Layer;
import io.measureflow.api.program.Shape;

/**
 * Builds a layer whose widths are not known yet: the shape of its input follows from the layer
 * before it, and the number of outputs of the last layer from the data. Immutable.
 *
 * @see Mixture
 * @see Dense
 */
public interface LayerBuilder {

  /**
   * Builds the layer.
   *
   * @param input the shape of a sample
   * @param outputsOfData the number of outputs that the data require of the last layer; 0 for
   *     others
   * @throws io.measureflow.api.error.InvalidRequestException if the number of outputs is not set,
   *     or a setting is invalid
   */
  Layer build(Shape input, int outputsOfData);
}
