package io.measureflow.core.losses;

import io.measureflow.api.model.Loss;

/** The losses of MeasureFlow. */
public final class Losses {

  /** Softmax cross-entropy with integer labels [B]. */
  public static final Loss SOFTMAX_CROSS_ENTROPY = new SoftmaxCrossEntropy();

  /** Half the squared Euclidean distance to real targets [B, p]. */
  public static final Loss HALF_SQUARED_ERROR = new HalfSquaredError();

  private Losses() {}
}
