package io.measureflow.core.flows;

import io.measureflow.api.flow.Flow;
import io.measureflow.api.program.Op;
import io.measureflow.api.program.ProgramBuilder;
import java.util.List;
import java.util.SequencedMap;

/**
 * Gradient descent with a velocity, on the lifted coordinates, with the Wasserstein gradient: what
 * {@link Momentum} and {@link Nesterov} have in common. They differ in whether the gradient is that
 * of where the velocity leads.
 */
sealed interface HeavyBall extends Flow permits Momentum, Nesterov {

  /** The key of the memory. */
  String VELOCITY = "velocity";

  /** What is left of the velocity after each step, from 0 to below 1. */
  double momentum();

  /** Whether a step looks ahead along the velocity. */
  boolean looksAhead();

  @Override
  default SequencedMap<String, Double> options() {
    return Options.of("momentum", momentum());
  }

  @Override
  default double defaultLearningRate(double plain) {
    // The memory adds up to 1 / (1 - momentum) steps.
    return plain * (1 - momentum());
  }

  @Override
  default List<String> memory() {
    return List.of(VELOCITY);
  }

  @Override
  default void step(ProgramBuilder program, Step step) {
    for (int i = 0; i < step.coordinates().size(); i++) {
      Coordinate coordinate = step.coordinates().get(i);
      Gradient gradient = step.gradients().get(i);
      program.update(
          new Op.MomentumStep(
              coordinate.parameter(),
              coordinate.memory().get(VELOCITY),
              gradient.gradient(),
              gradient.scale(),
              coordinate.rate(),
              momentum(),
              looksAhead()));
    }
  }
}
