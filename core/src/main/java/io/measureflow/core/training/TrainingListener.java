package io.measureflow.core.training;

/** Receives the progress of a training run. Called on the training thread. */
public interface TrainingListener {

  /**
   * Called after each step.
   *
   * @param epoch the current epoch, from 1
   * @param row the number of training rows of this epoch seen so far
   * @param rows the number of training rows of an epoch
   * @param running the mean over this epoch's batches so far
   */
  default void step(int epoch, int row, int rows, Metrics running) {}

  /**
   * Called after each epoch and its evaluations.
   *
   * @param state everything needed to resume from here
   * @param best whether this epoch has the lowest monitored loss so far
   */
  default void epoch(EpochReport report, TrainingState state, boolean best) {}
}
