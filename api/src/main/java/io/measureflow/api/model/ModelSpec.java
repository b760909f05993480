package io.measureflow.api.model;

import io.measureflow.api.program.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * A stack of layers in the order of application, and the shape of a sample that it takes.
 *
 * @param input the shape of a sample: [d], [T, d] or [C, H, W]
 * @param layers at least one; each takes the shape that the one before it gives
 */
public record ModelSpec(Shape input, List<Layer> layers) {

  /**
   * @throws IllegalArgumentException if there is no layer, or one does not take the shape that it
   *     is given
   */
  public ModelSpec {
    layers = List.copyOf(layers);
    if (layers.isEmpty()) {
      throw new IllegalArgumentException("Model: expected at least one layer, found none");
    }
    if (input.rank() < 1 || input.rank() > 3 || input.size() == 0) {
      throw new IllegalArgumentException(
          "Model: expected an input of shape [d], [T, d] or [C, H, W], found " + input);
    }
    shapes(input, layers);
  }

  /**
   * Creates a model whose first layer tells the shape that it takes.
   *
   * @throws IllegalArgumentException if it does not, or as the canonical constructor
   */
  public ModelSpec(List<Layer> layers) {
    this(firstInput(layers), layers);
  }

  private static Shape firstInput(List<Layer> layers) {
    if (layers.isEmpty()) {
      throw new IllegalArgumentException("Model: expected at least one layer, found none");
    }
    Layer first = layers.getFirst();
    return first
        .inputShape()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Model: expected the shape of its input, which layer 0 of type "
                        + first.type()
                        + " does not tell, found none"));
  }

  private static List<Shape> shapes(Shape input, List<Layer> layers) {
    var shapes = new ArrayList<Shape>();
    shapes.add(input);
    for (int i = 0; i < layers.size(); i++) {
      try {
        shapes.add(layers.get(i).outputShape(shapes.getLast()));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("Model: layer " + i + ": " + e.getMessage(), e);
      }
    }
    return List.copyOf(shapes);
  }

  /** Returns the shape of the input and of the output of each layer. */
  public List<Shape> shapes() {
    return shapes(input, layers);
  }

  /** Returns the number of elements of a sample of the input. */
  public int inputs() {
    return input.size();
  }

  /** Returns the number of elements of a sample of the output. */
  public int outputs() {
    return shapes().getLast().size();
  }

  /**
   * Returns all layers, those within others as well, by their paths: {@code layers.2}, {@code
   * layers.2.shortcut.0}.
   */
  public SequencedMap<String, Layer> byPath() {
    var all = new LinkedHashMap<String, Layer>();
    for (int i = 0; i < layers.size(); i++) {
      add("layers." + i, layers.get(i), all);
    }
    return Collections.unmodifiableSequencedMap(all);
  }

  private static void add(String path, Layer layer, SequencedMap<String, Layer> all) {
    all.put(path, layer);
    layer.within().forEach((name, inner) -> add(path + "." + name, inner, all));
  }
}
