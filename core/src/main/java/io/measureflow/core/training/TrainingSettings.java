package io.measureflow.core.training;

import io.measureflow.api.flow.Flow;
import io.measureflow.api.flow.LearningRateSchedule;
import io.measureflow.core.augmentation.Augmentation;

/**
 * How a model is trained.
 *
 * @param objective what is minimized
 * @param flow how the parameters are updated
 * @param trainable which of them are trained
 * @param report whether each epoch reports statistics of the flow, at several times the cost
 * @param schedule the factor on the learning rate along training
 * @param learningRate h, the step size of the flow (docs/mathematics.md, section 5)
 * @param epochs the number of passes over the training rows
 * @param batch the number of rows of a batch; the last batch of an epoch may be smaller
 * @param seed the seed of the order of rows, of the validation split, of dropout and of
 *     augmentation
 * @param shuffle whether each epoch has its own random order; else rows are in table order
 * @param validation the fraction of the training rows held out for validation, 0 for none
 * @param patience the number of epochs without a better validation loss after which training stops;
 *     0 for never
 * @param augmentation how the images of training rows are changed at random
 */
public record TrainingSettings(
    Objective objective,
    Flow flow,
    Trainable trainable,
    boolean report,
    LearningRateSchedule schedule,
    double learningRate,
    int epochs,
    int batch,
    long seed,
    boolean shuffle,
    double validation,
    int patience,
    Augmentation augmentation) {

  /** Creates settings without augmentation. */
  public TrainingSettings(
      Objective objective,
      Flow flow,
      Trainable trainable,
      boolean report,
      LearningRateSchedule schedule,
      double learningRate,
      int epochs,
      int batch,
      long seed,
      boolean shuffle,
      double validation,
      int patience) {
    this(
        objective,
        flow,
        trainable,
        report,
        schedule,
        learningRate,
        epochs,
        batch,
        seed,
        shuffle,
        validation,
        patience,
        Augmentation.NONE);
  }

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if {@code batch} is less than 1, {@code epochs} or {@code
   *     patience} are negative, {@code learningRate} is not a finite number of at least 0, or
   *     {@code validation} is not from 0 to below 1
   */
  public TrainingSettings {
    require("batch", batch >= 1, "at least 1", batch);
    require("epochs", epochs >= 0, "at least 0", epochs);
    require("patience", patience >= 0, "at least 0", patience);
    require(
        "learning rate",
        learningRate >= 0 && learningRate < Double.POSITIVE_INFINITY,
        "a finite number of at least 0",
        learningRate);
    require(
        "validation", validation >= 0 && validation < 1, "a number from 0 to below 1", validation);
  }

  /** The same with an augmentation of images. */
  public TrainingSettings withAugmentation(Augmentation other) {
    return new TrainingSettings(
        objective,
        flow,
        trainable,
        report,
        schedule,
        learningRate,
        epochs,
        batch,
        seed,
        shuffle,
        validation,
        patience,
        other);
  }

  private static void require(String what, boolean holds, String expected, Object found) {
    if (!holds) {
      throw new IllegalArgumentException(what + ": expected " + expected + ", found " + found);
    }
  }
}
