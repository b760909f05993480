package io.measureflow.core.layers;

import io.measureflow.api.model.Layer;
import io.measureflow.api.model.LayerAttributes;
import io.measureflow.api.model.LayerContext;
import io.measureflow.api.model.LayerType;
import io.measureflow.api.model.SampleBatch;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;

/** The mean of each channel: images [C, H, W] to rows [C], or sequences [T, d] to rows [d]. */
public record GlobalAveragePoolLayer() implements Layer {

  private static final String NAME = "global-average-pool";

  @Override
  public String type() {
    return NAME;
  }

  @Override
  public Shape outputShape(Shape input) {
    if (input.rank() < 2) {
      throw new IllegalArgumentException(
          "expected images [C, H, W] or sequences [T, d], found shape " + input);
    }
    return Shape.of(Keys.channels(input));
  }

  @Override
  public SampleBatch output(LayerContext context, SampleBatch x) {
    ProgramBuilder program = context.program();
    int channels = Keys.channels(x.sample());
    int area = x.sample().size() / channels;
    Value places = x.sample().rank() == 3 ? x.pixels() : x.lastAxis();
    Value images = program.reshape(places, Shape.of(x.size(), area, channels));
    Value sums = program.sumTo(images, Shape.of(x.size(), 1, channels));
    return SampleBatch.ofRows(program, program.affine(sums, 1.0 / area, 0), Shape.of(channels));
  }

  /** Makes global average pools. */
  public static final class Type implements LayerType {

    /** Called by {@link java.util.ServiceLoader}. */
    public Type() {}

    @Override
    public String name() {
      return NAME;
    }

    @Override
    public Layer layer(LayerAttributes attributes) {
      return new GlobalAveragePoolLayer();
    }
  }
}
