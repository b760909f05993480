package io.measureflow.core.training;

import io.measureflow.core.model.Model;
import java.util.List;

/**
 * A finished run.
 *
 * @param model the model after the last epoch, or after the best one if training stopped early
 * @param epochs the reports of the epochs of this run, not of those before a resume
 * @param state the state after the last epoch
 * @param stoppedEarly whether patience ran out before the last epoch
 */
public record TrainingResult(
    Model model, List<EpochReport> epochs, TrainingState state, boolean stoppedEarly) {

  /** Copies the list. */
  public TrainingResult {
    epochs = List.copyOf(epochs);
  }
}
