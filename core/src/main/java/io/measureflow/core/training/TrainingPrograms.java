package io.measureflow.core.training;

import io.measureflow.api.flow.Flow;
import io.measureflow.api.measure.ParameterSpec;
import io.measureflow.api.measure.ParameterSpec.Role;
import io.measureflow.api.model.Layer;
import io.measureflow.api.model.Loss;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.program.NamedValues;
import io.measureflow.api.program.Op;
import io.measureflow.api.program.Program;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import io.measureflow.core.autodiff.Gradients;
import io.measureflow.core.layers.Layers;
import io.measureflow.core.model.Model;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The programs that train and apply a model, each for one batch size. All name the parameters
 * alike, {@code layers.<i>.<name>}, so that they share them within a workspace.
 */
public final class TrainingPrograms {

  /** The input of every program: rows of features, [B, d]. */
  public static final String FEATURES = "features";

  /** The input of programs with a loss: labels [B], or real targets [B, p]. */
  public static final String TARGETS = "targets";

  /** The input of a training step: h, a scalar. */
  public static final String RATE = "rate";

  /** The input of a training step: its number from 1, a scalar. */
  public static final String STEP = "step";

  /** The mean loss of the batch, a scalar. */
  public static final String LOSS = "loss";

  /** The number of rows classified correctly, a scalar; only under softmax cross-entropy. */
  public static final String CORRECT = "correct";

  /** The objective F of the batch, a scalar. */
  public static final String ENERGY = "energy";

  /**
   * The squared norm of the gradient in the metric of the flow, a scalar: -dF/dt along the flow.
   */
  public static final String SLOPE = "slope";

  /** The variance of each output under the last layer's own measure, [B, p]. */
  public static final String VARIANCE = "variance";

  /** The output of the last layer, [B, p]. */
  public static final String OUTPUT = "output";

  private TrainingPrograms() {}

  /** The name of the output of {@link #gradients} that holds the gradient in a parameter. */
  public static String gradientName(String parameter) {
    return "gradient." + parameter;
  }

  /** The name of the state in which a flow keeps something about a parameter. */
  public static String memoryName(String parameter, String memory) {
    return "flow." + parameter + "." + memory;
  }

  /** The outputs of the last layer: {@link #FEATURES} to {@link #OUTPUT}. */
  public static Program prediction(ModelSpec model, int batch) {
    var writer = new Writer("prediction of " + batch, model, batch);
    writer.program.output(OUTPUT, writer.output);
    return writer.program.build();
  }

  /**
   * The outputs of the last layer and their variances under its measure: {@link #FEATURES} to
   * {@link #OUTPUT} and {@link #VARIANCE}.
   *
   * @throws io.measureflow.api.error.InvalidRequestException if the last layer's family is not
   *     Gaussian
   */
  public static Program uncertainty(ModelSpec model, int batch) {
    var writer = new Writer("uncertainty of " + batch, model, batch);
    writer.program.output(OUTPUT, writer.output);
    writer.program.output(VARIANCE, writer.variance());
    return writer.program.build();
  }

  /** The objective of a batch: {@link #FEATURES}, {@link #TARGETS} to {@link #ENERGY}. */
  public static Program energy(ModelSpec model, Objective objective, int batch) {
    var writer = new Writer("energy of " + batch, model, batch);
    writer.program.output(
        ENERGY, writer.energy(objective, writer.loss(objective.loss()), writer.parameters));
    return writer.program.build();
  }

  /** Loss and correct count: {@link #FEATURES}, {@link #TARGETS} to {@link #LOSS}. */
  public static Program evaluation(ModelSpec model, Loss loss, int batch) {
    var writer = new Writer("evaluation of " + batch, model, batch);
    writer.metrics(loss);
    return writer.program.build();
  }

