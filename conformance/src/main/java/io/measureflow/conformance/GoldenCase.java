package io.measureflow.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.measureflow.api.activation.Activation;
import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.Executable;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.backend.Workspace;
import io.measureflow.api.measure.Family;
import io.measureflow.api.measure.Role;
import io.measureflow.api.model.Layer;
import io.measureflow.api.model.Loss;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.program.Program;
import io.measureflow.api.registry.Extensions;
import io.measureflow.core.flows.Wasserstein;
import io.measureflow.core.layers.DenseLayer;
import io.measureflow.core.layers.MixtureLayer;
import io.measureflow.core.model.Model;
import io.measureflow.core.training.Objective;
import io.measureflow.core.training.Trainable;
import io.measureflow.core.training.TrainingPrograms;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/**
 * A worked training step in float64: a model with its parameters, a batch, and the expected
 * outputs, loss, gradients and parameters after one Wasserstein step.
 */
final class GoldenCase {

  private static final String SHARED = "shared/golden/gm-layers.json";
  private static final String OWN = "cases.json";

  private final JsonNode json;

  private GoldenCase(JsonNode json) {
    this.json = json;
  }

  /** Our own cases, made by {@code make_cases.py} from the definitions alone. */
  static List<GoldenCase> own() {
    try (InputStream stream =
        Objects.requireNonNull(GoldenCase.class.getResourceAsStream(OWN), OWN)) {
      return parse(stream);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the cases beside the checkout, if they exist. */
  static Optional<List<GoldenCase>> shared() {
    for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
      Path file = folder.resolve(SHARED);
      if (Files.isRegularFile(file)) {
        try (InputStream stream = Files.newInputStream(file)) {
          return Optional.of(parse(stream));
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
    return Optional.empty();
  }

  private static List<GoldenCase> parse(InputStream stream) throws IOException {
    var cases = new ArrayList<GoldenCase>();
    new ObjectMapper()
        .readTree(stream)
        .get("cases")
        .forEach(json -> cases.add(new GoldenCase(json)));
    return cases;
  }

  String name() {
    return json.get("name").asText();
  }

  private static boolean isDense(JsonNode layer) {
    return layer.path("type").asText("gm").equals("dense");
  }

  private JsonNode expected() {
    return json.get("expected");
  }

  /** Weights are trained if the case gives their rate. */
  private Trainable trainable() {
    if (!json.has("weight_rate")) {
      return Trainable.DEFAULT;
    }
    return new Trainable(
        Role.STANDARD, json.get("weight_rate").asDouble(), Double.POSITIVE_INFINITY);
  }

  private ModelSpec model() {
    var layers = new ArrayList<Layer>();
    for (JsonNode layer : json.get("layers")) {
      Activation activation =
          Activation.of(layer.get("activation").asText(), Extensions.onClassPath(), name());
      boolean bias = layer.get("bias").asBoolean();
      int inputs = layer.get("inputs").asInt();
      int outputs = layer.get("outputs").asInt();
      layers.add(
          isDense(layer)
              ? new DenseLayer(activation, bias, inputs, outputs)
              : new MixtureLayer(
                  Extensions.onClassPath().of(Family.KIND).get(layer.get("family").asText()),
                  activation,
                  bias,
                  inputs,
                  outputs,
                  layer.get("components").asInt(),
                  layer.get("rank").asInt()));
    }
    return new ModelSpec(layers);
  }

  /**
   * Runs the case.
   *
   * @return the largest error of each result, relative to its largest entry
   */
  Map<String, Double> errors(Backend backend) {
    ModelSpec model = model();
    var objective =
        new Objective(
            Extensions.onClassPath().of(Loss.KIND).get(json.get("loss").asText()),
            json.path("second_moment").asDouble(0),
            json.path("entropy").asDouble(0));
    Trainable trainable = trainable();
    boolean functionals = expected().has("energy");
    double[] features = elements(json.get("input"));
    double[] targets = elements(json.get("target"));
    int batch = json.get("input").size();
    JsonNode expected = expected();
    var errors = new TreeMap<String, Double>();
    Program gradientProgram = TrainingPrograms.gradients(model, objective, trainable, 0, batch);
    Program stepProgram =
        TrainingPrograms.step(model, objective, Wasserstein.of(), trainable, false, 0, batch);
    Gaps.requireNone(backend, gradientProgram);
    Gaps.requireNone(backend, stepProgram);
    try (Workspace workspace = backend.newWorkspace();
        Executable gradients = workspace.compile(gradientProgram);
        Executable step = workspace.compile(stepProgram)) {
      for (int i = 0; i < json.get("layers").size(); i++) {
        int layer = i;
        json.get("layers")
            .get(i)
            .get("parameters")
            .properties()
            .forEach(
                parameter -> {
                  String name = Model.parameterName(layer, parameter.getKey());
                  workspace.write(
                      name,
                      Tensor.of(workspace.read(name).shape(), elements(parameter.getValue())));
                });
      }
      for (Executable executable : List.of(gradients, step)) {
        fill(executable.input(TrainingPrograms.FEATURES), features);
        fill(executable.input(TrainingPrograms.TARGETS), targets);
      }
      step.input(TrainingPrograms.RATE).set(0, json.get("learning_rate").asDouble());
      step.input(TrainingPrograms.STEP).set(0, 1);
      gradients.run();
      errors.put(
          "output", error(expected.get("output"), gradients.output(TrainingPrograms.OUTPUT)));
      errors.put("loss", error(expected.get("loss"), gradients.output(TrainingPrograms.LOSS)));
      if (functionals) {
        errors.put(
            "energy", error(expected.get("energy"), gradients.output(TrainingPrograms.ENERGY)));
      }
      each(
          expected.get("gradients"),
          (name, value) -> {
            String output = TrainingPrograms.gradientName(name);
            errors.put(output, error(value, gradients.output(output)));
          });
      step.run();
      each(
          expected.get("parameters_after_one_wasserstein_step"),
          (name, value) -> errors.put("updated " + name, error(value, workspace.read(name))));
    }
    return errors;
  }

  private static void each(JsonNode layers, BiConsumer<String, JsonNode> consumer) {
    for (int i = 0; i < layers.size(); i++) {
      for (Map.Entry<String, JsonNode> parameter : layers.get(i).properties()) {
        consumer.accept(Model.parameterName(i, parameter.getKey()), parameter.getValue());
      }
    }
  }

  private static void fill(Tensor tensor, double[] elements) {
    if (tensor.shape().size() != elements.length) {
      throw new IllegalStateException(
          "Expected " + tensor.shape() + ", found " + elements.length + " numbers");
    }
    for (int i = 0; i < elements.length; i++) {
      tensor.set(i, elements[i]);
    }
  }

  /** Returns the numbers of nested arrays, row-major. */
  private static double[] elements(JsonNode node) {
    var numbers = new ArrayList<Double>();
    collect(node, numbers);
    return numbers.stream().mapToDouble(Double::doubleValue).toArray();
  }

  private static void collect(JsonNode node, List<Double> numbers) {
    if (node.isArray()) {
      node.forEach(child -> collect(child, numbers));
    } else {
      numbers.add(node.asDouble());
    }
  }

  /** Returns the error relative to the largest entry, absolute if all are 0; NaN if anything is. */
  private static double error(JsonNode expected, Tensor found) {
    double[] numbers = elements(expected);
    if (numbers.length != found.shape().size()) {
      return Double.NaN;
    }
    double largest = 0;
    double error = 0;
    for (int i = 0; i < numbers.length; i++) {
      largest = Math.max(largest, Math.abs(numbers[i]));
      // Math.max propagates NaN.
      error = Math.max(error, Math.abs(numbers[i] - found.get(i)));
    }
    return largest == 0 ? error : error / largest;
  }
}
