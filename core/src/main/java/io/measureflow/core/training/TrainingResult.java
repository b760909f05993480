package io.measureflow.core.training;

import io.measureflow.core.model.Model;
import java.util.List;

/**
 * The result of a run.
 *
 * @param model the model after the last epoch, or after the best one if training stopped early
 * @param epochs the reports of this run, without epochs before a resumption
 * @param state the state after the last epoch
 * @param stoppedEarly whether training stopped early because patience ran out
 */
public record TrainingResult(
    Model model, List<EpochReport> epochs, TrainingState state, boolean stoppedEarly) {

  /** Copies the list. */
  public TrainingResult {
    epochs = List.copyOf(epochs);
  }
}
