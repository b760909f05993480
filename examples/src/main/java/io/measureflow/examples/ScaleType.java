package io.measureflow.examples;

import io.measureflow.api.model.Layer;
import io.measureflow.api.model.LayerAttributes;
import io.measureflow.api.model.LayerType;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Makes {@link ScaleLayer}s.
 *
 * @param name the name in checkpoints and short forms
 */
public record ScaleType(String name) implements LayerType {

  static final String FEATURES = "features";

  /** Under its own name. */
  public ScaleType() {
    this("scale");
  }

  @Override
  public Set<String> keys() {
    return Set.of(FEATURES);
  }

  @Override
  public String shortForm() {
    return name;
  }

  @Override
  public Map<String, String> positional(List<String> parts) {
    if (!parts.isEmpty()) {
      throw new IllegalArgumentException("expected no further part, found " + parts);
    }
    return Map.of();
  }

  @Override
  public List<String> positional(Layer layer) {
    return List.of();
  }

  @Override
  public Layer layer(LayerAttributes attributes) {
    boolean said = attributes.has(FEATURES) || attributes.complete();
    int width =
        said
            ? attributes.integer(FEATURES, 1)
            : attributes.input().map(shape -> shape.dimension(shape.rank() - 1)).orElse(1);
    return new ScaleLayer(name, width);
  }
}
