package io.measureflow.core.training;

import io.measureflow.api.flow.Flow;
import io.measureflow.api.measure.ParameterSpec;
import io.measureflow.api.model.Layer;
import io.measureflow.api.model.Loss;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.program.NamedValues;
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

  /** Loss and correct count: {@link #FEATURES}, {@link #TARGETS} to {@link #LOSS}. */
  public static Program evaluation(ModelSpec model, Loss loss, int batch) {
    var writer = new Writer("evaluation of " + batch, model, batch);
    writer.metrics(loss);
    return writer.program.build();
  }

  /**
   * Output, loss and the gradient of the loss in every parameter that is trained, named by {@link
   * #gradientName}; nothing is updated.
   */
  public static Program gradients(ModelSpec model, Loss loss, int batch) {
    var writer = new Writer("gradients of " + batch, model, batch);
    Value objective = writer.metrics(loss);
    writer.program.output(OUTPUT, writer.output);
    for (Trained trained : writer.trained(objective)) {
      writer.program.output(gradientName(trained.parameter().name()), trained.gradient());
    }
    return writer.program.build();
  }

  /**
   * One step of a flow: loss, gradients in all trained parameters, and their update. Inputs {@link
   * #FEATURES}, {@link #TARGETS}, {@link #RATE}, {@link #STEP}; outputs as {@link #evaluation},
   * measured before the update.
   */
  public static Program step(ModelSpec model, Loss loss, Flow flow, int batch) {
    var writer = new Writer(flow.name() + " step of " + batch, model, batch);
    ProgramBuilder program = writer.program;
    Value objective = writer.metrics(loss);
    List<Trained> trainedParameters = writer.trained(objective);
    Value rate = program.input(RATE, Shape.SCALAR);
    Value stepNumber = program.input(STEP, Shape.SCALAR);
    for (Trained trained : trainedParameters) {
      Value parameter = trained.parameter();
      var memory = new HashMap<String, Value>();
      for (String name : flow.memory()) {
        memory.put(name, program.state(memoryName(parameter.name(), name), parameter.shape()));
      }
      flow.step(
          program,
          new Flow.Step(
              parameter,
              new NamedValues(memory),
              trained.gradient(),
              trained.scale(),
              rate,
              stepNumber));
    }
    return program.build();
  }

  /** A parameter that the flow moves, its gradient, and the factor on it. */
  private record Trained(Value parameter, Value gradient, Value scale) {}

  /** Writes what all programs begin with. */
  private static final class Writer {

    final ProgramBuilder program;
    final Value output;
    private final int batch;
    private final List<Layer> layers;
    private final List<NamedValues> parameters = new ArrayList<>();

    Writer(String name, ModelSpec model, int batch) {
      this.program = new ProgramBuilder(name);
      this.batch = batch;
      this.layers = Layers.of(model);
      Value x = program.input(FEATURES, Shape.of(batch, model.inputs()));
      for (int i = 0; i < layers.size(); i++) {
        var values = new LinkedHashMap<String, Value>();
        for (ParameterSpec parameter : layers.get(i).parameters()) {
          values.put(
              parameter.name(),
              program.state(Model.parameterName(i, parameter.name()), parameter.shape()));
        }
        parameters.add(new NamedValues(values));
        x = layers.get(i).output(program, x, parameters.get(i));
      }
      this.output = x;
    }

    Value metrics(Loss loss) {
      Value targets =
          switch (loss) {
            case SOFTMAX_CROSS_ENTROPY -> program.integerInput(TARGETS, batch);
            case HALF_SQUARED_ERROR -> program.input(TARGETS, output.shape());
          };
      Value objective = loss.value(program, output, targets);
      program.output(LOSS, objective);
      if (loss == Loss.SOFTMAX_CROSS_ENTROPY) {
        program.output(CORRECT, program.correctCount(output, targets));
      }
      return objective;
    }

    List<Trained> trained(Value objective) {
      var variables = new ArrayList<Value>();
      var scales = new ArrayList<Value>();
      for (int i = 0; i < layers.size(); i++) {
        for (ParameterSpec parameter : layers.get(i).parameters()) {
          if (parameter.trained()) {
            variables.add(parameters.get(i).get(parameter.name()));
            scales.add(layers.get(i).gradientScale(program, parameter, parameters.get(i)));
          }
        }
      }
      List<Value> gradients = Gradients.of(program, objective, variables);
      var trained = new ArrayList<Trained>();
      for (int i = 0; i < variables.size(); i++) {
        trained.add(new Trained(variables.get(i), gradients.get(i), scales.get(i)));
      }
      return trained;
    }
  }
}
