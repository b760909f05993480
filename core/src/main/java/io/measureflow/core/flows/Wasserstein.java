package io.measureflow.core.flows;

import io.measureflow.api.flow.Flow;
import io.measureflow.api.program.Op;
import io.measureflow.api.program.ProgramBuilder;
import java.util.List;

/**
 * The Wasserstein gradient flow of the objective, restricted to the family, by forward Euler with
 * the exponential map: on the lifted coordinates a step along the gradient divided by the
 * component's weight and the metric (docs/mathematics.md, section 5, equation 2) [lambert2022]. On
 * a Dirac family with equal weights it is mean-field stochastic gradient descent.
 */
public record Wasserstein() implements Flow {

  /** Returns the flow; it has no options. */
  public static Wasserstein of() {
    return new Wasserstein();
  }

  @Override
  public String name() {
    return "wasserstein";
  }

  @Override
  public List<String> memory() {
    return List.of();
  }

  @Override
  public void step(ProgramBuilder program, Step step) {
    for (int i = 0; i < step.coordinates().size(); i++) {
      Coordinate coordinate = step.coordinates().get(i);
      Gradient gradient = step.gradients().get(i);
      program.update(
          new Op.EulerStep(
              coordinate.parameter(), gradient.gradient(), gradient.scale(), coordinate.rate()));
    }
  }
}
