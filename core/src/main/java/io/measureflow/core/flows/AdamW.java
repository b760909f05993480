package io.measureflow.core.flows;

import io.measureflow.api.flow.Flow;
import io.measureflow.api.program.Op;
import io.measureflow.api.program.ProgramBuilder;
import java.util.List;
import java.util.SequencedMap;

/**
 * Adam with decoupled weight decay, on the lifted coordinates; it applies to the coordinates that
 * {@linkplain Flow.Coordinate#decays decay}.
 *
 * @param adam the options shared with Adam
 * @param weightDecay the fraction subtracted from each parameter per step, times the learning rate;
 *     at least 0
 */
public record AdamW(Adam adam, double weightDecay) implements Flow {

  private static final String FIRST = "first_moment";
  private static final String SECOND = "second_moment";
  static final List<String> MEMORY = List.of(FIRST, SECOND);

  private static final String WEIGHT_DECAY = "weight-decay";
  private static final double DEFAULT_WEIGHT_DECAY = 0.01;

  /** Creates AdamW with a weight decay of 0.01, otherwise as {@link Adam}. */
  public AdamW() {
    this(new Adam(), DEFAULT_WEIGHT_DECAY);
  }

  /**
   * Checks the option.
   *
   * @throws IllegalArgumentException if the weight decay is not a finite number of at least 0
   */
  public AdamW {
    if (!(weightDecay >= 0 && weightDecay < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          WEIGHT_DECAY + ": expected a number of at least 0, found " + weightDecay);
    }
  }

  /** Returns AdamW with a weight decay of 0.01, otherwise as {@link Adam}. */
  public static AdamW of() {
    return new AdamW();
  }

  /** Returns a copy with another {@code beta1}, from 0 to below 1. */
  public AdamW beta1(double value) {
    return new AdamW(adam.beta1(value), weightDecay);
  }

  /** Returns a copy with another {@code beta2}, from 0 to below 1. */
  public AdamW beta2(double value) {
    return new AdamW(adam.beta2(value), weightDecay);
  }

  /** Returns a copy with another {@code epsilon}, from 0 to below 1. */
  public AdamW epsilon(double value) {
    return new AdamW(adam.epsilon(value), weightDecay);
  }

  /** Returns a copy with another {@code weightDecay}, at least 0. */
  public AdamW weightDecay(double value) {
    return new AdamW(adam, value);
  }

  @Override
  public String name() {
    return "adamw";
  }

  @Override
  public SequencedMap<String, Double> options() {
    SequencedMap<String, Double> options = adam.options();
    options.put(WEIGHT_DECAY, weightDecay);
    return options;
  }

  @Override
  public Flow withOption(String option, double value) {
    Options.requireKnown(this, option);
    return option.equals(WEIGHT_DECAY)
        ? weightDecay(value)
        : new AdamW((Adam) adam.withOption(option, value), weightDecay);
  }

  @Override
  public double defaultLearningRate(double plain) {
    return adam.defaultLearningRate(plain);
  }

  @Override
  public List<String> memory() {
    return MEMORY;
  }

  @Override
  public void step(ProgramBuilder program, Step step) {
    write(program, step, adam, weightDecay);
  }

  /** Writes the step of Adam or AdamW. */
  static void write(ProgramBuilder program, Step step, Adam adam, double weightDecay) {
    for (int i = 0; i < step.coordinates().size(); i++) {
      Coordinate coordinate = step.coordinates().get(i);
      Gradient gradient = step.gradients().get(i);
      program.update(
          new Op.AdamStep(
              coordinate.parameter(),
              coordinate.memory().get(FIRST),
              coordinate.memory().get(SECOND),
              gradient.gradient(),
              gradient.scale(),
              coordinate.rate(),
              step.stepNumber(),
              adam.beta1(),
              adam.beta2(),
              adam.epsilon(),
              coordinate.decays() ? weightDecay : 0));
    }
  }
}
