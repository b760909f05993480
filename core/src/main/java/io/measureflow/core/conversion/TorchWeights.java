package io.measureflow.core.conversion;

import io.measureflow.api.backend.Tensor;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.measure.ParameterSpec;
import io.measureflow.api.model.Layer;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.program.Shape;
import io.measureflow.core.checkpoint.Safetensors;
import io.measureflow.core.model.Model;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * The state_dict of a PyTorch module in a safetensors file. Tensors have the layout of PyTorch,
 * which is that of the layers here: a convolution [O, I, kh, kw], a linear layer [out, in]. F16 and
 * BF16 are widened to FLOAT32. {@code num_batches_tracked}, which no prediction needs, is left out.
 *
 * @param file where it is from, for messages
 * @param tensors the tensors by name
 */
public record TorchWeights(String file, SequencedMap<String, Tensor> tensors) {

  private static final String COUNTER = "num_batches_tracked";

  /** The names in torch.nn.MultiheadAttention; all other layers have the same names here. */
  private static final Map<String, String> ATTENTION =
      Map.of(
          "in_weight", "in_proj_weight",
          "in_bias", "in_proj_bias",
          "out_weight", "out_proj.weight",
          "out_bias", "out_proj.bias");

  /**
   * Reads a file.
   *
   * @throws InvalidRequestException if there is no such file, it is malformed, or a number is not
   *     finite
   */
  public static TorchWeights read(Path file) {
    SequencedMap<String, Tensor> tensors =
        Safetensors.read(file, name -> !name.equals(COUNTER) && !name.endsWith("." + COUNTER))
            .tensors();
    tensors.forEach((name, tensor) -> requireFinite(file + ", tensor " + name, tensor));
    return new TorchWeights(file.toString(), tensors);
  }

  private static void requireFinite(String where, Tensor tensor) {
    for (int i = 0; i < tensor.shape().size(); i++) {
      if (!(Math.abs(tensor.get(i)) < Double.POSITIVE_INFINITY)) {
        throw InvalidRequestException.of(
            where,
            "finite numbers",
            tensor.get(i) + " at index " + i,
            "The network is unusable; save an earlier state.");
      }
    }
  }

  /** Returns the name of a parameter of a layer within its PyTorch module. */
  static String torchName(Layer layer, String name) {
    return layer.type().equals("attention") ? ATTENTION.getOrDefault(name, name) : name;
  }

  /**
   * Makes the model with these weights.
   *
   * @param spec the layers
   * @param mapping which tensor of the file is which parameter
   * @throws InvalidRequestException if the mapping leaves out a parameter, or a tensor of the file
   *     that it does not ignore, or a shape differs
   */
  public Model model(ModelSpec spec, TensorMapping mapping) {
    var found = new LinkedHashMap<String, Tensor>();
    for (Map.Entry<String, Layer> layer : spec.byPath().entrySet()) {
      for (ParameterSpec parameter : layer.getValue().parameters()) {
        String ours = Model.parameterName(layer.getKey(), parameter.name());
        String theirs = mapping.names().get(ours);
        if (theirs == null) {
          throw InvalidRequestException.of(
              mapping.where(),
              "a tensor for " + ours + " of shape " + parameter.shape(),
              "none",
              "Write a line \"" + ours + " = NAME\" with one of " + unused(mapping) + ".");
        }
        found.put(ours, tensor(mapping, ours, theirs, parameter.shape()));
      }
    }
    List<String> unused = unused(mapping);
    if (!unused.isEmpty()) {
      throw InvalidRequestException.of(
          file + ", tensor " + unused.getFirst(),
          "a parameter of the model for each tensor",
          "none for it"
              + (unused.size() > 1 ? " and " + (unused.size() - 1) + " others, " + unused : ""),
          "Describe its layer in the model, as with bias = true, or write a line \"ignore = "
              + unused.getFirst()
              + "\" into the mapping.");
    }
    return Model.of(spec, found, file);
  }

  private Tensor tensor(TensorMapping mapping, String ours, String theirs, Shape expected) {
    Tensor tensor = tensors.get(theirs);
    if (tensor == null) {
      throw InvalidRequestException.of(
          mapping.where() + ", " + ours + " = " + theirs,
          "a tensor of " + file,
          "no such one among " + tensors.keySet(),
          "Correct the name.");
    }
    if (!withoutLeadingOnes(tensor.shape()).equals(withoutLeadingOnes(expected))) {
      throw InvalidRequestException.of(
          file + ", tensor " + theirs,
          "shape " + expected + " of " + ours,
          "shape " + tensor.shape(),
          "Correct the layer in the model, or the line \"" + ours + " = " + theirs + "\".");
    }
    return new Tensor(expected, tensor.type(), tensor.memory());
  }

  private static List<Integer> withoutLeadingOnes(Shape shape) {
    return shape.dimensions().stream().dropWhile(size -> size == 1).toList();
  }

  private List<String> unused(TensorMapping mapping) {
    return tensors.keySet().stream()
        .filter(name -> !mapping.names().containsValue(name) && !mapping.ignores(name))
        .toList();
  }
}
