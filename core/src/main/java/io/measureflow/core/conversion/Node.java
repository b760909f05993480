package io.measureflow.core.conversion;

import io.measureflow.api.backend.Tensor;
import io.measureflow.api.model.Layer;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * A layer of a model with the values of its parameters.
 *
 * @param layer the layer
 * @param tensors its parameters by their names within the layer; those of a residual block belong
 *     to the layers within it
 * @param body the layers of a residual block; empty for other layers
 * @param shortcut the layers beside them
 */
record Node(
    Layer layer, SequencedMap<String, Tensor> tensors, List<Node> body, List<Node> shortcut) {

  Node {
    tensors = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(tensors));
    body = List.copyOf(body);
    shortcut = List.copyOf(shortcut);
  }

  /** Makes a layer without others in it. */
  static Node of(Layer layer, SequencedMap<String, Tensor> tensors) {
    return new Node(layer, tensors, List.of(), List.of());
  }

  double[] values(String name) {
    return tensor(name).toDoubles();
  }

  Tensor tensor(String name) {
    Tensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new IllegalStateException(
          "Layer " + layer.type() + ": expected a tensor " + name + " among " + tensors.keySet());
    }
    return tensor;
  }

  static List<Layer> layers(List<Node> nodes) {
    return nodes.stream().map(Node::layer).toList();
  }
}
