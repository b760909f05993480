package io.measureflow.examples;

import io.measureflow.api.measure.Initializer;
import io.measureflow.api.measure.ParameterSpec;
import io.measureflow.api.model.Layer;
import io.measureflow.api.program.NamedValues;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * Every column of a row times a gain, plus a shift: y_j = gain_j x_j + shift_j.
 *
 * @param type the name of the type that makes it
 * @param width d
 */
public record ScaleLayer(String type, int width) implements Layer {

  @Override
  public int inputs() {
    return width;
  }

  @Override
  public int outputs() {
    return width;
  }

  @Override
  public SequencedMap<String, Object> attributes() {
    var attributes = new LinkedHashMap<String, Object>();
    attributes.put(ScaleType.INPUTS, width);
    attributes.put(ScaleType.OUTPUTS, width);
    return attributes;
  }

  @Override
  public List<ParameterSpec> parameters() {
    return List.of(
        ParameterSpec.mean("gain", Shape.of(width), new Initializer.Constant(1)),
        ParameterSpec.mean("shift", Shape.of(width), new Initializer.Constant(0)));
  }

  @Override
  public Value output(ProgramBuilder program, Value x, NamedValues parameters) {
    return program.add(program.multiply(x, parameters.get("gain")), parameters.get("shift"));
  }
}
