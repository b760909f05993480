package io.measureflow.core.conversion;

import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.registry.Extensions;
import io.measureflow.core.checkpoint.ModelJson;
import io.measureflow.core.checkpoint.Safetensors;
import io.measureflow.core.model.Model;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Objects;

/** The residual network that make_torch_network.py writes, with what PyTorch puts out for it. */
final class TorchNetwork {

  static final Path FILE = file();

  static final String BLOCK =
      """
      {"type": "conv", "inputs": %1$d, "outputs": %2$d, "kernel": [3, 3], "stride": [%3$d, %3$d],
       "padding": [1, 1], "bias": false, "activation": "identity"},
      {"type": "batch-norm", "features": %2$d},
      {"type": "activation", "activation": "relu"},
      {"type": "conv", "inputs": %2$d, "outputs": %2$d, "kernel": [3, 3], "stride": [1, 1],
       "padding": [1, 1], "bias": false, "activation": "identity"},
      {"type": "batch-norm", "features": %2$d}
      """;

  static final String DESCRIPTION =
      """
      {"input": [3, 8, 8], "layers": [
      {"type": "conv", "inputs": 3, "outputs": 4, "kernel": [3, 3], "stride": [1, 1],
       "padding": [1, 1], "bias": false, "activation": "identity"},
      {"type": "batch-norm", "features": 4},
      {"type": "activation", "activation": "relu"},
      {"type": "residual", "layers": [%s]},
      {"type": "activation", "activation": "relu"},
      {"type": "residual", "layers": [%s], "shortcut": [
      {"type": "conv", "inputs": 4, "outputs": 6, "kernel": [1, 1], "stride": [2, 2],
       "padding": [0, 0], "bias": false, "activation": "identity"},
      {"type": "batch-norm", "features": 6}]},
      {"type": "activation", "activation": "relu"},
      {"type": "global-average-pool"},
      {"type": "dense", "inputs": 6, "outputs": 5, "activation": "identity", "bias": true}]}
      """
          .formatted(BLOCK.formatted(4, 4, 1), BLOCK.formatted(4, 6, 2));

  static final String MAPPING =
      """
      # What PyTorch calls the layers.
      layers.0 = conv1
      layers.1 = bn1
      layers.3.layers.0 = layer1.0.conv1
      layers.3.layers.1 = layer1.0.bn1
      layers.3.layers.3 = layer1.0.conv2
      layers.3.layers.4 = layer1.0.bn2
      layers.5.layers.0 = layer2.0.conv1
      layers.5.layers.1 = layer2.0.bn1
      layers.5.layers.3 = layer2.0.conv2
      layers.5.layers.4 = layer2.0.bn2
      layers.5.shortcut.0 = layer2.0.shortcut.0
      layers.5.shortcut.1 = layer2.0.shortcut.1
      layers.8.weight = fc.weight
      layers.8.bias = fc.bias
      ignore = example  # input and output
      """;

  private TorchNetwork() {}

  private static Path file() {
    try {
      return Path.of(
          Objects.requireNonNull(TorchNetwork.class.getResource("torch-network.safetensors"))
              .toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  static ModelSpec spec() {
    return spec(DESCRIPTION);
  }

  static ModelSpec spec(String description) {
    return ModelJson.read(description, "test", Extensions.onClassPath());
  }

  /** Returns the weights without the example. */
  static TorchWeights weights() {
    TorchWeights read = TorchWeights.read(FILE);
    var tensors = new LinkedHashMap<>(read.tensors());
    tensors.keySet().removeIf(name -> name.startsWith("example."));
    return new TorchWeights(read.file(), tensors);
  }

  static Model model() {
    ModelSpec spec = spec();
    return TorchWeights.read(FILE).model(spec, TensorMapping.parse(MAPPING, "mapping", spec));
  }

  static double[] example(String name) {
    return Objects.requireNonNull(
            Safetensors.read(FILE, tensor -> tensor.equals("example." + name))
                .tensors()
                .get("example." + name))
        .toDoubles();
  }
}
