package io.measureflow.core.layers;

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
import java.util.SequencedMap;
import java.util.Set;

/**
 * A learned position of each token, added to sequences [T, d].
 *
 * @param length T
 * @param features d
 */
public record PositionLayer(int length, int features) implements Layer {

  private static final String NAME = "position";
  private static final String WEIGHT = "weight";
  private static final String LENGTH = "length";

  /** The usual standard deviation of positions before training [dosovitskiy2021]. */
  private static final double DEVIATION = 0.02;

  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if one of them is less than 1
   */
  public PositionLayer {
    Keys.requireSize(LENGTH, length, 1);
    Keys.requireSize(Keys.FEATURES, features, 1);
  }

  @Override
  public String type() {
    return NAME;
  }

  @Override
  public Shape outputShape(Shape input) {
    if (!input.equals(Shape.of(length, features))) {
      throw new IllegalArgumentException(
          "expected sequences [" + length + ", " + features + "], found shape " + input);
    }
    return input;
  }

  @Override
  public SequencedMap<String, Object> attributes() {
    var attributes = new LinkedHashMap<String, Object>();
    attributes.put(LENGTH, length);
    attributes.put(Keys.FEATURES, features);
    return attributes;
  }

  @Override
  public List<ParameterSpec> parameters() {
    return List.of(
        ParameterSpec.mean(WEIGHT, Shape.of(length, features), new Initializer.Normal(DEVIATION)));
  }

  @Override
  public SampleBatch output(LayerContext context, SampleBatch x) {
    ProgramBuilder program = context.program();
    Value position =
        program.reshape(
            context.parameters().get(WEIGHT), Shape.of(Math.multiplyExact(length, features)));
    return SampleBatch.ofRows(program, program.add(x.rows(), position), x.sample());
  }

  /** Makes layers of positions. */
  public static final class Type implements LayerType {

    /** Called by {@link java.util.ServiceLoader}. */
    public Type() {}

    @Override
    public String name() {
      return NAME;
    }

    @Override
    public Set<String> keys() {
      return Set.of(LENGTH, Keys.FEATURES);
    }

    @Override
    public Layer layer(LayerAttributes attributes) {
      return new PositionLayer(
          Keys.width(attributes, LENGTH, input -> input.dimension(0)),
          Keys.width(attributes, Keys.FEATURES, input -> input.dimension(input.rank() - 1)));
    }
  }
}
