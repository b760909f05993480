package io.measureflow.core.training;

import java.util.Optional;

/**
 * One epoch of training.
 *
 * @param epoch its number, from 1
 * @param learningRate h at its last step
 * @param train the mean over its batches, each before its own step
 * @param validation on the held-out rows after the epoch, where there are any
 * @param test on the test rows after the epoch, where there are any
 * @param flow what the flow did, where it was asked for
 * @param trainSeconds wall time of the training steps
 * @param evaluationSeconds wall time of the evaluations after it
 */
public record EpochReport(
    int epoch,
    double learningRate,
    Metrics train,
    Optional<Metrics> validation,
    Optional<Metrics> test,
    Optional<FlowReport> flow,
    double trainSeconds,
    double evaluationSeconds) {

  /**
   * The loss by which epochs are compared: on validation rows where there are any, else training.
   */
  public double monitoredLoss() {
    return validation.orElse(train).loss();
  }
}
