package io.measureflow.core.training;

import java.util.Optional;

/**
 * The results of one epoch of training.
 *
 * @param epoch its number, from 1
 * @param learningRate h at its last step
 * @param train the mean over its batches, each measured before its own step
 * @param validation on the held-out rows after the epoch, if there are any
 * @param test on the test rows after the epoch, if there are any
 * @param flow statistics of the flow, if requested
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
   * Returns the loss by which epochs are compared: the validation loss if there is one, else the
   * training loss.
   */
  public double monitoredLoss() {
    return validation.orElse(train).loss();
  }
}
