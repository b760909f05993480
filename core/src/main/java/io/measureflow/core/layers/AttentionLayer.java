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
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;

/**
 * Multi-head scaled dot-product self-attention [vaswani2017] of sequences [T, d], as
 * torch.nn.MultiheadAttention with {@code batch_first}, without a mask.
 *
 * @param features d
 * @param heads the number of heads, a divisor of d
 */
public record AttentionLayer(int features, int heads) implements Layer {

  private static final String NAME = "attention";
  private static final String IN_WEIGHT = "in_weight";
  private static final String IN_BIAS = "in_bias";
  private static final String OUT_WEIGHT = "out_weight";
  private static final String OUT_BIAS = "out_bias";

  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if the features cannot be shared out to the heads
   */
  public AttentionLayer {
    Keys.requireSize(Keys.FEATURES, features, 1);
    Keys.requireSize(Keys.HEADS, heads, 1);
    if (features % heads != 0) {
      throw new IllegalArgumentException(
          "Layer heads: expected a divisor of the features " + features + ", found " + heads);
    }
  }

  @Override
  public String type() {
    return NAME;
  }

  @Override
  public Shape outputShape(Shape input) {
    if (input.rank() != 2 || input.dimension(1) != features) {
      throw new IllegalArgumentException(
          "expected sequences [T, " + features + "], found shape " + input);
    }
    return input;
  }

  @Override
  public SequencedMap<String, Object> attributes() {
    var attributes = new LinkedHashMap<String, Object>();
    attributes.put(Keys.FEATURES, features);
    attributes.put(Keys.HEADS, heads);
    return attributes;
  }

  @Override
  public List<ParameterSpec> parameters() {
    var zeros = new Initializer.Constant(0);
    // Variance 2/(fan-in + fan-out) [glorot2010], as in PyTorch.
    return List.of(
        ParameterSpec.mean(
            IN_WEIGHT,
            Shape.of(3 * features, features),
            new Initializer.Normal(Math.sqrt(0.5 / features))),
        ParameterSpec.mean(IN_BIAS, Shape.of(3 * features), zeros),
        ParameterSpec.mean(
            OUT_WEIGHT,
            Shape.of(features, features),
            new Initializer.Normal(Math.sqrt(1.0 / features))),
        ParameterSpec.mean(OUT_BIAS, Shape.of(features), zeros));
  }

  @Override
  public SampleBatch output(LayerContext context, SampleBatch x) {
    ProgramBuilder program = context.program();
    NamedValues values = context.parameters();
    int length = x.sample().dimension(0);
    Value tokens = x.lastAxis();
    Value all =
        program.add(
            program.matMul(tokens, false, values.get(IN_WEIGHT), true), values.get(IN_BIAS));
    Value query = heads(program, all, 0, x.size(), length);
    Value key = heads(program, all, 1, x.size(), length);
    Value value = heads(program, all, 2, x.size(), length);
    int width = features / heads;
    Value scores = program.affine(program.matMul(query, false, key, true), 1 / Math.sqrt(width), 0);
    Value mixed = program.matMul(program.softmax(scores), false, value, false);
    Value byToken =
        program.permute(
            program.reshape(mixed, Shape.of(x.size(), heads, length, width)), 0, 2, 1, 3);
    Value joined = program.reshape(byToken, Shape.of(x.size() * length, features));
    Value out =
        program.add(
            program.matMul(joined, false, values.get(OUT_WEIGHT), true), values.get(OUT_BIAS));
    return SampleBatch.ofRows(program, out, x.sample());
  }

  /** Returns queries (0), keys (1) or values (2) of all heads, [B heads, T, d / heads]. */
  private Value heads(ProgramBuilder program, Value all, int which, int batch, int length) {
    int width = features / heads;
    Value tokens = program.sliceColumns(all, which * features, (which + 1) * features);
    Value split = program.reshape(tokens, Shape.of(batch, length, heads, width));
    return program.reshape(
        program.permute(split, 0, 2, 1, 3), Shape.of(batch * heads, length, width));
  }

  @Override
  public String summary() {
    return "attention of " + heads + (heads == 1 ? " head" : " heads");
  }

  /** Makes attention layers. */
  public static final class Type implements LayerType {

    /** Called by {@link java.util.ServiceLoader}. */
    public Type() {}

    @Override
    public String name() {
      return NAME;
    }

    @Override
    public Set<String> keys() {
      return Set.of(Keys.FEATURES, Keys.HEADS);
    }

    @Override
    public String shortForm() {
      return "attention:HEADS";
    }

    @Override
    public Map<String, String> positional(List<String> parts) {
      return Parts.all(parts, Keys.HEADS);
    }

    @Override
    public List<String> positional(Layer layer) {
      return List.of(String.valueOf(((AttentionLayer) layer).heads()));
    }

    @Override
    public Layer layer(LayerAttributes attributes) {
      int heads = attributes.integer(Keys.HEADS, 1);
      return new AttentionLayer(
          Keys.width(attributes, Keys.FEATURES, input -> input.dimension(input.rank() - 1), heads),
          heads);
    }
  }
}
