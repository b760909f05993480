package io.measureflow.core.conversion;

import static io.measureflow.core.conversion.TorchWeightsTest.assertClose;
import static io.measureflow.core.conversion.TorchWeightsTest.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.measure.Family;
import io.measureflow.api.model.Layer;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.core.families.Families;
import io.measureflow.core.measures.Outputs;
import io.measureflow.core.model.Initialization;
import io.measureflow.core.model.Model;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class NetworkLiftingTest {

  /** A model with random numbers everywhere, running statistics among them. */
  static Model random(String description) {
    ModelSpec spec = TorchNetwork.spec(description);
    var parameters = new LinkedHashMap<String, Tensor>();
    var random = new SplittableRandom(3);
    Initialization.parameters(spec, 1, Precision.FLOAT64)
        .forEach(
            (name, tensor) -> {
              for (int i = 0; i < tensor.shape().size(); i++) {
                tensor.set(
                    i,
                    name.endsWith("running_var")
                        ? random.nextDouble(0.5, 2)
                        : random.nextGaussian());
              }
              parameters.put(name, tensor);
            });
    return Model.of(spec, parameters, "test");
  }

  static double[] rows(Model model, int count) {
    var random = new SplittableRandom(4);
    return random.doubles(count * (long) model.spec().inputs(), -2, 2).toArray();
  }

  static List<String> types(Model model) {
    return model.spec().byPath().values().stream().map(Layer::type).toList();
  }

  static Stream<Family> families() {
    return Stream.of(Families.DIRAC, Families.ISOTROPIC, Families.DIAGONAL);
  }

  @ParameterizedTest
  @MethodSource("families")
  void withoutSpreadTheOutputsAreThoseOfPyTorch(Family family) {
    Model lifted = new NetworkLifting(family, 0).lift(TorchNetwork.model());
    assertEquals(
        List.of(
            "gm-conv",
            "residual",
            "gm-conv",
            "conv",
            "activation",
            "residual",
            "gm-conv",
            "conv",
            "conv",
            "activation",
            "global-average-pool",
            "dense"),
        types(lifted));
    lifted
        .parameters()
        .forEach((name, tensor) -> assertEquals(ElementType.FLOAT32, tensor.type(), name));
    assertClose(
        TorchNetwork.example("output"), Outputs.of(lifted, TorchNetwork.example("input")), 1e-5);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // The second layer, with its bias, is the outputs of the first.
        """
        {"layers": [
        {"type": "dense", "inputs": 3, "outputs": 7, "bias": true, "activation": "relu"},
        {"type": "dense", "inputs": 7, "outputs": 2, "bias": true, "activation": "identity"}]}
        """,
        // The bias of a layer of neurons without bias, and an activation that is not 1 at 1.
        """
        {"layers": [
        {"type": "dense", "inputs": 3, "outputs": 7, "bias": false, "activation": "gelu"},
        {"type": "dense", "inputs": 7, "outputs": 2, "bias": true, "activation": "identity"}]}
        """,
        """
        {"layers": [
        {"type": "dense", "inputs": 3, "outputs": 7, "bias": true, "activation": "identity"},
        {"type": "batch-norm", "features": 7},
        {"type": "activation", "activation": "tanh"},
        {"type": "dense", "inputs": 7, "outputs": 2, "bias": false, "activation": "identity"}]}
        """,
        // A pointwise convolution with a stride.
        """
        {"input": [2, 7, 6], "layers": [
        {"type": "conv", "inputs": 2, "outputs": 5, "kernel": [3, 2], "stride": [2, 1],
         "padding": [1, 0], "bias": true, "activation": "relu"},
        {"type": "conv", "inputs": 5, "outputs": 3, "kernel": [1, 1], "stride": [1, 2],
         "padding": [0, 0], "bias": true, "activation": "identity"},
        {"type": "batch-norm", "features": 3}]}
        """,
        // Tokens.
        """
        {"input": [4, 3], "layers": [
        {"type": "residual", "layers": [
        {"type": "dense", "inputs": 3, "outputs": 7, "bias": true, "activation": "relu"},
        {"type": "dense", "inputs": 7, "outputs": 3, "bias": true, "activation": "identity"}]}]}
        """
      })
  void aPairOfLayersBecomesOneMeasure(String description) {
    Model model = random(description);
    Model lifted = new NetworkLifting(Families.ISOTROPIC, 0).lift(model);
    assertEquals(1, types(lifted).stream().filter(type -> !type.equals("residual")).count());
    double[] rows = rows(model, 5);
    assertClose(Outputs.of(model, rows), Outputs.of(lifted, rows), 1e-11);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // The second has an activation of its own, or sees more than one place, or a border.
        """
        {"layers": [
        {"type": "dense", "inputs": 3, "outputs": 4, "bias": true, "activation": "relu"},
        {"type": "dense", "inputs": 4, "outputs": 4, "bias": true, "activation": "relu"}]}
        """,
        """
        {"input": [2, 5, 5], "layers": [
        {"type": "conv", "inputs": 2, "outputs": 3, "kernel": [3, 3], "stride": [1, 1],
         "padding": [0, 0], "bias": false, "activation": "relu"},
        {"type": "conv", "inputs": 3, "outputs": 2, "kernel": [2, 1], "stride": [1, 1],
         "padding": [0, 0], "bias": true, "activation": "identity"}]}
        """,
        """
        {"input": [2, 5, 5], "layers": [
        {"type": "conv", "inputs": 2, "outputs": 3, "kernel": [3, 3], "stride": [1, 1],
         "padding": [0, 0], "bias": true, "activation": "relu"},
        {"type": "conv", "inputs": 3, "outputs": 2, "kernel": [1, 1], "stride": [1, 1],
         "padding": [1, 1], "bias": true, "activation": "identity"}]}
        """,
        // A norm in front of a convolution, and one on the channels of what a dense layer gives for
        // lines of images, stay.
        """
        {"input": [2, 5, 3], "layers": [
        {"type": "batch-norm", "features": 2},
        {"type": "dense", "inputs": 3, "outputs": 2, "bias": true, "activation": "identity"},
        {"type": "batch-norm", "features": 2},
        {"type": "conv", "inputs": 2, "outputs": 3, "kernel": [3, 1], "stride": [1, 1],
         "padding": [1, 0], "bias": true, "activation": "relu"}]}
        """
      })
  void otherLayersStayAndNeuronsPutOutThemselves(String description) {
    Model model = random(description);
    Model lifted = new NetworkLifting(Families.DIRAC, 0).lift(model);
    assertEquals(types(model).size(), types(lifted).size());
    double[] rows = rows(model, 5);
    assertClose(Outputs.of(model, rows), Outputs.of(lifted, rows), 1e-11);
  }

  @Test
  void theSpreadIsRelativeToTheNeuron() {
    Model model =
        random(
            """
            {"layers": [
            {"type": "dense", "inputs": 2, "outputs": 2, "bias": true, "activation": "relu"},
            {"type": "dense", "inputs": 2, "outputs": 1, "bias": true, "activation": "identity"}]}
            """);
    Tensor weight = model.parameter("layers.0.weight");
    Tensor bias = model.parameter("layers.0.bias");
    double first =
        Math.sqrt(
            (Math.pow(weight.get(0), 2) + Math.pow(weight.get(1), 2) + Math.pow(bias.get(0), 2))
                / 3);
    Tensor std =
        new NetworkLifting(Families.DIAGONAL, 0.1).lift(model).parameter("layers.0.in_std");
    assertEquals(9, std.shape().size());
    for (int j = 0; j < 3; j++) {
      assertEquals(0.1 * first, std.get(j), 1e-15);
      // The neuron of the bias stays constant.
      assertEquals(0, std.get(6 + j));
    }
    Tensor one =
        new NetworkLifting(Families.ISOTROPIC, 0.1).lift(model).parameter("layers.0.in_std");
    assertEquals(0.1 * first, one.get(0), 1e-15);
  }

  @Test
  void whatCannotBeLiftedIsRefused() {
    Model linear =
        random(
            """
            {"layers": [
            {"type": "dense", "inputs": 2, "outputs": 2, "bias": true, "activation": "identity"}]}
            """);
    assertRefused(
        "expected a dense layer or a convolution with an activation",
        () -> new NetworkLifting(Families.DIRAC, 0).lift(linear));
    assertRefused("found factored", () -> new NetworkLifting(Families.FACTORED, 0));
    assertRefused("expected 0 for family dirac", () -> new NetworkLifting(Families.DIRAC, 0.1));
    assertRefused("found NaN", () -> new NetworkLifting(Families.ISOTROPIC, Double.NaN));
  }
}
