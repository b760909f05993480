package io.measureflow.core.losses;

import io.measureflow.api.model.Loss;

/** The losses of MeasureFlow. */
public final class Losses {

  /** Softmax cross-entropy with integer labels [B]. */
  public static final Loss SOFTMAX_CROSS_ENTROPY = new SoftmaxCrossEntropy();

  /** Half the squared Euclidean distance to real targets [B, p]. */
  public static final Loss HALF_SQUARED_ERROR = new HalfSquaredError();

  /** The absolute error to real targets [B, p]. */
  public static final Loss ABSOLUTE_ERROR = new AbsoluteError();

  /** Cross-entropy of logits [B, p] with labels that hold or not, targets from 0 to 1. */
  public static final Loss BINARY_CROSS_ENTROPY = new BinaryCrossEntropy();

  /** The negative log-likelihood of counts [B, p], outputs being logarithms of rates. */
  public static final Loss POISSON = new Poisson();

  private Losses() {}

  /** Softmax cross-entropy, to be given smoothed labels or weights of classes. */
  public static SoftmaxCrossEntropy softmaxCrossEntropy() {
    return new SoftmaxCrossEntropy();
  }

  /**
   * The Huber loss.
   *
   * @param delta the size of an error from which on it is linear, above 0
   */
  public static Huber huber(double delta) {
    return new Huber(delta);
  }
}
