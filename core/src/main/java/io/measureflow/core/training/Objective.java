package io.measureflow.core.training;

import io.measureflow.api.model.Loss;

/**
 * The objective of training, F = loss + (secondMoment/2) sum pi_k (|mu_k|^2 + tr Sigma_k) -
 * (entropy/2) sum pi_k log det Sigma_k, summed over the mixture layers (docs/mathematics.md,
 * section 5).
 *
 * @param loss the mean loss of a batch
 * @param secondMoment lambda, the weight of the second moment; 0 for none
 * @param entropy tau, the temperature of the entropy, which keeps the spread from collapsing; 0 for
 *     none
 */
public record Objective(Loss loss, double secondMoment, double entropy) {

  /** Returns the objective that is the loss alone. */
  public static Objective of(Loss loss) {
    return new Objective(loss, 0, 0);
  }
}
