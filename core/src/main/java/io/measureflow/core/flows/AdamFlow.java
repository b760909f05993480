package io.measureflow.core.flows;

import io.measureflow.api.flow.Flow;
import io.measureflow.api.program.Op;
import io.measureflow.api.program.ProgramBuilder;
import java.util.List;

/** Adam, with decoupled weight decay where there is any, on the lifted coordinates. */
record AdamFlow(String name, double beta1, double beta2, double epsilon, double weightDecay)
    implements Flow {

  private static final String FIRST = "first_moment";
  private static final String SECOND = "second_moment";

  @Override
  public List<String> memory() {
    return List.of(FIRST, SECOND);
  }

  @Override
  public void step(ProgramBuilder program, Step step) {
    for (int i = 0; i < step.coordinates().size(); i++) {
      Coordinate coordinate = step.coordinates().get(i);
      Slope slope = step.slope().get(i);
      program.update(
          new Op.AdamStep(
              coordinate.parameter(),
              coordinate.memory().get(FIRST),
              coordinate.memory().get(SECOND),
              slope.gradient(),
              slope.scale(),
              step.rate(),
              step.stepNumber(),
              beta1,
              beta2,
              epsilon,
              weightDecay));
    }
  }
}
