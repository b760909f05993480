package io.measureflow.core.flows;

import io.measureflow.api.flow.Flow;
import io.measureflow.api.program.Op;
import io.measureflow.api.program.ProgramBuilder;
import java.util.List;
import java.util.SequencedMap;

/**
 * Gradient descent with Nesterov's momentum, on the lifted coordinates, with the Wasserstein
 * gradient.
 *
 * @param momentum the fraction of the velocity kept at each step, from 0 to below 1
 */
public record Nesterov(double momentum) implements Flow {

  /** Creates the flow with a momentum of 0.9. */
  public Nesterov() {
    this(0.9);
  }

  /**
   * Checks the option.
   *
   * @throws IllegalArgumentException if it is not from 0 to below 1
   */
  public Nesterov {
    Options.requireFraction("momentum", momentum);
  }

  /** Returns the flow with a momentum of 0.9. */
  public static Nesterov of() {
    return new Nesterov();
  }

  /** Returns a copy with another {@code momentum}, from 0 to below 1. */
  public Nesterov momentum(double value) {
    return new Nesterov(value);
  }

  @Override
  public String name() {
    return "nesterov";
  }

  @Override
  public SequencedMap<String, Double> options() {
    return Options.of("momentum", momentum);
  }

  @Override
  public Flow withOption(String option, double value) {
    Options.requireKnown(this, option);
    return new Nesterov(value);
  }

  @Override
  public double defaultLearningRate(double plain) {
    return new Momentum(momentum).defaultLearningRate(plain);
  }

  @Override
  public List<String> memory() {
    return List.of(Momentum.VELOCITY);
  }

  @Override
  public void step(ProgramBuilder program, Step step) {
    write(program, step, momentum, true);
  }

  /** Writes the step of either kind of momentum. */
  static void write(ProgramBuilder program, Step step, double momentum, boolean nesterov) {
    for (int i = 0; i < step.coordinates().size(); i++) {
      Coordinate coordinate = step.coordinates().get(i);
      Gradient gradient = step.gradients().get(i);
      program.update(
          new Op.MomentumStep(
              coordinate.parameter(),
              coordinate.memory().get(Momentum.VELOCITY),
              gradient.gradient(),
              gradient.scale(),
              step.rate(),
              momentum,
              nesterov));
    }
  }
}
