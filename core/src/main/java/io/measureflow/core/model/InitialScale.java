package io.measureflow.core.model;

import io.measureflow.api.model.ModelSpec;
import io.measureflow.core.layers.MeasureLayer;

/** How large the outputs of mixture layers are before training. */
public enum InitialScale {
  /** {@link #VARIANCE_PRESERVING}, but {@link #STANDARD} for a model of a single mixture layer. */
  AUTO,
  /** As their families say: N(0, 1), so that an output has a variance of order 1/K. */
  STANDARD,
  /**
   * The output means of a mixture of K components are multiplied by sqrt(K), which gives an output
   * a variance of order 1, whatever K: what the next layer of a deep stack needs.
   */
  VARIANCE_PRESERVING;

  /** Returns whether the output means of the mixtures of a model are multiplied by sqrt(K). */
  public boolean preservesVariance(ModelSpec model) {
    return switch (this) {
      case AUTO -> !MeasureLayer.isWhole(model);
      case STANDARD -> false;
      case VARIANCE_PRESERVING -> true;
    };
  }
}
