package io.measureflow.simd.image;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.BackendProvider;
import io.measureflow.api.backend.BackendSettings;
import io.measureflow.api.backend.Executable;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.backend.Workspace;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.program.Program;
import io.measureflow.api.program.SpatialOp;
import io.measureflow.api.registry.Extensions;
import io.measureflow.core.checkpoint.ModelJson;
import io.measureflow.core.losses.Losses;
import io.measureflow.core.model.Initialization;
import io.measureflow.core.reference.ReferenceBackendProvider;
import io.measureflow.core.training.Objective;
import io.measureflow.core.training.Trainable;
import io.measureflow.core.training.TrainingPrograms;
import io.measureflow.lowering.Lowering;
import io.measureflow.lowering.Step;
import io.measureflow.simd.SimdBackendProvider;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Networks on images of many sizes, against the reference backend. */
class ConvolutionTest {

  private static final double TOLERANCE = 2e-5;

  /** Threads of simd, or this for the reference backend. */
  private static final int REFERENCE = 0;

  private record Case(String name, String model, int batch) {}

  private static Case gm(
      String family,
      int rank,
      int channels,
      int height,
      int width,
      int components,
      int outputs,
      int[] kernel,
      int[] stride,
      int[] padding,
      int batch) {
    String first =
        """
        {"type": "gm-conv", "family": "%s", "activation": "relu", "bias": %s, "inputs": %d,
         "outputs": %d, "components": %d, %s
         "kernel": [%d, %d], "stride": [%d, %d], "padding": [%d, %d]}
        """
            .formatted(
                family,
                kernel[0] % 2 == 1,
                channels,
                outputs,
                components,
                rank > 0 ? "\"rank\": " + rank + "," : "",
                kernel[0],
                kernel[1],
                stride[0],
                stride[1],
                padding[0],
                padding[1]);
    return new Case(
        family + " " + channels + "x" + height + "x" + width + " batch " + batch,
        """
        {"input": [%d, %d, %d], "layers": [%s,
          {"type": "batch-norm", "features": %d},
          {"type": "activation", "activation": "tanh"},
          {"type": "%s", "kernel": [2, 3], "stride": [2, 2], "padding": [1, 0]},
          {"type": "conv", "activation": "relu", "bias": true, "inputs": %d, "outputs": 3,
           "kernel": [3, 3], "stride": [2, 1], "padding": [1, 1]},
          {"type": "global-average-pool"},
          {"type": "dense", "activation": "identity", "bias": true, "inputs": 3, "outputs": 4}]}
        """
            .formatted(
                channels,
                height,
                width,
                first,
                outputs,
                batch % 2 == 0 ? "max-pool" : "average-pool",
                outputs),
        batch);
  }

  private static Stream<Case> cases() {
    return Stream.of(
        gm("diagonal", 0, 1, 28, 28, 32, 16, sizes(5, 5), sizes(1, 1), sizes(2, 2), 6),
        gm("diagonal", 0, 16, 14, 14, 64, 32, sizes(5, 5), sizes(1, 1), sizes(2, 2), 5),
        gm("isotropic", 0, 3, 9, 11, 7, 5, sizes(3, 5), sizes(2, 1), sizes(1, 2), 4),
        gm("factored", 2, 2, 10, 7, 9, 6, sizes(3, 3), sizes(1, 2), sizes(0, 1), 7),
        gm("dirac", 0, 5, 8, 8, 70, 9, sizes(2, 4), sizes(1, 1), sizes(0, 0), 33),
        gm("diagonal", 0, 70, 8, 8, 20, 8, sizes(3, 3), sizes(1, 1), sizes(1, 1), 2),
        gm("diagonal", 0, 2, 40, 37, 4, 3, sizes(1, 1), sizes(3, 2), sizes(0, 0), 18),
        gm("diagonal", 0, 3, 7, 9, 5, 17, sizes(3, 3), sizes(2, 2), sizes(1, 1), 37),
        new Case("residual, long channels", RESIDUAL, 24));
  }

