package io.measureflow.core.layers;

import io.measureflow.api.model.Layer;
import io.measureflow.api.model.LayerAttributes;
import io.measureflow.api.model.LayerContext;
import io.measureflow.api.model.LayerType;
import io.measureflow.api.model.SampleBatch;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import io.measureflow.api.program.Window;

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
    Value means = x.sample().rank() == 3 ? ofImages(program, x) : ofSequences(program, x, channels);
    return SampleBatch.ofRows(program, means, Shape.of(channels));
  }

  /** A pool of a single window, the whole image. */
  private static Value ofImages(ProgramBuilder program, SampleBatch x) {
    int height = x.sample().dimension(1);
    int width = x.sample().dimension(2);
    Value pixels =
        program.averagePool(x.pixels(), new Window(height, width, height, width, 1, 1, 0, 0));
    // Images of one pixel end here: what follows may be computed otherwise.
    return SampleBatch.ofPixels(program, pixels, 1, 1).rows();
  }

  private static Value ofSequences(ProgramBuilder program, SampleBatch x, int channels) {
    int length = x.sample().size() / channels;
    Value tokens = program.reshape(x.lastAxis(), Shape.of(x.size(), length, channels));
    Value sums = program.sumTo(tokens, Shape.of(x.size(), 1, channels));
    return program.affine(sums, 1.0 / length, 0);
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
