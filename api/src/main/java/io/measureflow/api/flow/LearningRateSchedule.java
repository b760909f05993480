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

  /** Falls from 1 to {@code floor} along half a cosine [loshchilov2017], without restarts. */
  record Cosine(double floor) implements LearningRateSchedule {
    @Override
    public double factor(long step, long totalSteps) {
      return between(1, floor, Math.min(1, (double) step / Math.max(1, totalSteps)));
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

  /**
   * One cycle [smith2019]: rises along half a cosine from 1/{@code divisor} to 1 in the first
   * {@code rise} of the steps, then falls along half a cosine to 1/({@code divisor} {@code
   * finalDivisor}), which the last step reaches. The learning rate is thus the largest one. This is
   * {@code OneCycleLR} of PyTorch with {@code pct_start}, {@code div_factor} and {@code
   * final_div_factor}.
   *
   * @param rise the fraction of the steps in which the rate rises, from 0 to below 1
   * @param divisor the largest rate through the first one, above 0
   * @param finalDivisor the first rate through the last one, above 0
   */
  record OneCycle(double rise, double divisor, double finalDivisor)
      implements LearningRateSchedule {

    /** A cycle as PyTorch has it: a rise in 0.3 of the steps, divisors 25 and 10,000. */
    public OneCycle() {
      this(0.3, 25, 1e4);
    }

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if one is out of its range
     */
    public OneCycle {
      require("rise", rise >= 0 && rise < 1, "a number from 0 to below 1", rise);
      requirePositive("divisor", divisor);
      requirePositive("final divisor", finalDivisor);
    }

    @Override
    public double factor(long step, long totalSteps) {
      double first = 1 / divisor;
      double last = first / finalDivisor;
      long steps = Math.max(1, totalSteps);
      // The step with the largest rate, which need not be a whole number.
      double peak = rise * steps - 1;
      if (step <= peak) {
        return peak > 0 ? between(first, 1, step / peak) : 1;
      }
      return between(1, last, Math.min(1, (step - peak) / ((1 - rise) * steps)));
    }
  }

  /**
   * A linear warm-up before any schedule: in the first steps the factor rises evenly to the first
   * one of {@code then}, which has the remaining steps for itself.
   *
   * @param fraction the fraction of all steps that the warm-up takes, rounded to whole steps; from
   *     0 to below 1
   * @param then what follows
   */
  record WarmUp(double fraction, LearningRateSchedule then) implements LearningRateSchedule {

    /**
     * Checks the fraction.
     *
     * @throws IllegalArgumentException if it is not from 0 to below 1
     */
    public WarmUp {
      require("warm-up", fraction >= 0 && fraction < 1, "a number from 0 to below 1", fraction);
    }

    @Override
    public double factor(long step, long totalSteps) {
      long warm = Math.round(fraction * totalSteps);
      long rest = totalSteps - warm;
      return step < warm
          ? then.factor(0, rest) * (step + 1.0) / warm
          : then.factor(step - warm, rest);
    }
  }

  /** Goes from one number to another along half a cosine. */
  private static double between(double from, double to, double progress) {
    return to + (from - to) * 0.5 * (1 + Math.cos(Math.PI * progress));
  }

  private static void requirePositive(String what, double number) {
    require(what, number > 0 && number < Double.POSITIVE_INFINITY, "a number above 0", number);
  }

  private static void require(String what, boolean holds, String expected, double found) {
    if (!holds) {
      throw new IllegalArgumentException(what + ": expected " + expected + ", found " + found);
    }
  }
}
