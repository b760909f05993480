package io.measureflow.core.layers;

import io.measureflow.api.measure.Initializer;
import io.measureflow.api.measure.ParameterSpec;
import io.measureflow.api.model.Layer;
import io.measureflow.api.model.LayerAttributes;
import io.measureflow.api.model.LayerContext;
import io.measureflow.api.model.LayerType;
import io.measureflow.api.model.SampleBatch;
import io.measureflow.api.program.NamedValues;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;

/**
 * Layer normalization [ba2016] of the last axis, as torch.nn.LayerNorm: to mean 0 and variance 1,
 * then times a weight, plus a bias.
 *
 * @param features the length of the last axis
 */
public record LayerNormLayer(int features) implements Layer {

  private static final String NAME = "layer-norm";
  private static final String WEIGHT = "weight";
  private static final String BIAS = "bias";

  /**
   * Checks the size.
   *
   * @throws IllegalArgumentException if it is less than 1
   */
  public LayerNormLayer {
    Keys.requireSize(Keys.FEATURES, features, 1);
  }

  @Override
  public String type() {
    return NAME;
  }

  @Override
  public Shape outputShape(Shape input) {
    int last = input.dimension(input.rank() - 1);
    if (last != features) {
      throw new IllegalArgumentException(
          "expected "
              + last
              + " features, the last axis of shape "
              + input
              + ", found "
              + features);
    }
    return input;
  }

  @Override
  public SequencedMap<String, Object> attributes() {
    var attributes = new LinkedHashMap<String, Object>();
    attributes.put(Keys.FEATURES, features);
    return attributes;
  }

  @Override
  public List<ParameterSpec> parameters() {
    return List.of(
        ParameterSpec.mean(WEIGHT, Shape.of(features), new Initializer.Constant(1)),
        ParameterSpec.mean(BIAS, Shape.of(features), new Initializer.Constant(0)));
  }

  @Override
  public SampleBatch output(LayerContext context, SampleBatch x) {
    ProgramBuilder program = context.program();
    Value rows = x.lastAxis();
    Shape each = Shape.of(rows.shape().dimension(0), 1);
    Value mean = program.affine(program.sumTo(rows, each), 1.0 / features, 0);
    Value centred = program.subtract(rows, mean);
    Value normal = Norms.normalized(program, centred, Norms.meanSquare(program, centred, each));
    NamedValues values = context.parameters();
    return SampleBatch.ofRows(
        program, Norms.scaled(program, normal, values.get(WEIGHT), values.get(BIAS)), x.sample());
  }

  /** Makes layer normalizations. */
  public static final class Type implements LayerType {

    /** Called by {@link java.util.ServiceLoader}. */
    public Type() {}

    @Override
    public String name() {
      return NAME;
    }

    @Override
    public Set<String> keys() {
      return Set.of(Keys.FEATURES);
    }

    @Override
    public Layer layer(LayerAttributes attributes) {
      return new LayerNormLayer(
          Keys.width(attributes, Keys.FEATURES, input -> input.dimension(input.rank() - 1)));
    }
  }
}
