package io.measureflow.core.training;

import io.measureflow.api.data.DatasetRequest.TargetKind;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.flow.Flow;
import io.measureflow.api.measure.ParameterSpec;
import io.measureflow.api.measure.Role;
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
import io.measureflow.core.model.Model;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The programs that train and apply a model, each for one batch size. All use the same parameter
 * names, {@code layers.<i>.<name>}, and so share parameters within a workspace.
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
  public static final String SQUARED_GRADIENT_NORM = "squared_gradient_norm";

  /** The variance of each output under the last layer's own measure, [B, p]. */
  public static final String VARIANCE = "variance";

  /** The output of the last layer, [B, p]. */
  public static final String OUTPUT = "output";

  private TrainingPrograms() {}

  /** Returns the name of the output of {@link #gradients} with the gradient of a parameter. */
  public static String gradientName(String parameter) {
    return "gradient." + parameter;
  }

  /** Returns the name of the state with a flow's memory for a parameter. */
  public static String memoryName(String parameter, String memory) {
    return "flow." + parameter + "." + memory;
  }

  /** Writes the outputs of the last layer: {@link #FEATURES} to {@link #OUTPUT}. */
  public static Program prediction(ModelSpec model, int batch) {
    var writer = new Writer("prediction of " + batch, model, batch);
    writer.program.output(OUTPUT, writer.output);
    return writer.program.build();
  }

  /**
   * Writes the outputs of the last layer and their variances under its measure: {@link #FEATURES}
   * to {@link #OUTPUT} and {@link #VARIANCE}.
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

  /** Writes the objective of a batch: {@link #FEATURES}, {@link #TARGETS} to {@link #ENERGY}. */
  public static Program energy(ModelSpec model, Objective objective, int batch) {
    var writer = new Writer("energy of " + batch, model, batch);
    writer.program.output(
        ENERGY, writer.energy(objective, writer.loss(objective.loss()), writer.parameters));
    return writer.program.build();
  }

  /** Writes loss and correct count: {@link #FEATURES}, {@link #TARGETS} to {@link #LOSS}. */
  public static Program evaluation(ModelSpec model, Loss loss, int batch) {
    var writer = new Writer("evaluation of " + batch, model, batch);
    writer.metrics(loss);
    return writer.program.build();
  }

  /** Writes what {@link #evaluation} writes, and the outputs: {@link #OUTPUT}. */
  public static Program assessment(ModelSpec model, Loss loss, int batch) {
    var writer = new Writer("assessment of " + batch, model, batch);
    writer.metrics(loss);
    writer.program.output(OUTPUT, writer.output);
    return writer.program.build();
  }

  /**
   * Writes output, loss, energy and the gradient of the objective for every trainable parameter,
   * named by {@link #gradientName}; nothing is updated.
   */
  public static Program gradients(
      ModelSpec model, Objective objective, Trainable trainable, int batch) {
    var writer = new Writer("gradients of " + batch, model, batch);
    Value energy = writer.energy(objective, writer.metrics(objective.loss()), writer.parameters);
    writer.program.output(OUTPUT, writer.output);
    writer.program.output(ENERGY, energy);
    List<Value> variables =
        writer.moving(trainable).stream().map(m -> m.parameter(writer.parameters)).toList();
    List<Value> gradients = Gradients.of(writer.program, energy, variables);
    for (int i = 0; i < variables.size(); i++) {
      writer.program.output(gradientName(variables.get(i).name()), gradients.get(i));
    }
    return writer.program.build();
  }

  /**
   * Writes one step of a flow: loss, gradients of all trainable parameters, and their update.
   * Inputs {@link #FEATURES}, {@link #TARGETS}, {@link #RATE}, {@link #STEP}; outputs as {@link
   * #evaluation}, measured before the update, and with {@code report} also {@link #ENERGY} and
   * {@link #SQUARED_GRADIENT_NORM}.
   */
  public static Program step(
      ModelSpec model,
      Objective objective,
      Flow flow,
      Trainable trainable,
      boolean report,
      int batch) {
    var writer = new Writer(flow.name() + " step of " + batch, model, batch);
    ProgramBuilder program = writer.program;
    Value energy = writer.energy(objective, writer.metrics(objective.loss()), writer.parameters);
    List<Coordinate> moving = writer.moving(trainable);
    List<Flow.Gradient> gradients = writer.gradients(energy, moving, writer.parameters, trainable);
    Value rate = program.input(RATE, Shape.SCALAR);
    var coordinates = new ArrayList<Flow.Coordinate>();
    for (Coordinate m : moving) {
      Value parameter = m.parameter(writer.parameters);
      var memory = new HashMap<String, Value>();
      for (String name : flow.memory()) {
        memory.put(name, program.state(memoryName(parameter.name(), name), parameter.shape()));
      }
      coordinates.add(
          new Flow.Coordinate(
              parameter.name(),
              m.spec(),
              parameter,
              new NamedValues(memory),
              factor(program, rate, trainable.rateFactor(m.spec()))));
    }
    if (report) {
      program.output(ENERGY, energy);
      program.output(SQUARED_GRADIENT_NORM, squaredNorm(program, moving, gradients, trainable));
    }
    flow.step(
        program,
        new Flow.Step(
            coordinates,
            gradients,
            values -> writer.gradientsAt(objective, trainable, moving, values),
            program.input(STEP, Shape.SCALAR)));
    for (Coordinate m : moving) {
      if (m.spec().role().equals(Role.WEIGHTS)) {
        program.update(new Op.LogNormalize(m.parameter(writer.parameters)));
      }
    }
    return program.build();
  }

  /** sum {@literal <g, scale g>}: the squared norm of the gradient in the metric of the flow. */
  private static Value squaredNorm(
      ProgramBuilder program,
      List<Coordinate> moving,
      List<Flow.Gradient> gradients,
      Trainable trainable) {
    Value sum = program.constant(0);
    for (int i = 0; i < moving.size(); i++) {
      Flow.Gradient gradient = gradients.get(i);
      Value products = program.multiply(gradient.gradient(), gradient.scaled(program));
      Value square = program.sumTo(products, Shape.SCALAR);
      double factor = trainable.rateFactor(moving.get(i).spec());
      sum = program.add(sum, factor(program, square, factor));
    }
    return sum;
  }

  private static Value factor(ProgramBuilder program, Value value, double factor) {
    return factor == 1 ? value : program.affine(value, factor, 0);
  }

  /** A parameter that is trained, by its layer and description. */
  private record Coordinate(int layer, ParameterSpec spec) {
    Value parameter(List<NamedValues> parameters) {
      return parameters.get(layer).get(spec.name());
    }
  }

  /** Writes the beginning that all programs share. */
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
      this.layers = model.layers();
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

    /** Writes the output of the first layers for some values of the parameters. */
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
      return switch (loss.target()) {
        case CLASSES -> program.integerInput(TARGETS, batch);
        case REAL -> program.input(TARGETS, output.shape());
      };
    }

    Value loss(Loss loss) {
      return loss(loss, output);
    }

    private Value loss(Loss loss, Value of) {
      Value mean = loss.value(program, of, targets(loss));
      if (mean.shape().rank() != 0) {
        throw InvalidRequestException.of(
            "loss " + loss.name() + " (" + loss.getClass().getName() + ")",
            "a scalar, the mean over the batch",
            "shape " + mean.shape(),
            "Correct the loss, or choose another.");
      }
      return mean;
    }

    Value metrics(Loss loss) {
      Value mean = loss(loss);
      program.output(LOSS, mean);
      if (loss.target() == TargetKind.CLASSES) {
        program.output(CORRECT, program.correctCount(output, targets(loss)));
      }
      return mean;
    }

    /** Writes F for some values of the parameters, whose loss has been written. */
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

    List<Coordinate> moving(Trainable trainable) {
      var moving = new ArrayList<Coordinate>();
      for (int i = 0; i < layers.size(); i++) {
        for (ParameterSpec parameter : layers.get(i).parameters()) {
          if (trainable.includes(parameter)) {
            moving.add(new Coordinate(i, parameter));
          }
        }
      }
      return moving;
    }

    List<Flow.Gradient> gradients(
        Value energy, List<Coordinate> moving, List<NamedValues> at, Trainable trainable) {
      List<Value> gradients =
          Gradients.of(program, energy, moving.stream().map(m -> m.parameter(at)).toList());
      var scaled = new ArrayList<Flow.Gradient>();
      for (int i = 0; i < moving.size(); i++) {
        Coordinate m = moving.get(i);
        Value scale = layers.get(m.layer()).gradientScale(program, m.spec(), at.get(m.layer()));
        if (m.spec().role().equals(Role.WEIGHTS)) {
          // Divided by pi_k, the gradient with respect to log pi_k is E_k V minus its mean, the
          // direction of
          // Wasserstein-Fisher-Rao.
          scale = program.affine(scale, trainable.weightRate(), 0);
        }
        scaled.add(new Flow.Gradient(gradients.get(i), scale));
      }
      return trainable.clip() < Double.POSITIVE_INFINITY
          ? clipped(moving, scaled, trainable)
          : scaled;
    }

    private List<Flow.Gradient> clipped(
        List<Coordinate> moving, List<Flow.Gradient> gradients, Trainable trainable) {
      // At a norm of 0 the quotient is infinite, and the factor 1.
      Value norm = program.sqrt(squaredNorm(program, moving, gradients, trainable));
      Value factor =
          program.minimum(
              program.constant(1), program.divide(program.constant(trainable.clip()), norm));
      return gradients.stream()
          .map(
              gradient ->
                  new Flow.Gradient(
                      gradient.gradient(), program.multiply(factor, gradient.scale())))
          .toList();
    }

    /** Writes the gradients with other values in place of the trainable parameters. */
    List<Flow.Gradient> gradientsAt(
        Objective objective, Trainable trainable, List<Coordinate> moving, List<Value> values) {
      var at = new ArrayList<Map<String, Value>>();
      parameters.forEach(named -> at.add(new HashMap<>(named.byName())));
      for (int i = 0; i < moving.size(); i++) {
        at.get(moving.get(i).layer()).put(moving.get(i).spec().name(), values.get(i));
      }
      List<NamedValues> point = at.stream().map(NamedValues::new).toList();
      Loss kind = objective.loss();
      Value loss = loss(kind, output(point, layers.size()));
      return gradients(energy(objective, loss, point), moving, point, trainable);
    }
  }
}
