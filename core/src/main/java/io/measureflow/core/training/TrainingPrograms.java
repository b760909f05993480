package io.measureflow.core.training;

import io.measureflow.api.data.DatasetRequest.TargetKind;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.flow.Flow;
import io.measureflow.api.measure.ParameterSpec;
import io.measureflow.api.measure.Role;
import io.measureflow.api.model.Layer;
import io.measureflow.api.model.LayerContext;
import io.measureflow.api.model.Loss;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.model.SampleBatch;
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
import java.util.Objects;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.function.Function;

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

  private static final String LAYERS = "layers.";

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
    var writer = new Writer("prediction of " + batch, model, batch, OptionalLong.empty());
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
    var writer = new Writer("uncertainty of " + batch, model, batch, OptionalLong.empty());
    writer.program.output(OUTPUT, writer.output);
    writer.program.output(VARIANCE, writer.variance());
    return writer.program.build();
  }

  /**
   * Writes the objective of a batch in training: {@link #FEATURES}, {@link #TARGETS} and {@link
   * #STEP}, on which random numbers depend, to {@link #ENERGY}.
   *
   * @param seed the seed of random numbers
   */
  public static Program energy(ModelSpec model, Objective objective, long seed, int batch) {
    var writer = new Writer("energy of " + batch, model, batch, OptionalLong.of(seed));
    writer.program.output(
        ENERGY, writer.energy(objective, writer.loss(objective.loss()), writer.parameters));
    return writer.program.build();
  }

  /** Writes loss and correct count: {@link #FEATURES}, {@link #TARGETS} to {@link #LOSS}. */
  public static Program evaluation(ModelSpec model, Loss loss, int batch) {
    var writer = new Writer("evaluation of " + batch, model, batch, OptionalLong.empty());
    writer.metrics(loss);
    return writer.program.build();
  }

  /** Writes what {@link #evaluation} writes, and the outputs: {@link #OUTPUT}. */
  public static Program assessment(ModelSpec model, Loss loss, int batch) {
    var writer = new Writer("assessment of " + batch, model, batch, OptionalLong.empty());
    writer.metrics(loss);
    writer.program.output(OUTPUT, writer.output);
    return writer.program.build();
  }

  /**
   * Writes output, loss, energy and the gradient of the objective in training for every trainable
   * parameter and for {@link #FEATURES}, named by {@link #gradientName}; nothing is updated. Random
   * numbers depend on {@link #STEP}.
   *
   * @param seed the seed of random numbers
   */
  public static Program gradients(
      ModelSpec model, Objective objective, Trainable trainable, long seed, int batch) {
    var writer = new Writer("gradients of " + batch, model, batch, OptionalLong.of(seed));
    Value energy = writer.energy(objective, writer.metrics(objective.loss()), writer.parameters);
    writer.program.output(OUTPUT, writer.output);
    writer.program.output(ENERGY, energy);
    var variables = new ArrayList<Value>();
    writer.moving(trainable).forEach(m -> variables.add(m.parameter(writer.parameters)));
    variables.add(writer.features);
    List<Value> gradients = Gradients.of(writer.program, energy, variables);
    for (int i = 0; i < variables.size(); i++) {
      writer.program.output(gradientName(variables.get(i).name()), gradients.get(i));
    }
    return writer.program.build();
  }

  /**
   * Writes one step of a flow: loss, gradients of all trainable parameters, and their update.
   * Inputs {@link #FEATURES}, {@link #TARGETS}, {@link #RATE}, {@link #STEP}; outputs as {@link
   * #evaluation}, of training and measured before the update, and with {@code report} also {@link
   * #ENERGY} and {@link #SQUARED_GRADIENT_NORM}.
   *
   * @param seed the seed of random numbers
   */
  public static Program step(
      ModelSpec model,
      Objective objective,
      Flow flow,
      Trainable trainable,
      boolean report,
      long seed,
      int batch) {
    var writer = new Writer(flow.name() + " step of " + batch, model, batch, OptionalLong.of(seed));
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
              factor(program, rate, m.rateFactor(trainable)),
              trainable.decays(model, m.layer(), m.spec())));
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
            writer.step(),
            seed));
    for (Coordinate m : moving) {
      if (m.spec().role().equals(Role.WEIGHTS)) {
        program.update(new Op.LogNormalize(m.parameter(writer.parameters)));
      }
    }
    writer.moveStatistics();
    return program.build();
  }

  /**
   * Checks that a loss suits a number of outputs.
   *
   * @throws InvalidRequestException if it does not
   */
  static void requireLoss(Loss loss, int outputs) {
    var program = new ProgramBuilder("loss");
    loss(program, loss, program.input(OUTPUT, Shape.of(1, outputs)));
  }

  private static Value targets(ProgramBuilder program, Loss loss, Value output) {
    return switch (loss.target()) {
      case CLASSES -> program.integerInput(TARGETS, output.shape().dimension(0));
      case REAL -> program.input(TARGETS, output.shape());
    };
  }

  private static Value loss(ProgramBuilder program, Loss loss, Value output) {
    Value mean = loss.value(program, output, targets(program, loss, output));
    if (mean.shape().rank() != 0) {
      throw InvalidRequestException.of(
          "loss " + loss.name() + " (" + loss.getClass().getName() + ")",
          "a scalar, the mean over the batch",
          "shape " + mean.shape(),
          "Correct the loss, or choose another.");
    }
    return mean;
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
      double factor = moving.get(i).rateFactor(trainable);
      sum = program.add(sum, factor(program, square, factor));
    }
    return sum;
  }

  private static Value factor(ProgramBuilder program, Value value, double factor) {
    return factor == 1 ? value : program.affine(value, factor, 0);
  }

  /** A parameter that is trained, by its layer and description. */
  private record Coordinate(String path, Layer layer, ParameterSpec spec) {
    Value parameter(Map<String, NamedValues> parameters) {
      return Objects.requireNonNull(parameters.get(path)).get(spec.name());
    }

    double rateFactor(Trainable trainable) {
      return trainable.rateFactor(layer, spec);
    }
  }

  /** Writes the beginning that all programs share. */
  private static final class Writer {

    final ProgramBuilder program;
    final Value output;

    /** The parameters of all layers by their paths. */
    final SequencedMap<String, NamedValues> parameters = new LinkedHashMap<>();

    private final ModelSpec model;
    private final int batch;
    private final OptionalLong seed;
    private final SequencedMap<String, Layer> layers;
    private final Value features;

    /** The running statistics after the step, by their states. */
    private final Map<Value, Value> statistics = new LinkedHashMap<>();

    /**
     * @param seed the seed of random numbers in training; empty for prediction
     */
    Writer(String name, ModelSpec model, int batch, OptionalLong seed) {
      this.program = new ProgramBuilder(name);
      this.model = model;
      this.batch = batch;
      this.seed = seed;
      this.layers = model.byPath();
      this.features = program.input(FEATURES, Shape.of(batch, model.inputs()));
      layers.forEach(
          (path, layer) -> {
            var values = new LinkedHashMap<String, Value>();
            for (ParameterSpec parameter : layer.parameters()) {
              values.put(
                  parameter.name(),
                  program.state(Model.parameterName(path, parameter.name()), parameter.shape()));
            }
            parameters.put(path, new NamedValues(values));
          });
      LayerContext context = context(parameters);
      if (seed.isPresent()) {
        step();
      }
      Value last = output(context, model.layers().size()).rows();
      // Layers that do nothing give the features themselves, which are no output of a program.
      this.output = last.equals(features) ? program.emit(new Op.Affine(features, 1, 0)) : last;
      statistics.putAll(context.statistics());
    }

    private LayerContext context(Map<String, NamedValues> at) {
      Function<String, NamedValues> values = path -> Objects.requireNonNull(at.get(path));
      return seed.isPresent()
          ? LayerContext.ofTraining(program, values, seed.getAsLong(), this::step)
          : LayerContext.ofPrediction(program, values);
    }

    Value step() {
      return program.input(STEP, Shape.SCALAR);
    }

    /** Writes the output of the first layers. */
    private SampleBatch output(LayerContext context, int depth) {
      SampleBatch x = SampleBatch.ofRows(program, features, model.input());
      for (int i = 0; i < depth; i++) {
        Layer layer = model.layers().get(i);
        Shape expected = layer.outputShape(x.sample());
        x = layer.output(context.within(LAYERS + i), x);
        if (!x.sample().equals(expected) || x.size() != batch) {
          throw InvalidRequestException.of(
              "layer " + i + " (" + layer.getClass().getName() + "), output",
              batch + " samples of shape " + expected,
              x.toString(),
              "Correct the layer.");
        }
      }
      return x;
    }

    Value variance() {
      int last = model.layers().size() - 1;
      LayerContext context = context(parameters);
      SampleBatch x = output(context, last);
      return model.layers().get(last).variance(context.within(LAYERS + last), x).rows();
    }

    /** Writes the updates of running statistics. */
    void moveStatistics() {
      statistics.forEach((state, value) -> program.update(new Op.Assign(state, value)));
    }

    Value loss(Loss loss) {
      return TrainingPrograms.loss(program, loss, output);
    }

    Value metrics(Loss loss) {
      Value mean = loss(loss);
      program.output(LOSS, mean);
      if (loss.target() == TargetKind.CLASSES) {
        program.output(CORRECT, program.correctCount(output, targets(program, loss, output)));
      }
      return mean;
    }

    /** Writes F for some values of the parameters, whose loss has been written. */
    Value energy(Objective objective, Value loss, Map<String, NamedValues> at) {
      Value energy = loss;
      for (Map.Entry<String, Layer> layer : layers.entrySet()) {
        NamedValues values = Objects.requireNonNull(at.get(layer.getKey()));
        if (objective.secondMoment() != 0) {
          Value moment = layer.getValue().secondMoment(program, values);
          energy = program.add(energy, program.affine(moment, objective.secondMoment() / 2, 0));
        }
        if (objective.entropy() != 0) {
          Value log = layer.getValue().logDeterminant(program, values);
          energy = program.add(energy, program.affine(log, -objective.entropy() / 2, 0));
        }
      }
      return energy;
    }

    List<Coordinate> moving(Trainable trainable) {
      var moving = new ArrayList<Coordinate>();
      layers.forEach(
          (path, layer) -> {
            for (ParameterSpec parameter : layer.parameters()) {
              if (trainable.includes(parameter)) {
                moving.add(new Coordinate(path, layer, parameter));
              }
            }
          });
      return moving;
    }

    List<Flow.Gradient> gradients(
        Value energy, List<Coordinate> moving, Map<String, NamedValues> at, Trainable trainable) {
      List<Value> gradients =
          Gradients.of(program, energy, moving.stream().map(m -> m.parameter(at)).toList());
      var scaled = new ArrayList<Flow.Gradient>();
      for (int i = 0; i < moving.size(); i++) {
        Coordinate m = moving.get(i);
        NamedValues values = Objects.requireNonNull(at.get(m.path()));
        Value scale = m.layer().gradientScale(program, m.spec(), values);
        if (m.spec().role().equals(Role.WEIGHTS)) {
          // Divided by pi_k, the gradient with respect to log pi_k is E_k V minus its mean, the
          // direction of Wasserstein-Fisher-Rao.
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
      var at = new LinkedHashMap<String, Map<String, Value>>();
      parameters.forEach((path, named) -> at.put(path, new HashMap<>(named.byName())));
      for (int i = 0; i < moving.size(); i++) {
        Objects.requireNonNull(at.get(moving.get(i).path()))
            .put(moving.get(i).spec().name(), values.get(i));
      }
      var point = new LinkedHashMap<String, NamedValues>();
      at.forEach((path, named) -> point.put(path, new NamedValues(named)));
      Value output = output(context(point), model.layers().size()).rows();
      Value loss = TrainingPrograms.loss(program, objective.loss(), output);
      return gradients(energy(objective, loss, point), moving, point, trainable);
    }
  }
}
