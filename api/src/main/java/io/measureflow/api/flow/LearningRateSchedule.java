package io.measureflow.api.flow;

/** A learning rate schedule: a factor on the configured learning rate h for each step. */
public sealed interface LearningRateSchedule {

  /**
   * Returns the factor for a step.
   *
   * @param step the number of steps already made
   * @param totalSteps the number of steps of the whole training
   */
  double factor(long step, long totalSteps);

  /** Always 1. */
  record Constant() implements LearningRateSchedule {
    @Override
    public double factor(long step, long totalSteps) {
      return 1;
    }
  }

  /**
   * Falls from 1 to {@code floor} along half a cosine [loshchilov2017], without restarts, after a
   * linear warm-up over the first {@code warmupSteps}.
   */
  record Cosine(double floor, long warmupSteps) implements LearningRateSchedule {
    @Override
    public double factor(long step, long totalSteps) {
      if (step < warmupSteps) {
        return (step + 1.0) / warmupSteps;
      }
      double progress =
          Math.min(
              1, (double) (step - warmupSteps) / (double) Math.max(1, totalSteps - warmupSteps));
      return floor + (1 - floor) * 0.5 * (1 + Math.cos(Math.PI * progress));
    }
  }

  /**
   * Multiplies by {@code decay} after each of {@code phases} equal parts of the training except the
   * last.
   */
  record StepDecay(double decay, int phases) implements LearningRateSchedule {
    @Override
    public double factor(long step, long totalSteps) {
      long phase = Math.min(phases - 1L, step * phases / Math.max(1, totalSteps));
      return Math.pow(decay, (double) phase);
    }
  }
}