  /** Channels of 24 images of 20x20 are rows that are computed part by part. */
  private static final String RESIDUAL =
      """
      {"input": [2, 20, 20], "layers": [
        {"type": "conv", "activation": "identity", "bias": false, "inputs": 2, "outputs": 14,
         "kernel": [3, 3], "stride": [1, 1], "padding": [1, 1]},
        {"type": "batch-norm", "features": 14},
        {"type": "activation", "activation": "relu"},
        {"type": "residual", "layers": [
          {"type": "conv", "activation": "identity", "bias": false, "inputs": 14, "outputs": 14,
           "kernel": [3, 3], "stride": [1, 1], "padding": [1, 1]},
          {"type": "batch-norm", "features": 14},
          {"type": "activation", "activation": "relu"},
          {"type": "conv", "activation": "relu", "bias": true, "inputs": 14, "outputs": 14,
           "kernel": [1, 1], "stride": [1, 1], "padding": [0, 0]},
          {"type": "batch-norm", "features": 14}]},
        {"type": "activation", "activation": "relu"},
        {"type": "dropout", "rate": 0.25},
        {"type": "max-pool", "kernel": [3, 3], "stride": [2, 2], "padding": [1, 1]},
        {"type": "conv", "activation": "relu", "bias": true, "inputs": 14, "outputs": 14,
         "kernel": [3, 3], "stride": [1, 1], "padding": [1, 1]},
        {"type": "flatten"},
        {"type": "dense", "activation": "relu", "bias": true, "inputs": 1400, "outputs": 20},
        {"type": "dense", "activation": "identity", "bias": true, "inputs": 20, "outputs": 4}]}
      """;

  private static int[] sizes(int height, int width) {
    return new int[] {height, width};
  }

  /** What follows a pool of the whole image, or draws in between, does not end the order. */
  @Test
  void noNetworkWritesItsWindows() {
    String measure =
        RESIDUAL.replace(
            "{\"type\": \"flatten\"},",
            """
            {"type": "global-average-pool"},
            {"type": "gm", "family": "diagonal", "activation": "relu", "bias": true,
             "inputs": 14, "outputs": 1400, "components": 5},
            """);
    for (String json : List.of(RESIDUAL, measure)) {
      ModelSpec model = ModelJson.read(json, "model", Extensions.onClassPath());
      Program program =
          TrainingPrograms.gradients(
              model, Objective.of(Losses.SOFTMAX_CROSS_ENTROPY), Trainable.DEFAULT, 1, 24);
      assertEquals(
          List.of(),
          Lowering.lower(program, Map.of()).steps().stream()
              .filter(Step.Whole.class::isInstance)
              .map(step -> ((Step.Whole) step).instruction().op())
              .filter(SpatialOp.class::isInstance)
              .toList());
    }
  }

  @TestFactory
  Stream<DynamicTest> followTheReference() {
    return cases().map(c -> DynamicTest.dynamicTest(c.name(), () -> check(c)));
  }

  private static void check(Case c) {
    Map<String, double[]> expected = results(c, REFERENCE);
    Map<String, double[]> found = results(c, 1);
    expected.forEach(
        (name, numbers) -> {
          double[] other = requireNonNull(found.get(name));
          double largest = 1;
          for (double number : numbers) {
            largest = Math.max(largest, Math.abs(number));
          }
          for (int i = 0; i < numbers.length; i++) {
            if (!(Math.abs(numbers[i] - other[i]) <= TOLERANCE * largest)) {
              fail(name + ", element " + i + ": expected " + numbers[i] + ", found " + other[i]);
            }
          }
        });
    for (int threads = 2; threads <= 3; threads++) {
      Map<String, double[]> shared = results(c, threads);
      for (Map.Entry<String, double[]> entry : found.entrySet()) {
        double[] other = requireNonNull(shared.get(entry.getKey()));
        for (int i = 0; i < other.length; i++) {
          assertEquals(entry.getValue()[i], other[i], entry.getKey() + " with " + threads);
        }
      }
    }
  }

  private static Map<String, double[]> results(Case c, int threads) {
    ModelSpec model = ModelJson.read(c.model(), c.name(), Extensions.onClassPath());
    Program program =
        TrainingPrograms.gradients(
            model, Objective.of(Losses.SOFTMAX_CROSS_ENTROPY), Trainable.DEFAULT, 1, c.batch());
    boolean reference = threads == REFERENCE;
    BackendProvider provider =
        reference ? new ReferenceBackendProvider() : new SimdBackendProvider();
    var settings =
        BackendSettings.of(Math.max(1, threads), reference ? Precision.FLOAT64 : Precision.FLOAT32);
    var results = new LinkedHashMap<String, double[]>();
    try (Backend backend = provider.open(settings);
        Workspace workspace = backend.newWorkspace();
        Executable executable = workspace.compile(program)) {
      Initialization.parameters(model, 3, Precision.FLOAT32).forEach(workspace::write);
      var random = new SplittableRandom(5);
      Tensor features = executable.input(TrainingPrograms.FEATURES);
      for (int i = 0; i < features.shape().size(); i++) {
        features.set(i, (float) random.nextGaussian());
      }
      Tensor targets = executable.input(TrainingPrograms.TARGETS);
      for (int i = 0; i < c.batch(); i++) {
        targets.set(i, i % 4);
      }
      // The second run finds the memory of the first.
      executable.run();
      executable.run();
      program
          .outputs()
          .forEach((output, value) -> results.put(output, executable.output(output).toDoubles()));
    }
    return results;
  }
}