  /**
   * Output, loss, energy and the gradient of the objective in every parameter that moves, named by
   * {@link #gradientName}; nothing is updated.
   */
  public static Program gradients(ModelSpec model, Objective objective, Motion motion, int batch) {
    var writer = new Writer("gradients of " + batch, model, batch);
    Value energy = writer.energy(objective, writer.metrics(objective.loss()), writer.parameters);
    writer.program.output(OUTPUT, writer.output);
    writer.program.output(ENERGY, energy);
    List<Value> variables =
        writer.moving(motion).stream().map(m -> m.parameter(writer.parameters)).toList();
    List<Value> gradients = Gradients.of(writer.program, energy, variables);
    for (int i = 0; i < variables.size(); i++) {
      writer.program.output(gradientName(variables.get(i).name()), gradients.get(i));
    }
    return writer.program.build();
  }

  /**
   * One step of a flow: loss, gradients in all parameters that move, and their update. Inputs
   * {@link #FEATURES}, {@link #TARGETS}, {@link #RATE}, {@link #STEP}; outputs as {@link
   * #evaluation}, measured before the update, and with {@code report} also {@link #ENERGY} and
   * {@link #SLOPE}.
   */
  public static Program step(
      ModelSpec model, Objective objective, Flow flow, Motion motion, boolean report, int batch) {
    var writer = new Writer(flow.name() + " step of " + batch, model, batch);
    ProgramBuilder program = writer.program;
    Value energy = writer.energy(objective, writer.metrics(objective.loss()), writer.parameters);
    List<Moving> moving = writer.moving(motion);
    List<Flow.Slope> slope = writer.slope(energy, moving, writer.parameters, motion);
    var coordinates = new ArrayList<Flow.Coordinate>();
    for (Moving m : moving) {
      Value parameter = m.parameter(writer.parameters);
      var memory = new HashMap<String, Value>();
      for (String name : flow.memory()) {
        memory.put(name, program.state(memoryName(parameter.name(), name), parameter.shape()));
      }
      coordinates.add(new Flow.Coordinate(parameter, new NamedValues(memory)));
    }
    if (report) {
      program.output(ENERGY, energy);
      program.output(SLOPE, squaredNorm(program, slope));
    }
    flow.step(
        program,
        new Flow.Step(
            coordinates,
            slope,
            values -> writer.slopeAt(objective, motion, moving, values),
            program.input(RATE, Shape.SCALAR),
            program.input(STEP, Shape.SCALAR)));
    for (Moving m : moving) {
      if (m.spec().role() == Role.WEIGHTS) {
        program.update(new Op.LogNormalize(m.parameter(writer.parameters)));
      }
    }
    return program.build();
  }

  /** sum <g, scale g>: the squared norm of the gradient in the metric of the flow. */
  private static Value squaredNorm(ProgramBuilder program, List<Flow.Slope> slopes) {
    Value sum = program.constant(0);
    for (Flow.Slope slope : slopes) {
      Value products = program.multiply(slope.gradient(), slope.scaled(program));
      sum = program.add(sum, program.sumTo(products, Shape.SCALAR));
    }
    return sum;
  }

  /** A parameter that the flow moves, by its layer and description. */
  private record Moving(int layer, ParameterSpec spec) {
    Value parameter(List<NamedValues> parameters) {
      return parameters.get(layer).get(spec.name());
    }
  }

  /** Writes what all programs begin with. */
  private static final class Writer {

    final ProgramBuilder program;
    final Value output;
    final List<NamedValues> parameters = new ArrayList<>();
    private final int batch;
    private final List<Layer> layers;
    private final Value features;

    Writer(String name, ModelSpec model, int batch) {
      this.program = new ProgramBuilder(name);
      this.batch = batch;
      this.layers = Layers.of(model);
      this.features = program.input(FEATURES, Shape.of(batch, model.inputs()));
      for (int i = 0; i < layers.size(); i++) {
        var values = new LinkedHashMap<String, Value>();
        for (ParameterSpec parameter : layers.get(i).parameters()) {
          values.put(
              parameter.name(),
              program.state(Model.parameterName(i, parameter.name()), parameter.shape()));
        }
        parameters.add(new NamedValues(values));
      }
      this.output = output(parameters, layers.size());
    }

    /** The output of the first layers at some values of the parameters. */
    private Value output(List<NamedValues> at, int depth) {
      Value x = features;
      for (int i = 0; i < depth; i++) {
        x = layers.get(i).output(program, x, at.get(i));
      }
      return x;
    }

