package io.measureflow.core.layers;

import io.measureflow.api.measure.ParameterSpec;
import io.measureflow.api.model.Layer;
import io.measureflow.api.model.LayerAttributes;
import io.measureflow.api.model.LayerContext;
import io.measureflow.api.model.LayerType;
import io.measureflow.api.model.SampleBatch;
import io.measureflow.api.program.Shape;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;

/** The pixels of images as sequences of tokens, row after row: [C, H, W] to [H W, C]. */
public record TokensLayer() implements Layer {

  private static final String NAME = "tokens";

  @Override
  public String type() {
    return NAME;
  }

  @Override
  public Shape outputShape(Shape input) {
    int channels = Keys.requireImages(input).dimension(0);
    return Shape.of(input.size() / channels, channels);
  }

  @Override
  public SequencedMap<String, Object> attributes() {
    return Collections.unmodifiableSequencedMap(new LinkedHashMap<>());
  }

  @Override
  public List<ParameterSpec> parameters() {
    return List.of();
  }

  @Override
  public SampleBatch output(LayerContext context, SampleBatch x) {
    return SampleBatch.ofRows(context.program(), x.pixels(), outputShape(x.sample()));
  }

  /** Makes layers of tokens. */
  public static final class Type implements LayerType {

    /** Called by {@link java.util.ServiceLoader}. */
    public Type() {}

    @Override
    public String name() {
      return NAME;
    }

    @Override
    public Set<String> keys() {
      return Set.of();
    }

    @Override
    public String shortForm() {
      return NAME;
    }

    @Override
    public Map<String, String> positional(List<String> parts) {
      return Parts.none(parts);
    }

    @Override
    public List<String> positional(Layer layer) {
      return List.of();
    }

    @Override
    public Layer layer(LayerAttributes attributes) {
      return new TokensLayer();
    }
  }
}
