package io.measureflow.cli.train;

import io.measureflow.core.training.Metrics;
import io.measureflow.core.training.TrainingListener;

/** Ends training between two steps, once that is requested. */
final class Interruption implements TrainingListener {

  private volatile boolean requested;

  /** Thrown out of training. */
  static final class Interrupted extends RuntimeException {

    private static final long serialVersionUID = 1;

    Interrupted() {
      super("interrupted", null, false, false);
    }
  }

  /** Lets training end at its next step. */
  void request() {
    requested = true;
  }

  @Override
  public void step(int epoch, int row, int rows, Metrics running) {
    if (requested) {
      throw new Interrupted();
    }
  }
}
