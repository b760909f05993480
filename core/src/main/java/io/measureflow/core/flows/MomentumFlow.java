package io.measureflow.core.flows;

import io.measureflow.api.flow.Flow;
import io.measureflow.api.program.Op;
import io.measureflow.api.program.ProgramBuilder;
import java.util.List;

/** Heavy ball or Nesterov momentum on the lifted coordinates, with the Wasserstein gradient. */
record MomentumFlow(double momentum, boolean nesterov) implements Flow {

  private static final String VELOCITY = "velocity";

  @Override
  public String name() {
    return nesterov ? "nesterov" : "momentum";
  }

  @Override
  public List<String> memory() {
    return List.of(VELOCITY);
  }

  @Override
  public void step(ProgramBuilder program, Step step) {
    for (int i = 0; i < step.coordinates().size(); i++) {
      Coordinate coordinate = step.coordinates().get(i);
      Slope slope = step.slope().get(i);
      program.update(
          new Op.MomentumStep(
              coordinate.parameter(),
              coordinate.memory().get(VELOCITY),
              slope.gradient(),
              slope.scale(),
              step.rate(),
              momentum,
              nesterov));
    }
  }
}
