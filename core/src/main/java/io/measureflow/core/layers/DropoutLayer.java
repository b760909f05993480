package io.measureflow.core.layers;

import io.measureflow.api.model.Layer;
import io.measureflow.api.model.LayerAttributes;
import io.measureflow.api.model.LayerContext;
import io.measureflow.api.model.LayerType;
import io.measureflow.api.model.SampleBatch;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;

/**
 * Dropout [srivastava2014]: in training each element is 0 with probability {@code rate}, and 1/(1 -
 * rate) times itself else; in prediction nothing happens. The draws depend on the seed of the run,
 * the step, the layer and the element alone.
 *
 * @param rate from 0 to below 1
 */
public record DropoutLayer(double rate) implements Layer {

  private static final String NAME = "dropout";

  /**
   * Checks the rate.
   *
   * @throws IllegalArgumentException if it is not from 0 to below 1
   */
  public DropoutLayer {
    if (!(rate >= 0 && rate < 1)) {
      throw new IllegalArgumentException(
          "Layer rate: expected a number from 0 to below 1, found " + rate);
    }
  }

  @Override
  public String type() {
    return NAME;
  }

  @Override
  public Shape outputShape(Shape input) {
    return input;
  }

  @Override
  public SequencedMap<String, Object> attributes() {
    var attributes = new LinkedHashMap<String, Object>();
    attributes.put(Keys.RATE, rate);
    return attributes;
  }

  @Override
  public SampleBatch output(LayerContext context, SampleBatch x) {
    if (!context.isTraining() || rate == 0) {
      return x;
    }
    ProgramBuilder program = context.program();
    return x.map(
        value ->
            program.select(
                program.affine(context.uniform(value.shape()), 1, -rate),
                program.affine(value, 1 / (1 - rate), 0),
                program.constant(0)));
  }

  @Override
  public String summary() {
    return "dropout " + rate;
  }

  /** Makes dropout layers. */
  public static final class Type implements LayerType {

    /** Called by {@link java.util.ServiceLoader}. */
    public Type() {}

    @Override
    public String name() {
      return NAME;
    }

    @Override
    public Set<String> keys() {
      return Set.of(Keys.RATE);
    }

    @Override
    public String shortForm() {
      return "dropout:RATE";
    }

    @Override
    public Map<String, String> positional(List<String> parts) {
      return Parts.all(parts, Keys.RATE);
    }

    @Override
    public List<String> positional(Layer layer) {
      return List.of(String.valueOf(((DropoutLayer) layer).rate()));
    }

    @Override
    public Layer layer(LayerAttributes attributes) {
      return new DropoutLayer(attributes.number(Keys.RATE, 0, 1));
    }
  }
}
