package io.measureflow.examples;

import io.measureflow.api.error.InvalidRequestException;
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

  static final String INPUTS = "inputs";
  static final String OUTPUTS = "outputs";

  /** Under its own name. */
  public ScaleType() {
    this("scale");
  }

  @Override
  public Set<String> keys() {
    return Set.of(INPUTS, OUTPUTS);
  }

  @Override
  public String shortForm() {
    return name + ":OUTPUTS";
  }

  @Override
  public Map<String, String> positional(List<String> parts) {
    if (parts.size() > 1) {
      throw new IllegalArgumentException("expected one part at most, found " + parts);
    }
    return parts.isEmpty() ? Map.of() : Map.of(OUTPUTS, parts.getFirst());
  }

  @Override
  public List<String> positional(Layer layer) {
    return List.of(String.valueOf(layer.outputs()));
  }

  @Override
  public Layer layer(LayerAttributes attributes) {
    int inputs = attributes.integer(INPUTS, 1);
    int outputs = attributes.integer(OUTPUTS, 1);
    if (inputs != outputs) {
      throw InvalidRequestException.of(
          attributes.where(),
          "as many outputs as inputs, " + inputs,
          String.valueOf(outputs),
          "Put the layer where the widths are the same.");
    }
    return new ScaleLayer(name, inputs);
  }
}
