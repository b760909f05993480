package io.measureflow.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.Executable;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.backend.Workspace;
import io.measureflow.api.model.Loss;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.program.Program;
import io.measureflow.api.registry.Extensions;
import io.measureflow.core.checkpoint.ModelJson;
import io.measureflow.core.flows.Wasserstein;
import io.measureflow.core.training.Objective;
import io.measureflow.core.training.Trainable;
import io.measureflow.core.training.TrainingPrograms;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * A network with its parameters, a batch, and what PyTorch computes in float64: outputs in training
 * and in prediction, loss, gradients in all parameters and in the input, and one step. Made by
 * {@code make_network_cases.py}.
 */
final class NetworkCase {

  private static final String CASES = "networks.json";

  private final JsonNode json;

  private NetworkCase(JsonNode json) {
    this.json = json;
  }

  static List<NetworkCase> all() {
    try (InputStream stream =
        Objects.requireNonNull(NetworkCase.class.getResourceAsStream(CASES), CASES)) {
      var cases = new ArrayList<NetworkCase>();
      new ObjectMapper()
          .readTree(stream)
          .get("cases")
          .forEach(json -> cases.add(new NetworkCase(json)));
      return cases;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String name() {
    return json.get("name").asText();
  }

  private ModelSpec model() {
    return ModelJson.read(json.get("model").toString(), name(), Extensions.onClassPath());
  }

  private Loss loss() {
    JsonNode description = json.get("loss");
    Loss loss = Extensions.onClassPath().of(Loss.KIND).get(description.get("name").asText());
    for (Map.Entry<String, JsonNode> option : description.properties()) {
      if (!option.getKey().equals("name")) {
        List<Double> values = Arrays.stream(numbers(option.getValue())).boxed().toList();
        loss = loss.withOption(option.getKey().replace('_', '-'), values);
      }
    }
    return loss;
  }

  private Trainable trainable() {
    var factors = new HashMap<String, Double>();
    json.get("rate_factors")
        .properties()
        .forEach(factor -> factors.put(factor.getKey(), factor.getValue().asDouble()));
    return Trainable.DEFAULT.withRateFactors(factors);
  }

  /**
   * Runs the case.
   *
   * @return the largest error of each result, relative to its largest entry or to 1
   */
  Map<String, Double> errors(Backend backend) {
    ModelSpec model = model();
    Objective objective = Objective.of(loss());
    Trainable trainable = trainable();
    JsonNode expected = json.get("expected");
    int batch = json.get("features").get("shape").get(0).asInt();
    Program predicting = TrainingPrograms.prediction(model, batch);
    Program differentiating = TrainingPrograms.gradients(model, objective, trainable, 0, batch);
    Program stepping =
        TrainingPrograms.step(model, objective, Wasserstein.of(), trainable, false, 0, batch);
    for (Program program : List.of(predicting, differentiating, stepping)) {
      Gaps.requireNone(backend, program);
    }
    var errors = new TreeMap<String, Double>();
    try (Workspace workspace = backend.newWorkspace();
        Executable prediction = workspace.compile(predicting);
        Executable gradients = workspace.compile(differentiating);
        Executable step = workspace.compile(stepping)) {
      json.get("parameters")
          .properties()
          .forEach(
              named ->
                  workspace.write(
                      named.getKey(),
                      Tensor.of(
                          workspace.read(named.getKey()).shape(),
                          numbers(named.getValue().get("data")))));
      for (Executable executable : List.of(prediction, gradients, step)) {
        fill(executable.input(TrainingPrograms.FEATURES), json.get("features").get("data"));
      }
      for (Executable executable : List.of(gradients, step)) {
        JsonNode targets = json.get("targets");
        fill(
            executable.input(TrainingPrograms.TARGETS),
            targets.isArray() ? targets : targets.get("data"));
      }
      step.input(TrainingPrograms.RATE).set(0, json.get("rate").asDouble());
      step.input(TrainingPrograms.STEP).set(0, 1);
      prediction.run();
      gradients.run();
      compare(
          errors,
          "prediction",
          expected.get("prediction").get("data"),
          prediction.output(TrainingPrograms.OUTPUT));
      compare(
          errors,
          "output",
          expected.get("output").get("data"),
          gradients.output(TrainingPrograms.OUTPUT));
      compare(errors, "loss", expected.get("loss"), gradients.output(TrainingPrograms.LOSS));
      compare(
          errors,
          "input gradient",
          expected.get("input_gradient"),
          gradients.output(TrainingPrograms.gradientName(TrainingPrograms.FEATURES)));
      expected
          .get("gradients")
          .properties()
          .forEach(
              named ->
                  compare(
                      errors,
                      "gradient of " + named.getKey(),
                      named.getValue(),
                      gradients.output(TrainingPrograms.gradientName(named.getKey()))));
      step.run();
      expected
          .get("after")
          .properties()
          .forEach(
              named ->
                  compare(
                      errors,
                      named.getKey() + " after a step",
                      named.getValue(),
                      workspace.read(named.getKey())));
    }
    return errors;
  }

  private static void fill(Tensor tensor, JsonNode data) {
    double[] numbers = numbers(data);
    if (tensor.shape().size() != numbers.length) {
      throw new IllegalStateException(
          "Expected " + tensor.shape() + ", found " + numbers.length + " numbers");
    }
    for (int i = 0; i < numbers.length; i++) {
      tensor.set(i, numbers[i]);
    }
  }

  private static double[] numbers(JsonNode data) {
    if (!data.isArray()) {
      return new double[] {data.asDouble()};
    }
    double[] numbers = new double[data.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = data.get(i).asDouble();
    }
    return numbers;
  }

  private static void compare(
      Map<String, Double> errors, String what, JsonNode expected, Tensor found) {
    double[] numbers = numbers(expected);
    double largest = 1;
    double error = numbers.length == found.shape().size() ? 0 : Double.NaN;
    for (int i = 0; i < numbers.length && error >= 0; i++) {
      largest = Math.max(largest, Math.abs(numbers[i]));
      // Math.max propagates NaN.
      error = Math.max(error, Math.abs(numbers[i] - found.get(i)));
    }
    errors.put(what, error / largest);
  }
}
