package io.measureflow.core.layers;

import io.measureflow.api.measure.Family;
import io.measureflow.api.model.Layer;
import io.measureflow.api.model.LayerAttributes;
import io.measureflow.api.model.LayerType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Makes {@link MixtureLayer}s. */
public final class MixtureLayerType implements LayerType {

  static final String NAME = "gm";

  /** Called by {@link java.util.ServiceLoader}. */
  public MixtureLayerType() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Set<String> keys() {
    return Set.of(
        Keys.FAMILY,
        Keys.ACTIVATION,
        Keys.BIAS,
        Keys.INPUTS,
        Keys.OUTPUTS,
        Keys.COMPONENTS,
        Keys.RANK);
  }

  @Override
  public String shortForm() {
    return "gm:FAMILY:COMPONENTSxOUTPUTS";
  }

  @Override
  public Map<String, String> positional(List<String> parts) {
    if (parts.size() != 2) {
      throw new IllegalArgumentException("expected two parts, found " + parts);
    }
    var attributes = new LinkedHashMap<String, String>();
    attributes.put(Keys.FAMILY, parts.getFirst());
    String[] counts = parts.getLast().split("x", 2);
    attributes.put(Keys.COMPONENTS, counts[0]);
    if (counts.length == 2) {
      attributes.put(Keys.OUTPUTS, counts[1]);
    }
    return attributes;
  }

  @Override
  public List<String> positional(Layer layer) {
    var mixture = (MixtureLayer) layer;
    return List.of(mixture.family().name(), mixture.components() + "x" + mixture.outputs());
  }

  @Override
  public Layer layer(LayerAttributes attributes) {
    Family family = attributes.family(Keys.FAMILY);
    int otherwise = attributes.complete() ? 0 : MixtureLayer.defaultRank(family);
    return new MixtureLayer(
        family,
        attributes.activation(Keys.ACTIVATION),
        attributes.bool(Keys.BIAS, true),
        attributes.integer(Keys.INPUTS, 1),
        attributes.integer(Keys.OUTPUTS, 1),
        attributes.integer(Keys.COMPONENTS, 1),
        attributes.has(Keys.RANK) ? attributes.integer(Keys.RANK, 0) : otherwise);
  }
}
