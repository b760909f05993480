package io.measureflow.api.flow;

import io.measureflow.api.program.NamedValues;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import java.util.List;

/**
 * How the coordinates of a measure move: an integrator of the Wasserstein gradient flow, or an
 * optimiser with memory on the lifted coordinates (specification, section 5).
 *
 * <p>A flow writes its step into the training program, one parameter at a time. What it remembers
 * is kept in states next to the parameter, and so in checkpoints.
 */
public interface Flow {

  /** The name in configurations: {@code wasserstein}, {@code momentum}, {@code adam}. */
  String name();

  /** The names of the tensors, each of the parameter's shape, that it keeps per parameter. */
  List<String> memory();

  /**
   * Writes the update of one parameter.
   *
   * @param step what the step is made from
   */
  void step(ProgramBuilder program, Step step);

  /**
   * One parameter's part of a step.
   *
   * @param parameter the state to move
   * @param memory the flow's own states for it, by the names of {@link Flow#memory}, each of the
   *     parameter's {@link Shape}
   * @param gradient dF/d parameter
   * @param scale the factor that makes it the gradient of the geometry: a scalar or one number per
   *     row
   * @param rate h, a scalar
   * @param stepNumber the number of this step, from 1, a scalar
   */
  record Step(
      Value parameter,
      NamedValues memory,
      Value gradient,
      Value scale,
      Value rate,
      Value stepNumber) {}
}
