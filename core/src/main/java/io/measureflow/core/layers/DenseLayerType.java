package io.measureflow.core.layers;

import io.measureflow.api.model.Layer;
import io.measureflow.api.model.LayerAttributes;
import io.measureflow.api.model.LayerType;
import io.measureflow.core.activations.Activations;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Makes {@link DenseLayer}s. */
public final class DenseLayerType implements LayerType {

  static final String NAME = "dense";

  /** Called by {@link java.util.ServiceLoader}. */
  public DenseLayerType() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Set<String> keys() {
    return Set.of(Keys.ACTIVATION, Keys.BIAS, Keys.INPUTS, Keys.OUTPUTS);
  }

  @Override
  public String shortForm() {
    return "dense:OUTPUTS";
  }

  @Override
  public Map<String, String> positional(List<String> parts) {
    if (parts.size() > 1) {
      throw new IllegalArgumentException("expected at most one part, found " + parts);
    }
    return parts.isEmpty() || parts.getFirst().isEmpty()
        ? Map.of()
        : Map.of(Keys.OUTPUTS, parts.getFirst());
  }

  @Override
  public List<String> positional(Layer layer) {
    return List.of(String.valueOf(layer.outputs()));
  }

  @Override
  public Layer layer(LayerAttributes attributes) {
    return new DenseLayer(
        attributes.has(Keys.ACTIVATION)
            ? attributes.activation(Keys.ACTIVATION)
            : Activations.IDENTITY,
        attributes.bool(Keys.BIAS, true),
        attributes.integer(Keys.INPUTS, 1),
        attributes.integer(Keys.OUTPUTS, 1));
  }
}
