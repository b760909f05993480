package io.measureflow.core.flows;

import io.measureflow.api.flow.Flow;
import io.measureflow.api.program.ProgramBuilder;
import java.util.List;
import java.util.SequencedMap;

/**
 * Adam on the lifted coordinates.
 *
 * @param beta1 the decay rate of the mean of the gradient, from 0 to below 1
 * @param beta2 the decay rate of the mean of its square, from 0 to below 1
 * @param epsilon added to the root of the second moment, from 0 to below 1
 */
public record Adam(double beta1, double beta2, double epsilon) implements Flow {

  static final double DEFAULT_BETA1 = 0.9;
  static final double DEFAULT_BETA2 = 0.999;
  static final double DEFAULT_EPSILON = 1e-8;
  private static final double DEFAULT_LEARNING_RATE = 0.005;

  /** Creates Adam with beta1 = 0.9, beta2 = 0.999 and epsilon = 1e-8. */
  public Adam() {
    this(DEFAULT_BETA1, DEFAULT_BETA2, DEFAULT_EPSILON);
  }

  /**
   * Checks the options.
   *
   * @throws IllegalArgumentException if one of them is not from 0 to below 1
   */
  public Adam {
    Options.requireFraction("beta1", beta1);
    Options.requireFraction("beta2", beta2);
    Options.requireFraction("epsilon", epsilon);
  }

  /** Returns Adam with beta1 = 0.9, beta2 = 0.999 and epsilon = 1e-8. */
  public static Adam of() {
    return new Adam();
  }

  /** Returns a copy with another {@code beta1}, from 0 to below 1. */
  public Adam beta1(double value) {
    return new Adam(value, beta2, epsilon);
  }

  /** Returns a copy with another {@code beta2}, from 0 to below 1. */
  public Adam beta2(double value) {
    return new Adam(beta1, value, epsilon);
  }

  /** Returns a copy with another {@code epsilon}, from 0 to below 1. */
  public Adam epsilon(double value) {
    return new Adam(beta1, beta2, value);
  }

  @Override
  public String name() {
    return "adam";
  }

  @Override
  public SequencedMap<String, Double> options() {
    return Options.of("beta1", beta1, "beta2", beta2, "epsilon", epsilon);
  }

  @Override
  public Flow withOption(String option, double value) {
    Options.requireKnown(this, option);
    return switch (option) {
      case "beta1" -> beta1(value);
      case "beta2" -> beta2(value);
      default -> epsilon(value);
    };
  }

  @Override
  public double defaultLearningRate(double plain) {
    return DEFAULT_LEARNING_RATE;
  }

  @Override
  public List<String> memory() {
    return AdamW.MEMORY;
  }

  @Override
  public void step(ProgramBuilder program, Step step) {
    AdamW.write(program, step, this, 0);
  }
}
