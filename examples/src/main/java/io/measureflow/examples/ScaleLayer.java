package io.measureflow.examples;

import io.measureflow.api.measure.Initializer;
import io.measureflow.api.measure.ParameterSpec;
import io.measureflow.api.model.Layer;
import io.measureflow.api.model.LayerContext;
import io.measureflow.api.model.SampleBatch;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * Every column (the last axis) times a gain, plus a shift: y_j = gain_j x_j + shift_j.
 *
 * @param type the name of the type that makes it
 * @param width d
 */
public record ScaleLayer(String type, int width) implements Layer {

  @Override
  public Shape outputShape(Shape input) {
    int last = input.dimension(input.rank() - 1);
    if (last != width) {
      throw new IllegalArgumentException("expected " + width + " columns, found shape " + input);
    }
    return input;
  }

  @Override
  public SequencedMap<String, Object> attributes() {
    var attributes = new LinkedHashMap<String, Object>();
    attributes.put(ScaleType.FEATURES, width);
    return attributes;
  }

  @Override
  public List<ParameterSpec> parameters() {
    return List.of(
        ParameterSpec.mean("gain", Shape.of(width), new Initializer.Constant(1)),
        ParameterSpec.mean("shift", Shape.of(width), new Initializer.Constant(0)));
  }

  @Override
  public SampleBatch output(LayerContext context, SampleBatch x) {
    ProgramBuilder program = context.program();
    Value scaled = program.multiply(x.lastAxis(), context.parameters().get("gain"));
    Value shifted = program.add(scaled, context.parameters().get("shift"));
    return SampleBatch.ofRows(program, shifted, x.sample());
  }
}
