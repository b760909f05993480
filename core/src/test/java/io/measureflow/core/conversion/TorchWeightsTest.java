package io.measureflow.core.conversion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.backend.Tensor;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.program.Shape;
import io.measureflow.core.checkpoint.Safetensors;
import io.measureflow.core.measures.Outputs;
import io.measureflow.core.model.Model;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TorchWeightsTest {

  @TempDir Path folder;

  static void assertClose(double[] expected, double[] actual, double tolerance) {
    assertEquals(expected.length, actual.length);
    for (int i = 0; i < expected.length; i++) {
      int at = i;
      assertTrue(
          Math.abs(expected[i] - actual[i]) <= tolerance,
          () -> "output " + at + ": expected " + expected[at] + ", found " + actual[at]);
    }
  }

  @Test
  void theOutputsAreThoseOfPyTorch() {
    assertClose(
        TorchNetwork.example("output"),
        Outputs.of(TorchNetwork.model(), TorchNetwork.example("input")),
        1e-5);
  }

  @Test
  void orderByNumbersAloneIsInferred() {
    ModelSpec spec =
        TorchNetwork.spec(
            """
            {"layers": [
            {"type": "dense", "inputs": 2, "outputs": 2, "bias": true, "activation": "relu"},
            {"type": "dense", "inputs": 2, "outputs": 2, "bias": true, "activation": "relu"},
            {"type": "dense", "inputs": 2, "outputs": 3, "bias": false, "activation": "identity"}]}
            """);
    var tensors = new LinkedHashMap<String, Tensor>();
    // Sorted by name, as a file is: 10 stands before 2.
    tensors.put("net.10.bias", Tensor.of(Shape.of(2), new double[] {3, 4}));
    tensors.put("net.10.weight", Tensor.of(Shape.of(2, 2), new double[] {5, 6, 7, 8}));
    tensors.put("net.2.bias", Tensor.of(Shape.of(2), new double[] {1, 2}));
    tensors.put("net.2.weight", Tensor.of(Shape.of(2, 2), new double[] {1, 2, 3, 4}));
    tensors.put("out.weight", Tensor.of(Shape.of(3, 2), new double[6]));
    var weights = new TorchWeights("test", tensors);
    TensorMapping mapping = new MappingInference(spec, weights).infer();
    assertEquals(
        Map.of(
            "layers.0.weight", "net.2.weight",
            "layers.0.bias", "net.2.bias",
            "layers.1.weight", "net.10.weight",
            "layers.1.bias", "net.10.bias",
            "layers.2.weight", "out.weight"),
        Map.copyOf(mapping.names()));
    Model model = weights.model(spec, mapping);
    assertEquals(7, model.parameter("layers.1.weight").get(2));
  }

  @Test
  void anAmbiguousOrderIsRefusedAndDrafted() {
    var inference = new MappingInference(TorchNetwork.spec(), TorchNetwork.weights());
    assertRefused("bn1 and layer1.0.bn1", inference::infer);
    String draft = inference.draft();
    // The guess is right here: names in alphabetical order are in that of the layers.
    assertTrue(draft.contains("layers.3.layers.3 = layer1.0.conv2\n"), draft);
    assertTrue(draft.contains("layers.1 = bn1  # check: one of [bn1, layer1.0.bn1"), draft);
    ModelSpec spec = TorchNetwork.spec();
    Model model = TorchNetwork.weights().model(spec, TensorMapping.parse(draft, "draft", spec));
    assertClose(
        TorchNetwork.example("output"), Outputs.of(model, TorchNetwork.example("input")), 1e-5);
  }

  @Test
  void layersAndModulesWithoutAPartnerAreNamed() {
    TorchWeights weights = TorchWeights.read(TorchNetwork.FILE);
    var whole = new MappingInference(TorchNetwork.spec(), weights);
    assertTrue(whole.draft().contains("# ignore = example  # tensors {input="), whole.draft());
    var tensors = new LinkedHashMap<>(TorchNetwork.weights().tensors());
    tensors.remove("fc.bias");
    var without = new MappingInference(TorchNetwork.spec(), new TorchWeights("test", tensors));
    assertRefused("for each of [layers.8], found none", without::infer);
    assertTrue(without.draft().contains("# layers.8 = ?  # tensors {bias=[5], weight=[5, 6]}"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "layers.8.weight = fc.weight | layers.8.weight = conv1.weight | tensor conv1.weight:"
            + " expected shape [5, 6] of layers.8.weight, found shape [4, 3, 3, 3]",
        "layers.8.weight = fc.weight | layers.8.weight = fc.wait | layers.8.weight = fc.wait:"
            + " expected a tensor of",
        "layers.8.weight = fc.weight | '' | expected a tensor for layers.8.weight of shape [5, 6],"
            + " found none. Write a line \"layers.8.weight = NAME\" with one of [fc.weight]",
        "ignore = example | '' | tensor example.input: expected a parameter of the model for each"
            + " tensor, found none for it and 1 others",
        "layers.1 = bn1 | layers.1 = bn1 = bn2 | line 3: expected OURS = THEIRS, found 'layers.1 ="
            + " bn1 = bn2'",
        "layers.1 = bn1 | layers.2 = bn1 | line 3: expected a layer with parameters, [layers.0,",
        "layers.1 = bn1 | layers.0 = bn1 | line 3: expected one line for layers.0, found a second",
      })
  void wrongMappingsAreRefused(String line, String other, String message) {
    ModelSpec spec = TorchNetwork.spec();
    String text = TorchNetwork.MAPPING.replace(line, other);
    assertRefused(
        message,
        () ->
            TorchWeights.read(TorchNetwork.FILE)
                .model(spec, TensorMapping.parse(text, "mapping", spec)));
  }

  @Test
  void halfPrecisionIsWidenedAndCountersAreLeftOut() throws IOException {
    String header =
        """
        {"0.num_batches_tracked":{"dtype":"I64","shape":[],"data_offsets":[0,8]},\
        "0.weight":{"dtype":"F16","shape":[1,2],"data_offsets":[8,12]},\
        "1.weight":{"dtype":"BF16","shape":[1,1],"data_offsets":[12,14]}}\
        """;
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(8 + text.length + 14).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(text.length).put(text).putLong(7);
    bytes.putShort(Float.floatToFloat16(0.5f)).putShort(Float.floatToFloat16(-3));
    bytes.putShort((short) (Float.floatToIntBits(1.5f) >>> 16));
    Path file = Files.write(folder.resolve("half.safetensors"), bytes.array());
    TorchWeights weights = TorchWeights.read(file);
    assertEquals(List.of("0.weight", "1.weight"), List.copyOf(weights.tensors().keySet()));
    ModelSpec spec =
        TorchNetwork.spec(
            """
            {"layers": [
            {"type": "dense", "inputs": 2, "outputs": 1, "bias": false, "activation": "relu"},
            {"type": "dense", "inputs": 1, "outputs": 1, "bias": false, "activation": "identity"}]}
            """);
    Model model = weights.model(spec, new MappingInference(spec, weights).infer());
    assertClose(new double[] {1.5 * 3.5, 0}, Outputs.of(model, new double[] {1, -1, 0, 1}), 0);
  }

  @Test
  void numbersThatAreNotFiniteAreRefused() {
    Path file = folder.resolve("nan.safetensors");
    var tensors = new LinkedHashMap<String, Tensor>();
    tensors.put("a", Tensor.of(Shape.of(2), new float[] {1, Float.NaN}));
    Safetensors.write(file, tensors, new LinkedHashMap<>());
    assertRefused(
        "tensor a: expected finite numbers, found NaN at index 1", () -> TorchWeights.read(file));
  }

  static void assertRefused(String message, Runnable action) {
    var error = assertThrows(InvalidRequestException.class, action::run);
    assertTrue(String.valueOf(error.getMessage()).contains(message), error.getMessage());
  }
}
