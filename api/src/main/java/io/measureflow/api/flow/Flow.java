package io.measureflow.api.flow;

import io.measureflow.api.measure.ParameterSpec;
import io.measureflow.api.program.NamedValues;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import io.measureflow.api.registry.Kind;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * How parameters follow the gradient: an integrator of the Wasserstein gradient flow, or an
 * optimizer with memory on the lifted coordinates (docs/mathematics.md, section 5).
 *
 * <p>A flow writes its step into the training program. Its memory is kept in states next to the
 * parameters, and so in checkpoints. Implementations are found by {@link java.util.ServiceLoader}
 * and have a public constructor without parameters, which sets the default options.
 */
public interface Flow {

  /** Flows are found by name, with their default options. */
  Kind<Flow> KIND = Kind.of(Flow.class, "flow", "flows", Flow::name);

  /**
   * Returns the name in configurations, lower case: {@code wasserstein}, {@code momentum}, {@code
   * adam}.
   */
  String name();

  /** Returns the options and their values, by name, in the order of the documentation. */
  default SequencedMap<String, Double> options() {
    return new LinkedHashMap<>();
  }

  /**
   * Returns this flow with another value of one of its {@link #options}.
   *
   * @throws IllegalArgumentException if there is no such option, or the value is invalid; the
   *     message says what was expected and found
   */
  default Flow withOption(String option, double value) {
    throw new IllegalArgumentException(
        "flow " + name() + ": expected no option, found '" + option + "'");
  }

  /**
   * Returns this flow with other values of some of its options.
   *
   * @throws IllegalArgumentException as {@link #withOption}
   */
  default Flow withOptions(Map<String, Double> options) {
    Flow changed = this;
    for (Map.Entry<String, Double> option : options.entrySet()) {
      changed = changed.withOption(option.getKey(), option.getValue());
    }
    return changed;
  }

  /**
   * Returns the default learning rate of this flow.
   *
   * @param plain the default for the Wasserstein gradient flow by forward Euler
   */
  default double defaultLearningRate(double plain) {
    return plain;
  }

  /**
   * Returns the names of the tensors that it keeps per parameter, each of the parameter's shape.
   */
  List<String> memory();

  /**
   * Writes the update of all parameters.
   *
   * @param step the parameters, gradients and learning rate of the step
   */
  void step(ProgramBuilder program, Step step);

  /**
   * One step of the whole model.
   *
   * @param coordinates the parameters that move
   * @param gradients the gradient of the objective at the parameters as they are
   * @param field the same gradient anywhere else, for integrators of several stages
   * @param stepNumber the number of this step, from 1, a scalar
   * @param seed the seed of random numbers
   */
  record Step(
      List<Coordinate> coordinates,
      List<Gradient> gradients,
      GradientField field,
      Value stepNumber,
      long seed) {

    /** Draws of layers have lower streams. */
    private static final int FIRST_STREAM = 1 << 20;

    /** Copies the lists. */
    public Step {
      coordinates = List.copyOf(coordinates);
      gradients = List.copyOf(gradients);
    }

    /**
     * Writes standard normal noise of the shape of a parameter. It depends on the seed, the step,
     * the coordinate and the element alone ({@link io.measureflow.api.program.Philox}).
     *
     * @param coordinate the index of the coordinate
     */
    public Value noise(ProgramBuilder program, int coordinate) {
      Shape shape = coordinates.get(coordinate).parameter().shape();
      return program.normal(seed, FIRST_STREAM + coordinate, stepNumber, shape);
    }
  }

  /**
   * A trainable parameter.
   *
   * @param name its full name, as in checkpoints: {@code layers.0.in_mean}
   * @param spec its description: role, metric
   * @param parameter its state
   * @param memory the flow's own states for it, by the names of {@link Flow#memory}, each of the
   *     parameter's {@link Shape}
   * @param rate h, the learning rate of this parameter, a scalar
   * @param decays whether a weight decay applies to it
   */
  record Coordinate(
      String name,
      ParameterSpec spec,
      Value parameter,
      NamedValues memory,
      Value rate,
      boolean decays) {}

  /**
   * The gradient of the objective with respect to one parameter.
   *
   * @param gradient dF/d parameter
   * @param scale the factor that turns it into the gradient of the geometry: a scalar or one number
   *     per row
   */
  record Gradient(Value gradient, Value scale) {

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
  interface GradientField {

    /**
     * Writes the gradient at a point, on the batch of the step.
     *
     * @param parameters the values of the parameters at that point, one per coordinate
     * @return a gradient per coordinate
     */
    List<Gradient> at(List<Value> parameters);
  }
}