    Value variance() {
      int last = layers.size() - 1;
      return layers.get(last).variance(program, output(parameters, last), parameters.get(last));
    }

    private Value targets(Loss loss) {
      return switch (loss) {
        case SOFTMAX_CROSS_ENTROPY -> program.integerInput(TARGETS, batch);
        case HALF_SQUARED_ERROR -> program.input(TARGETS, output.shape());
      };
    }

    Value loss(Loss loss) {
      return loss.value(program, output, targets(loss));
    }

    Value metrics(Loss loss) {
      Value mean = loss(loss);
      program.output(LOSS, mean);
      if (loss == Loss.SOFTMAX_CROSS_ENTROPY) {
        program.output(CORRECT, program.correctCount(output, targets(loss)));
      }
      return mean;
    }

    /** F at some values of the parameters, whose loss has been written. */
    Value energy(Objective objective, Value loss, List<NamedValues> at) {
      Value energy = loss;
      for (int i = 0; i < layers.size(); i++) {
        if (objective.secondMoment() != 0) {
          Value moment = layers.get(i).secondMoment(program, at.get(i));
          energy = program.add(energy, program.affine(moment, objective.secondMoment() / 2, 0));
        }
        if (objective.entropy() != 0) {
          Value log = layers.get(i).logDeterminant(program, at.get(i));
          energy = program.add(energy, program.affine(log, -objective.entropy() / 2, 0));
        }
      }
      return energy;
    }

    List<Moving> moving(Motion motion) {
      var moving = new ArrayList<Moving>();
      for (int i = 0; i < layers.size(); i++) {
        for (ParameterSpec parameter : layers.get(i).parameters()) {
          if (motion.moves(parameter)) {
            moving.add(new Moving(i, parameter));
          }
        }
      }
      return moving;
    }

    List<Flow.Slope> slope(Value energy, List<Moving> moving, List<NamedValues> at, Motion motion) {
      List<Value> gradients =
          Gradients.of(program, energy, moving.stream().map(m -> m.parameter(at)).toList());
      var slopes = new ArrayList<Flow.Slope>();
      for (int i = 0; i < moving.size(); i++) {
        Moving m = moving.get(i);
        Value scale = layers.get(m.layer()).gradientScale(program, m.spec(), at.get(m.layer()));
        if (m.spec().role() == Role.WEIGHTS) {
          // Over pi_k, the gradient in log pi_k is E_k V less its mean, the direction of
          // Wasserstein-Fisher-Rao.
          scale = program.affine(scale, motion.weightRate(), 0);
        }
        slopes.add(new Flow.Slope(gradients.get(i), scale));
      }
      return motion.clip() < Double.POSITIVE_INFINITY ? clipped(slopes, motion.clip()) : slopes;
    }

    private List<Flow.Slope> clipped(List<Flow.Slope> slopes, double clip) {
      // At a norm of 0 the quotient is infinite, and the factor 1.
      Value norm = program.sqrt(squaredNorm(program, slopes));
      Value factor =
          program.minimum(program.constant(1), program.divide(program.constant(clip), norm));
      return slopes.stream()
          .map(slope -> new Flow.Slope(slope.gradient(), program.multiply(factor, slope.scale())))
          .toList();
    }

    /** The slope with other values in place of the parameters that move. */
    List<Flow.Slope> slopeAt(
        Objective objective, Motion motion, List<Moving> moving, List<Value> values) {
      var at = new ArrayList<Map<String, Value>>();
      parameters.forEach(named -> at.add(new HashMap<>(named.byName())));
      for (int i = 0; i < moving.size(); i++) {
        at.get(moving.get(i).layer()).put(moving.get(i).spec().name(), values.get(i));
      }
      List<NamedValues> point = at.stream().map(NamedValues::new).toList();
      Loss kind = objective.loss();
      Value loss = kind.value(program, output(point, layers.size()), targets(kind));
      return slope(energy(objective, loss, point), moving, point, motion);
    }
  }
}
