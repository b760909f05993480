package io.measureflow.core.layers;

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
import io.measureflow.api.program.Window;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;

/**
 * One measure of neurons at every place of an image: a convolution of images [C, H, W] to [p, H',
 * W'] whose kernel is a mixture layer on windows, flattened as [C, kh, kw].
 *
 * @param mixture the measure; its inputs are the elements of a window
 * @param inputs C
 * @param kernel the kernel
 */
public record MixtureConvLayer(MixtureLayer mixture, int inputs, Kernel kernel)
    implements MeasureLayer {

  private static final String NAME = "gm-conv";

  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if the measure is not one on windows of so many channels
   */
  public MixtureConvLayer {
    Keys.requireSize("inputs", inputs, 1);
    int width = Math.multiplyExact(inputs, kernel.size());
    if (mixture.inputs() != width) {
      throw new IllegalArgumentException(
          "Layer "
              + NAME
              + ": expected a measure on windows of "
              + width
              + " elements, found "
              + mixture.inputs());
    }
  }

  @Override
  public String type() {
    return NAME;
  }

  @Override
  public Shape outputShape(Shape input) {
    Keys.requireChannels(input, inputs);
    Window window = kernel.window(input);
    return Shape.of(mixture.outputs(), window.outputHeight(), window.outputWidth());
  }

  @Override
  public SequencedMap<String, Object> attributes() {
    var attributes = new LinkedHashMap<>(mixture.attributes());
    attributes.put(Keys.INPUTS, inputs);
    kernel.addTo(attributes);
    return attributes;
  }

  @Override
  public List<ParameterSpec> parameters() {
    return mixture.parameters();
  }

  @Override
  public SampleBatch output(LayerContext context, SampleBatch x) {
    Window window = kernel.window(x.sample());
    Value patches = context.program().patches(x.pixels(), window);
    return batch(context, window, mixture.outputOfRows(context, patches));
  }

  @Override
  public SampleBatch variance(LayerContext context, SampleBatch x) {
    Window window = kernel.window(x.sample());
    Value patches = context.program().patches(x.pixels(), window);
    return batch(context, window, mixture.varianceOfRows(context, patches));
  }

  private static SampleBatch batch(LayerContext context, Window window, Value pixels) {
    return SampleBatch.ofPixels(
        context.program(), pixels, window.outputHeight(), window.outputWidth());
  }

  @Override
  public Value secondMoment(ProgramBuilder program, NamedValues parameters) {
    return mixture.secondMoment(program, parameters);
  }

  @Override
  public Value logDeterminant(ProgramBuilder program, NamedValues parameters) {
    return mixture.logDeterminant(program, parameters);
  }

  @Override
  public Value gradientScale(
      ProgramBuilder program, ParameterSpec parameter, NamedValues parameters) {
    return mixture.gradientScale(program, parameter, parameters);
  }

  @Override
  public double defaultLearningRate() {
    return mixture.defaultLearningRate();
  }

  @Override
  public String summary() {
    return "gm-conv " + kernel + " " + mixture.summary();
  }

  /** Makes convolutions of measures. */
  public static final class Type implements LayerType {

    /** Called by {@link java.util.ServiceLoader}. */
    public Type() {}

    @Override
    public String name() {
      return NAME;
    }

    @Override
    public Set<String> keys() {
      var keys = new HashSet<>(MixtureLayer.KEYS);
      keys.addAll(Kernel.KEYS);
      return Set.copyOf(keys);
    }

    @Override
    public String shortForm() {
      return "gm-conv:FAMILY:COMPONENTSxOUTPUTS:KERNEL";
    }

    @Override
    public Map<String, String> positional(List<String> parts) {
      return MixtureLayer.counts(Parts.all(parts, Keys.FAMILY, Keys.COMPONENTS, Kernel.KERNEL));
    }

    @Override
    public List<String> positional(Layer layer) {
      var conv = (MixtureConvLayer) layer;
      return List.of(
          conv.mixture().family().name(),
          conv.mixture().components() + "x" + conv.mixture().outputs(),
          conv.kernel().shortForm());
    }

    @Override
    public Layer layer(LayerAttributes attributes) {
      int channels = Keys.width(attributes, Keys.INPUTS, Keys::channels);
      Kernel kernel = Kernel.read(attributes, false);
      int width = Math.multiplyExact(channels, kernel.size());
      return new MixtureConvLayer(MixtureLayer.read(attributes, width), channels, kernel);
    }
  }
}
