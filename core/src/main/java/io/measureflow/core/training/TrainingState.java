package io.measureflow.core.training;

import io.measureflow.api.backend.Tensor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/**
 * Everything needed to resume a run after an epoch as if it had not been interrupted.
 *
 * @param tensors the parameters and the memory of the flow, by their names in the workspace
 * @param epoch the number of completed epochs
 * @param step the number of completed steps
 * @param best the parameters after the epoch with the lowest monitored loss; empty before the first
 * @param bestEpoch that epoch, 0 before the first
 * @param bestLoss that loss, infinite before the first
 * @param firstLoss the loss of the first step, by which later ones are judged; NaN before it
 */
public record TrainingState(
    SequencedMap<String, Tensor> tensors,
    int epoch,
    long step,
    SequencedMap<String, Tensor> best,
    int bestEpoch,
    double bestLoss,
    double firstLoss) {

  /** Copies the maps; the tensors are shared. */
  public TrainingState {
    tensors = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(tensors));
    best = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(best));
  }

  /** Returns the state before the first epoch. */
  public static TrainingState initial(SequencedMap<String, Tensor> parameters) {
    return new TrainingState(
        parameters, 0, 0, new LinkedHashMap<>(), 0, Double.POSITIVE_INFINITY, Double.NaN);
  }
}
