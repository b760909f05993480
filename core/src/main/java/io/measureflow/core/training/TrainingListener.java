package io.measureflow.core.training;

/** What a training run tells while it goes on. Called on the thread that trains. */
public interface TrainingListener {

  /**
   * After each step.
   *
   * @param epoch the current epoch, from 1
   * @param row the number of training rows of this epoch seen so far
   * @param rows the number of training rows of an epoch
   * @param running the mean over this epoch's batches so far
   */
  default void step(int epoch, int row, int rows, Metrics running) {}

  /**
   * After each epoch and its evaluations.
   *
   * @param state what is needed to go on from here
   * @param best whether this epoch has the lowest monitored loss so far
   */
  default void epoch(EpochReport report, TrainingState state, boolean best) {}
}
