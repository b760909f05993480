package io.measureflow.core.layers;

import io.measureflow.api.model.Layer;
import io.measureflow.api.model.LayerAttributes;
import io.measureflow.api.model.LayerContext;
import io.measureflow.api.model.LayerType;
import io.measureflow.api.model.SampleBatch;
import io.measureflow.api.program.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;

/**
 * A residual block [he2016]: body(x) + shortcut(x).
 *
 * @param layers the body, at least one layer
 * @param shortcut what x goes through beside it; empty for x itself
 */
public record ResidualLayer(List<Layer> layers, List<Layer> shortcut) implements Layer {

  private static final String NAME = "residual";

  /**
   * Copies the lists.
   *
   * @throws IllegalArgumentException if the body is empty
   */
  public ResidualLayer {
    layers = List.copyOf(layers);
    shortcut = List.copyOf(shortcut);
    if (layers.isEmpty()) {
      throw new IllegalArgumentException(
          "Layer layers: expected at least one layer in a residual block, found none");
    }
  }

  @Override
  public String type() {
    return NAME;
  }

  @Override
  public Shape outputShape(Shape input) {
    Shape body = outputShape(input, layers, Keys.LAYERS);
    Shape beside = outputShape(input, shortcut, Keys.SHORTCUT);
    if (!body.equals(beside)) {
      throw new IllegalArgumentException(
          "expected body and shortcut of one shape, found " + body + " and " + beside);
    }
    return body;
  }

  private static Shape outputShape(Shape input, List<Layer> layers, String where) {
    Shape shape = input;
    for (int i = 0; i < layers.size(); i++) {
      try {
        shape = layers.get(i).outputShape(shape);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(where + ", layer " + i + ": " + e.getMessage(), e);
      }
    }
    return shape;
  }

  @Override
  public SequencedMap<String, Object> attributes() {
    var attributes = new LinkedHashMap<String, Object>();
    attributes.put(Keys.LAYERS, layers);
    attributes.put(Keys.SHORTCUT, shortcut);
    return attributes;
  }

  @Override
  public SequencedMap<String, Layer> within() {
    var within = new LinkedHashMap<String, Layer>();
    for (int i = 0; i < layers.size(); i++) {
      within.put(Keys.LAYERS + "." + i, layers.get(i));
    }
    for (int i = 0; i < shortcut.size(); i++) {
      within.put(Keys.SHORTCUT + "." + i, shortcut.get(i));
    }
    return within;
  }

  @Override
  public SampleBatch output(LayerContext context, SampleBatch x) {
    return output(context, x, layers, Keys.LAYERS).add(output(context, x, shortcut, Keys.SHORTCUT));
  }

  private static SampleBatch output(
      LayerContext context, SampleBatch x, List<Layer> layers, String where) {
    SampleBatch at = x;
    for (int i = 0; i < layers.size(); i++) {
      at = layers.get(i).output(context.within(where + "." + i), at);
    }
    return at;
  }

  /** Makes residual blocks. */
  public static final class Type implements LayerType {

    /** Called by {@link java.util.ServiceLoader}. */
    public Type() {}

    @Override
    public String name() {
      return NAME;
    }

    @Override
    public Set<String> keys() {
      return Set.of(Keys.LAYERS, Keys.SHORTCUT);
    }

    @Override
    public String shortForm() {
      return "residual:[LAYER,...]";
    }

    @Override
    public Map<String, String> positional(List<String> parts) {
      return Parts.atMostOne(parts, Keys.LAYERS);
    }

    @Override
    public Layer layer(LayerAttributes attributes) {
      return new ResidualLayer(
          attributes.layers(Keys.LAYERS, attributes.input()),
          attributes.layers(Keys.SHORTCUT, attributes.input()));
    }
  }
}
