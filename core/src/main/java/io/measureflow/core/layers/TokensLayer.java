package io.measureflow.core.layers;

import io.measureflow.api.model.Layer;
import io.measureflow.api.model.LayerAttributes;
import io.measureflow.api.model.LayerContext;
import io.measureflow.api.model.LayerType;
import io.measureflow.api.model.SampleBatch;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;

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
  public SampleBatch output(LayerContext context, SampleBatch x) {
    ProgramBuilder program = context.program();
    Shape sequence = outputShape(x.sample());
    int length = sequence.dimension(0);
    Value byPixel = program.reshape(x.pixels(), Shape.of(length, x.size(), sequence.dimension(1)));
    return SampleBatch.ofRows(program, program.permute(byPixel, 1, 0, 2), sequence);
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
    public Layer layer(LayerAttributes attributes) {
      return new TokensLayer();
    }
  }
}
