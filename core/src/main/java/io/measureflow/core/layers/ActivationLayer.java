package io.measureflow.core.layers;

import io.measureflow.api.activation.Activation;
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
 * An activation of each element, whatever the shape.
 *
 * @param activation the activation
 */
public record ActivationLayer(Activation activation) implements Layer {

  private static final String NAME = "activation";

  @Override
  public String type() {
    return NAME;
  }

  @Override
  public Shape outputShape(Shape input) {
    return input;
  }

  @Override
  public SequencedMap<String, Object> attributes() {
    var attributes = new LinkedHashMap<String, Object>();
    attributes.put(Keys.ACTIVATION, activation.key());
    return attributes;
  }

  @Override
  public SampleBatch output(LayerContext context, SampleBatch x) {
    return x.map(value -> activation.derivative(context.program(), value, 0));
  }

  @Override
  public String summary() {
    return activation.key();
  }

  /** Makes layers of an activation. */
  public static final class Type implements LayerType {

    /** Called by {@link java.util.ServiceLoader}. */
    public Type() {}

    @Override
    public String name() {
      return NAME;
    }

    @Override
    public Set<String> keys() {
      return Set.of(Keys.ACTIVATION);
    }

    @Override
    public String shortForm() {
      return "activation:ACTIVATION";
    }

    @Override
    public Map<String, String> positional(List<String> parts) {
      return Parts.all(parts, Keys.ACTIVATION);
    }

    @Override
    public List<String> positional(Layer layer) {
      return List.of(((ActivationLayer) layer).activation().key());
    }

    @Override
    public Layer layer(LayerAttributes attributes) {
      return new ActivationLayer(attributes.activation(Keys.ACTIVATION));
    }
  }
}
