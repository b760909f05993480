package io.measureflow.core.conversion;

import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.model.Layer;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.program.Shape;
import io.measureflow.core.layers.ResidualLayer;
import io.measureflow.core.model.Model;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/** Rewrites the lists of layers of a model: the stack, and those within residual blocks. */
final class Rewriting {

  private static final String LAYERS = "layers";
  private static final String SHORTCUT = "shortcut";

  private Rewriting() {}

  /** Replaces a list of layers by another one of the same function. */
  @FunctionalInterface
  interface Pass {

    /**
     * Returns the list that replaces another one.
     *
     * @param input the shape of a sample that the first layer takes
     */
    List<Node> apply(Shape input, List<Node> nodes);
  }

  /**
   * Applies a pass to all lists of layers, inner ones first. Parameters keep the element type of
   * the model.
   *
   * @param where the name of the new model, for messages
   */
  static Model of(Model model, Pass pass, String where) {
    ModelSpec spec = model.spec();
    List<Node> nodes = rewrite(spec.input(), read(LAYERS, spec.layers(), model), pass);
    var tensors = new LinkedHashMap<String, Tensor>();
    write(LAYERS, nodes, type(model), tensors);
    return Model.of(new ModelSpec(spec.input(), Node.layers(nodes)), tensors, where);
  }

  private static ElementType type(Model model) {
    return model.parameters().values().stream()
            .allMatch(tensor -> tensor.type() == ElementType.FLOAT32)
        ? ElementType.FLOAT32
        : ElementType.FLOAT64;
  }

  private static List<Node> read(String prefix, List<Layer> layers, Model model) {
    var nodes = new ArrayList<Node>();
    for (int i = 0; i < layers.size(); i++) {
      String path = prefix + "." + i;
      if (layers.get(i) instanceof ResidualLayer(List<Layer> body, List<Layer> shortcut)) {
        nodes.add(
            new Node(
                layers.get(i),
                new LinkedHashMap<>(),
                read(path + "." + LAYERS, body, model),
                read(path + "." + SHORTCUT, shortcut, model)));
      } else {
        var own = new LinkedHashMap<String, Tensor>();
        for (Map.Entry<String, Tensor> tensor : model.parameters().entrySet()) {
          if (tensor.getKey().startsWith(path + ".")) {
            own.put(tensor.getKey().substring(path.length() + 1), tensor.getValue());
          }
        }
        nodes.add(Node.of(layers.get(i), own));
      }
    }
    return nodes;
  }

  private static List<Node> rewrite(Shape input, List<Node> nodes, Pass pass) {
    var changed = new ArrayList<Node>();
    Shape shape = input;
    for (Node node : nodes) {
      if (node.body().isEmpty()) {
        changed.add(node);
      } else {
        List<Node> body = rewrite(shape, node.body(), pass);
        List<Node> shortcut = rewrite(shape, node.shortcut(), pass);
        changed.add(
            new Node(
                new ResidualLayer(Node.layers(body), Node.layers(shortcut)),
                node.tensors(),
                body,
                shortcut));
      }
      shape = node.layer().outputShape(shape);
    }
    return pass.apply(input, changed);
  }

  private static void write(
      String prefix, List<Node> nodes, ElementType type, SequencedMap<String, Tensor> into) {
    for (int i = 0; i < nodes.size(); i++) {
      Node node = nodes.get(i);
      String path = prefix + "." + i;
      node.tensors()
          .forEach((name, tensor) -> into.put(Model.parameterName(path, name), tensor.to(type)));
      write(path + "." + LAYERS, node.body(), type, into);
      write(path + "." + SHORTCUT, node.shortcut(), type, into);
    }
  }
}
