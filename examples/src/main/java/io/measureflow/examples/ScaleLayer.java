package io.measureflow.examples;

import io.measureflow.api.measure.Initializer;
import io.measureflow.api.measure.ParameterSpec;
import io.measureflow.api.model.Layer;
import io.measureflow.api.model.LayerAttributes;
import io.measureflow.api.model.LayerContext;
import io.measureflow.api.model.LayerType;
import io.measureflow.api.model.SampleBatch;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;

/**
 * Every column (the last axis) times a gain, plus a shift: y_j = gain_j x_j + shift_j.
 *
 * @param type the name of the type that makes it
 * @param features d
 */
public record ScaleLayer(String type, int features) implements Layer {

  private static final String FEATURES = "features";

  @Override
  public Shape outputShape(Shape input) {
    int last = input.dimension(input.rank() - 1);
    if (last != features) {
      throw new IllegalArgumentException("expected " + features + " columns, found shape " + input);
    }
    return input;
  }

  @Override
  public SequencedMap<String, Object> attributes() {
    return new LinkedHashMap<>(Map.of(FEATURES, features));
  }

  @Override
  public List<ParameterSpec> parameters() {
    return List.of(
        ParameterSpec.mean("gain", Shape.of(features), new Initializer.Constant(1)),
        ParameterSpec.mean("shift", Shape.of(features), new Initializer.Constant(0)));
  }

  @Override
  public SampleBatch output(LayerContext context, SampleBatch x) {
    ProgramBuilder program = context.program();
    Value scaled = program.multiply(x.lastAxis(), context.parameters().get("gain"));
    Value shifted = program.add(scaled, context.parameters().get("shift"));
    return SampleBatch.ofRows(program, shifted, x.sample());
  }

  /**
   * Makes layers from their descriptions.
   *
   * @param name the name in checkpoints and short forms
   */
  public record Type(String name) implements LayerType {

    /** Called by {@link java.util.ServiceLoader}. */
    public Type() {
      this("scale");
    }

    @Override
    public Set<String> keys() {
      return Set.of(FEATURES);
    }

    @Override
    public Layer layer(LayerAttributes attributes) {
      if (attributes.has(FEATURES) || attributes.complete()) {
        return new ScaleLayer(name, attributes.integer(FEATURES, 1));
      }
      // A short form leaves the width to the layer before; alone, any width will do.
      Shape input = attributes.input().orElse(Shape.of(1));
      return new ScaleLayer(name, input.dimension(input.rank() - 1));
    }
  }
}
