package io.measureflow;

import io.measureflow.api.model.Layer;

/**
 * A layer whose widths are not known yet: the layer before it says how many inputs it has, and the
 * data how many outputs the last one has. Immutable.
 *
 * @see Mixture
 * @see Dense
 */
public interface LayerBuilder {

  /**
   * Makes the layer.
   *
   * @param inputs d
   * @param outputsOfData what the data want of the last layer; 0 for the others
   * @throws io.measureflow.api.error.InvalidRequestException if the number of outputs is open, or
   *     something does not fit
   */
  Layer build(int inputs, int outputsOfData);
}
