package io.measureflow.core.layers;

import io.measureflow.api.activation.Activation;
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
import io.measureflow.api.program.Window;
import io.measureflow.core.activations.Activations;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;

/**
 * A convolution of images [C, H, W] to [p, H', W'], a cross-correlation as torch.nn.Conv2d, and an
 * activation; trained in the Euclidean metric.
 *
 * @param activation applied to the sum
 * @param bias whether a bias is added
 * @param inputs C
 * @param outputs p
 * @param kernel the kernel
 */
public record ConvLayer(Activation activation, boolean bias, int inputs, int outputs, Kernel kernel)
    implements Layer {

  private static final String NAME = "conv";
  private static final String WEIGHT = "weight";
  private static final String BIAS = "bias";

  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if one of them is less than 1
   */
  public ConvLayer {
    Keys.requireSize("inputs", inputs, 1);
    Keys.requireSize("outputs", outputs, 1);
  }

  @Override
  public String type() {
    return NAME;
  }

  @Override
  public Shape outputShape(Shape input) {
    Keys.requireChannels(input, inputs);
    Window window = kernel.window(input);
    return Shape.of(outputs, window.outputHeight(), window.outputWidth());
  }

  @Override
  public SequencedMap<String, Object> attributes() {
    var attributes = new LinkedHashMap<String, Object>();
    attributes.put(Keys.ACTIVATION, activation.key());
    attributes.put(Keys.BIAS, bias);
    attributes.put(Keys.INPUTS, inputs);
    attributes.put(Keys.OUTPUTS, outputs);
    kernel.addTo(attributes);
    return attributes;
  }

  private int width() {
    return Math.multiplyExact(inputs, kernel.size());
  }

  @Override
  public List<ParameterSpec> parameters() {
    // Relu halves the second moment, here or after a norm; a variance of 2/d compensates for that
    // [he2015].
    var normal = new Initializer.Normal(Math.sqrt(2.0 / width()));
    var parameters = new ArrayList<ParameterSpec>();
    parameters.add(
        ParameterSpec.mean(
            WEIGHT,
            Shape.of(outputs, inputs, kernel.kernel().getFirst(), kernel.kernel().getLast()),
            normal));
    if (bias) {
      parameters.add(ParameterSpec.mean(BIAS, Shape.of(outputs), new Initializer.Constant(0)));
    }
    return parameters;
  }

  @Override
  public SampleBatch output(LayerContext context, SampleBatch x) {
    ProgramBuilder program = context.program();
    Window window = kernel.window(x.sample());
    Value weight = program.reshape(context.parameters().get(WEIGHT), Shape.of(outputs, width()));
    Value sum = program.matMul(program.patches(x.pixels(), window), false, weight, true);
    if (bias) {
      sum = program.add(sum, context.parameters().get(BIAS));
    }
    return SampleBatch.ofPixels(
        program,
        activation.derivative(program, sum, 0),
        window.outputHeight(),
        window.outputWidth());
  }

  @Override
  public String summary() {
    boolean linear = activation.equals(Activations.IDENTITY);
    return "conv " + kernel + (linear ? "" : " " + activation.key());
  }

  /** Makes convolutions. */
  public static final class Type implements LayerType {

    /** Called by {@link java.util.ServiceLoader}. */
    public Type() {}

    @Override
    public String name() {
      return NAME;
    }

    @Override
    public Set<String> keys() {
      return Set.of(
          Keys.ACTIVATION,
          Keys.BIAS,
          Keys.INPUTS,
          Keys.OUTPUTS,
          Kernel.KERNEL,
          Kernel.STRIDE,
          Kernel.PADDING);
    }

    @Override
    public String shortForm() {
      return "conv:KERNEL:OUTPUTS";
    }

    @Override
    public Map<String, String> positional(List<String> parts) {
      return Parts.all(parts, Kernel.KERNEL, Keys.OUTPUTS);
    }

    @Override
    public List<String> positional(Layer layer) {
      var conv = (ConvLayer) layer;
      return List.of(conv.kernel().shortForm(), String.valueOf(conv.outputs()));
    }

    @Override
    public Layer layer(LayerAttributes attributes) {
      return new ConvLayer(
          attributes.has(Keys.ACTIVATION)
              ? attributes.activation(Keys.ACTIVATION)
              : Activations.IDENTITY,
          attributes.bool(Keys.BIAS, true),
          Keys.width(attributes, Keys.INPUTS, Keys::channels),
          attributes.integer(Keys.OUTPUTS, 1),
          Kernel.read(attributes, false));
    }
  }
}
