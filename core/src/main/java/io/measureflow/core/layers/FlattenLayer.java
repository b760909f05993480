package io.measureflow.core.layers;

import io.measureflow.api.model.Layer;
import io.measureflow.api.model.LayerAttributes;
import io.measureflow.api.model.LayerContext;
import io.measureflow.api.model.LayerType;
import io.measureflow.api.model.SampleBatch;
import io.measureflow.api.program.Shape;

/** Each sample as a row, in row-major order: [...] to [d]. */
public record FlattenLayer() implements Layer {

  private static final String NAME = "flatten";

  @Override
  public String type() {
    return NAME;
  }

  @Override
  public Shape outputShape(Shape input) {
    return Shape.of(input.size());
  }

  @Override
  public SampleBatch output(LayerContext context, SampleBatch x) {
    return SampleBatch.ofRows(context.program(), x.rows(), Shape.of(x.sample().size()));
  }

  /** Makes layers that flatten. */
  public static final class Type implements LayerType {

    /** Called by {@link java.util.ServiceLoader}. */
    public Type() {}

    @Override
    public String name() {
      return NAME;
    }

    @Override
    public Layer layer(LayerAttributes attributes) {
      return new FlattenLayer();
    }
  }
}
