package io.measureflow.core.layers;

import io.measureflow.api.model.Layer;
import io.measureflow.api.model.LayerAttributes;
import io.measureflow.api.model.LayerContext;
import io.measureflow.api.model.LayerType;
import io.measureflow.api.model.SampleBatch;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import io.measureflow.api.program.Window;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;

/**
 * The largest element or the mean of each window of images [C, H, W], as torch.nn.MaxPool2d and
 * torch.nn.AvgPool2d: the border of a mean counts.
 *
 * @param function what is taken of a window
 * @param kernel the window; its stride is its size where none is said
 */
public record PoolLayer(Function function, Kernel kernel) implements Layer {

  /** What is taken of a window. */
  public enum Function {
    /** The largest element; the first of equal ones takes the gradient. */
    MAX("max-pool"),
    /** The mean. */
    AVERAGE("average-pool");

    private final String type;

    Function(String type) {
      this.type = type;
    }
  }

  /**
   * Checks the padding.
   *
   * @throws IllegalArgumentException if it is more than half the kernel
   */
  public PoolLayer {
    for (int axis = 0; axis < 2; axis++) {
      if (kernel.padding().get(axis) > kernel.kernel().get(axis) / 2) {
        throw new IllegalArgumentException(
            "Layer padding: expected at most half the kernel "
                + kernel.kernel()
                + ", found "
                + kernel.padding());
      }
    }
  }

  @Override
  public String type() {
    return function.type;
  }

  @Override
  public Shape outputShape(Shape input) {
    Window window = kernel.window(Keys.requireImages(input));
    return Shape.of(input.dimension(0), window.outputHeight(), window.outputWidth());
  }

  @Override
  public SequencedMap<String, Object> attributes() {
    var attributes = new LinkedHashMap<String, Object>();
    kernel.addTo(attributes);
    return attributes;
  }

  @Override
  public SampleBatch output(LayerContext context, SampleBatch x) {
    ProgramBuilder program = context.program();
    Window window = kernel.window(x.sample());
    Value pooled =
        switch (function) {
          case MAX -> program.maxPool(x.pixels(), window);
          case AVERAGE -> program.averagePool(x.pixels(), window);
        };
    return SampleBatch.ofPixels(program, pooled, window.outputHeight(), window.outputWidth());
  }

  @Override
  public String summary() {
    return type() + " " + kernel;
  }

  /** Makes pools. */
  public abstract static class Type implements LayerType {

    private final Function function;

    Type(Function function) {
      this.function = function;
    }

    @Override
    public String name() {
      return function.type;
    }

    @Override
    public Set<String> keys() {
      return Kernel.KEYS;
    }

    @Override
    public String shortForm() {
      return name() + ":KERNEL";
    }

    @Override
    public Map<String, String> positional(List<String> parts) {
      return Parts.all(parts, Kernel.KERNEL);
    }

    @Override
    public List<String> positional(Layer layer) {
      return List.of(((PoolLayer) layer).kernel().shortForm());
    }

    @Override
    public Layer layer(LayerAttributes attributes) {
      return new PoolLayer(function, Kernel.read(attributes, true));
    }
  }

  /** Makes pools of maxima. */
  public static final class MaxType extends Type {
    /** Called by {@link java.util.ServiceLoader}. */
    public MaxType() {
      super(Function.MAX);
    }
  }

  /** Makes pools of means. */
  public static final class AverageType extends Type {
    /** Called by {@link java.util.ServiceLoader}. */
    public AverageType() {
      super(Function.AVERAGE);
    }
  }
}
