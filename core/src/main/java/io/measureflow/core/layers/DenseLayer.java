package io.measureflow.core.layers;

import io.measureflow.api.activation.Activation;
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
import io.measureflow.core.activations.Activations;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;

/**
 * A dense layer sigma(weight x + bias), trained in the Euclidean metric.
 *
 * @param activation applied to the sum; the identity for a linear output
 * @param bias whether a bias is added
 * @param inputs d
 * @param outputs p
 */
public record DenseLayer(Activation activation, boolean bias, int inputs, int outputs)
    implements Layer {

  private static final String NAME = "dense";
  private static final String WEIGHT = "weight";
  private static final String BIAS = "bias";

  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if one of them is less than 1
   */
  public DenseLayer {
    Keys.requireSize("inputs", inputs, 1);
    Keys.requireSize("outputs", outputs, 1);
  }

  @Override
  public String type() {
    return NAME;
  }

  @Override
  public Optional<Shape> inputShape() {
    return Optional.of(Shape.of(inputs));
  }

  @Override
  public Shape outputShape(Shape input) {
    return Rows.output(input, inputs, outputs);
  }

  @Override
  public SequencedMap<String, Object> attributes() {
    var attributes = new LinkedHashMap<String, Object>();
    attributes.put(Keys.ACTIVATION, activation.key());
    attributes.put(Keys.BIAS, bias);
    attributes.put(Keys.INPUTS, inputs);
    attributes.put(Keys.OUTPUTS, outputs);
    return attributes;
  }

  @Override
  public List<ParameterSpec> parameters() {
    // Relu halves the second moment; a variance of 2/d compensates for that [he2015].
    double variance = (activation.equals(Activations.RELU) ? 2.0 : 1.0) / inputs;
    var parameters = new ArrayList<ParameterSpec>();
    parameters.add(
        ParameterSpec.mean(
            WEIGHT, Shape.of(outputs, inputs), new Initializer.Normal(Math.sqrt(variance))));
    if (bias) {
      parameters.add(ParameterSpec.mean(BIAS, Shape.of(outputs), new Initializer.Constant(0)));
    }
    return parameters;
  }

  @Override
  public SampleBatch output(LayerContext context, SampleBatch x) {
    ProgramBuilder program = context.program();
    NamedValues values = context.parameters();
    Value sum = program.matMul(Rows.of(x, inputs), false, values.get(WEIGHT), true);
    if (bias) {
      sum = program.add(sum, values.get(BIAS));
    }
    return Rows.batch(program, x, inputs, activation.derivative(program, sum, 0));
  }

  @Override
  public String summary() {
    return "dense " + activation.key();
  }

  /** Makes dense layers. */
  public static final class Type implements LayerType {

    /** Called by {@link java.util.ServiceLoader}. */
    public Type() {}

    @Override
    public String name() {
      return NAME;
    }

    @Override
    public Set<String> keys() {
      return Set.of(Keys.ACTIVATION, Keys.BIAS, Keys.INPUTS, Keys.OUTPUTS);
    }

    @Override
    public String shortForm() {
      return "dense:OUTPUTS";
    }

    @Override
    public Map<String, String> positional(List<String> parts) {
      return Parts.atMostOne(parts, Keys.OUTPUTS);
    }

    @Override
    public List<String> positional(Layer layer) {
      return List.of(String.valueOf(((DenseLayer) layer).outputs()));
    }

    @Override
    public Layer layer(LayerAttributes attributes) {
      return new DenseLayer(
          attributes.has(Keys.ACTIVATION)
              ? attributes.activation(Keys.ACTIVATION)
              : Activations.IDENTITY,
          attributes.bool(Keys.BIAS, true),
          Keys.width(attributes, Keys.INPUTS, Rows::width),
          attributes.integer(Keys.OUTPUTS, 1));
    }
  }
}
