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
 * Batch normalization [ioffe2015] of each channel of images [C, H, W], or of each feature of rows
 * [d], as torch.nn.BatchNorm2d: in training by mean and biased variance of the batch, in prediction
 * by running statistics, whose variance is unbiased; then times a weight, plus a bias.
 *
 * @param features C, or d
 */
public record BatchNormLayer(int features) implements Layer {

  private static final String NAME = "batch-norm";
  private static final String WEIGHT = "weight";
  private static final String BIAS = "bias";
  private static final String RUNNING_MEAN = "running_mean";
  private static final String RUNNING_VAR = "running_var";

  /** The part of a running statistic that a step replaces. */
  private static final double MOMENTUM = 0.1;

  /**
   * Checks the size.
   *
   * @throws IllegalArgumentException if it is less than 1
   */
  public BatchNormLayer {
    Keys.requireSize(Keys.FEATURES, features, 1);
  }

  @Override
  public String type() {
    return NAME;
  }

  @Override
  public Shape outputShape(Shape input) {
    if (input.rank() == 2) {
      throw new IllegalArgumentException(
          "expected images [C, H, W] or rows [d], found shape " + input);
    }
    if (input.dimension(0) != features) {
      throw new IllegalArgumentException(
          "expected "
              + input.dimension(0)
              + " features, the first axis of shape "
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
    Shape shape = Shape.of(features);
    return List.of(
        ParameterSpec.mean(WEIGHT, shape, new Initializer.Constant(1)),
        ParameterSpec.mean(BIAS, shape, new Initializer.Constant(0)),
        ParameterSpec.statistic(RUNNING_MEAN, shape, 0),
        ParameterSpec.statistic(RUNNING_VAR, shape, 1));
  }

  @Override
  public SampleBatch output(LayerContext context, SampleBatch x) {
    Shape sample = x.sample();
    if (sample.rank() == 3) {
      Value pixels = output(context, x.pixels());
      return SampleBatch.ofPixels(
          context.program(), pixels, sample.dimension(1), sample.dimension(2));
    }
    return SampleBatch.ofRows(context.program(), output(context, x.rows()), sample);
  }

  private Value output(LayerContext context, Value x) {
    ProgramBuilder program = context.program();
    NamedValues values = context.parameters();
    Value centred;
    Value variance;
    if (context.isTraining()) {
      int count = x.shape().dimension(0);
      Shape each = Shape.of(features);
      Value mean = program.affine(program.sumTo(x, each), 1.0 / Math.max(1, count), 0);
      centred = program.subtract(x, mean);
      variance = Norms.meanSquare(program, centred, each);
      double unbiased = (double) count / Math.max(1, count - 1);
      move(context, RUNNING_MEAN, mean, 1);
      move(context, RUNNING_VAR, variance, unbiased);
    } else {
      centred = program.subtract(x, values.get(RUNNING_MEAN));
      variance = values.get(RUNNING_VAR);
    }
    // One factor for each feature, so that the normalized values need not be kept as well.
    Value scale = program.multiply(Norms.precision(program, variance), values.get(WEIGHT));
    return Norms.scaled(program, centred, scale, values.get(BIAS));
  }

  /** Moves a running statistic towards that of the batch. */
  private static void move(LayerContext context, String name, Value batch, double scale) {
    ProgramBuilder program = context.program();
    Value kept = program.affine(context.parameters().get(name), 1 - MOMENTUM, 0);
    context.setStatistic(name, program.add(kept, program.affine(batch, MOMENTUM * scale, 0)));
  }

  /** Makes batch normalizations. */
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
      return new BatchNormLayer(Keys.width(attributes, Keys.FEATURES, Keys::channels));
    }
  }
}
