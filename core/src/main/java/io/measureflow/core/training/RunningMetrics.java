package io.measureflow.core.training;

import io.measureflow.api.backend.Executable;
import io.measureflow.api.data.DatasetRequest.TargetKind;
import io.measureflow.api.model.Loss;

/** Sums of loss and correct predictions over the batches of a pass. */
final class RunningMetrics {

  private final boolean classes;
  private double lossSum;
  private double correct;
  private int rows;

  RunningMetrics(Loss loss) {
    this.classes = loss.target() == TargetKind.CLASSES;
  }

  /** Adds a batch from the outputs of its program and returns its mean loss. */
  double add(Executable executable, int batch) {
    double loss = executable.output(TrainingPrograms.LOSS).get(0);
    lossSum += loss * batch;
    if (classes) {
      correct += executable.output(TrainingPrograms.CORRECT).get(0);
    }
    rows += batch;
    return loss;
  }

  Metrics metrics() {
    double accuracy = classes ? correct / Math.max(1, rows) : Double.NaN;
    return new Metrics(lossSum / Math.max(1, rows), accuracy, rows);
  }
}
