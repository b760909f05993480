package io.measureflow.api.flow;

import io.measureflow.api.program.NamedValues;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import java.util.Arrays;
import java.util.List;

/**
 * How the coordinates of a measure move: an integrator of the Wasserstein gradient flow, or an
 * optimiser with memory on the lifted coordinates (docs/mathematics.md, section 5).
 *
 * <p>A flow writes its step into the training program. What it remembers is kept in states next to
 * the parameters, and so in checkpoints.
 */
public interface Flow {

  /** The name in configurations: {@code wasserstein}, {@code momentum}, {@code adam}. */
  String name();

  /** The names of the tensors, each of the parameter's shape, that it keeps per parameter. */
  List<String> memory();

  /**
   * Writes the update of all parameters.
   *
   * @param step what the step is made from
   */
  void step(ProgramBuilder program, Step step);

  /**
   * One step of the whole model.
   *
   * @param coordinates the parameters that move
   * @param slope the gradient of the objective at the parameters as they are
   * @param field the same gradient anywhere else, for integrators of several stages
   * @param rate h, a scalar
   * @param stepNumber the number of this step, from 1, a scalar
   */
  record Step(
      List<Coordinate> coordinates, List<Slope> slope, Field field, Value rate, Value stepNumber) {

    /** Copies the lists. */
    public Step {
      coordinates = List.copyOf(coordinates);
      slope = List.copyOf(slope);
    }
  }

  /**
   * A parameter that moves.
   *
   * @param parameter its state
   * @param memory the flow's own states for it, by the names of {@link Flow#memory}, each of the
   *     parameter's {@link Shape}
   */
  record Coordinate(Value parameter, NamedValues memory) {}

  /**
   * The gradient of the objective in one parameter.
   *
   * @param gradient dF/d parameter
   * @param scale the factor that makes it the gradient of the geometry: a scalar or one number per
   *     row
   */
  record Slope(Value gradient, Value scale) {

    /** Writes scale times gradient: the direction of steepest ascent in the geometry. */
    public Value scaled(ProgramBuilder program) {
      if (scale.shape().rank() == 0) {
        return program.multiply(scale, gradient);
      }
      int[] dimensions = new int[gradient.shape().rank()];
      Arrays.fill(dimensions, 1);
      dimensions[0] = gradient.shape().dimension(0);
      return program.multiply(program.reshape(scale, Shape.of(dimensions)), gradient);
    }
  }

  /** The gradient of the objective as a function of the parameters. */
  @FunctionalInterface
  interface Field {

    /**
     * Writes the gradient at some point, on the batch of the step.
     *
     * @param parameters a value in place of each coordinate's parameter
     * @return a slope per coordinate
     */
    List<Slope> at(List<Value> parameters);
  }
}
