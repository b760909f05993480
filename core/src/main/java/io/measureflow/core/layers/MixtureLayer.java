package io.measureflow.core.layers;

import io.measureflow.api.activation.Activation;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.measure.ComponentSize;
import io.measureflow.api.measure.Family;
import io.measureflow.api.measure.GaussianFamily;
import io.measureflow.api.measure.Initializer;
import io.measureflow.api.measure.Operands;
import io.measureflow.api.measure.ParameterSpec;
import io.measureflow.api.measure.Role;
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
import io.measureflow.core.families.GaussianFunctions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A layer that integrates a sigma(w.x) over a mixture of K components of one family, with weights
 * pi = softmax(log_weights) (docs/mathematics.md, section 1). With Gaussian components it is the GM
 * layer of [chewi2025], with points an ordinary dense two-layer network.
 *
 * @param family the family of the components
 * @param activation sigma
 * @param bias whether a constant 1 is appended to the input as its last column
 * @param inputs d
 * @param outputs p
 * @param components K
 * @param rank r, the rank of the covariance's factor; 0 for families without one, or whose rank
 *     follows from the other sizes
 */
public record MixtureLayer(
    Family family,
    Activation activation,
    boolean bias,
    int inputs,
    int outputs,
    int components,
    int rank)
    implements MeasureLayer {

  private static final String NAME = "gm";
  private static final String LOG_WEIGHTS = "log_weights";

  /**
   * The least weight that gradients are divided by: its reciprocal is finite in float32, and a
   * component that weighs less has no influence on the output.
   */
  private static final double LEAST_DIVISOR = 1e-30;

  private static final int DEFAULT_RANK = 4;

  // docs/mathematics.md, section 6: with at least this many components the flow is stable at the
  // larger learning rate.
  private static final int MANY_COMPONENTS = 64;
  private static final int MANY_FACTORED_COMPONENTS = 10;
  private static final double STEP_OF_MANY = 0.5;
  private static final double STEP_OF_FEW = 0.2;

  /**
   * Checks the sizes. A rank equal to that of the whole space is stored as 0.
   *
   * @throws IllegalArgumentException if a size is too small
   * @throws InvalidRequestException if the rank does not suit the family
   */
  public MixtureLayer {
    Keys.requireSize("inputs", inputs, 1);
    Keys.requireSize("outputs", outputs, 1);
    Keys.requireSize("components", components, 1);
    Keys.requireSize("rank", rank, 0);
    switch (family.rankRule()) {
      case NONE -> requireRank(rank == 0, family, rank, "none (0)");
      case FREE -> requireRank(rank > 0, family, rank, "at least 1");
      case WHOLE -> {
        int whole = Math.addExact(bias ? inputs + 1 : inputs, outputs);
        requireRank(
            rank == 0 || rank == whole,
            family,
            rank,
            "none, or " + whole + ", the dimension of the whole space");
        rank = 0;
      }
    }
  }

  private static void requireRank(boolean holds, Family family, int rank, String expected) {
    if (!holds) {
      throw InvalidRequestException.of(
          "rank",
          expected + " for family " + family.name(),
          String.valueOf(rank),
          "Correct the rank, or choose another family.");
    }
  }

  /** Returns the default rank of a factor; 0 for families whose rank is not free. */
  public static int defaultRank(Family family) {
    return family.rankRule() == Family.RankRule.FREE ? DEFAULT_RANK : 0;
  }

  @Override
  public String type() {
    return NAME;
  }

  @Override
  public MixtureLayer mixture() {
    return this;
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
    attributes.put(Keys.FAMILY, family.name());
    attributes.put(Keys.ACTIVATION, activation.key());
    attributes.put(Keys.BIAS, bias);
    attributes.put(Keys.INPUTS, inputs);
    attributes.put(Keys.OUTPUTS, outputs);
    attributes.put(Keys.COMPONENTS, components);
    if (rank > 0) {
      attributes.put(Keys.RANK, rank);
    }
    return attributes;
  }

  /** Returns the sizes on which the parameters of the components depend. */
  public ComponentSize size() {
    int width = bias ? Math.addExact(inputs, 1) : inputs;
    return new ComponentSize(
        components,
        width,
        outputs,
        family.rankRule() == Family.RankRule.WHOLE ? Math.addExact(width, outputs) : rank,
        bias);
  }

  @Override
  public List<ParameterSpec> parameters() {
    var all = new ArrayList<>(family.parameters(size()));
    all.add(
        new ParameterSpec(
            LOG_WEIGHTS, Shape.of(components), new Initializer.Constant(0), 1, Role.WEIGHTS));
    return List.copyOf(all);
  }

  /**
   * @throws InvalidRequestException if the family writes an output of another shape
   */
  @Override
  public SampleBatch output(LayerContext context, SampleBatch x) {
    return Rows.batch(context.program(), x, inputs, outputOfRows(context, Rows.of(x, inputs)));
  }

  /** Writes the output for rows [B, inputs]: [B, outputs]. */
  Value outputOfRows(LayerContext context, Value x) {
    Value output = family.output(operands(context.program(), x, context.parameters()));
    Shape expected = Shape.of(x.shape().dimension(0), outputs);
    if (!output.shape().equals(expected)) {
      throw InvalidRequestException.of(
          "family " + family.name() + " (" + family.getClass().getName() + "), output",
          "shape " + expected + ", rows and outputs",
          "shape " + output.shape(),
          "Correct the family, or choose another.");
    }
    return output;
  }

  @Override
  public SampleBatch variance(LayerContext context, SampleBatch x) {
    return Rows.batch(context.program(), x, inputs, varianceOfRows(context, Rows.of(x, inputs)));
  }

  /** Writes the variance for rows [B, inputs]: [B, outputs]. */
  Value varianceOfRows(LayerContext context, Value x) {
    return GaussianFunctions.variance(
        gaussian("variance"), operands(context.program(), x, context.parameters()));
  }

  @Override
  public Value secondMoment(ProgramBuilder program, NamedValues values) {
    return GaussianFunctions.secondMoment(gaussian("second moment"), withoutInput(program, values));
  }

  @Override
  public Value logDeterminant(ProgramBuilder program, NamedValues values) {
    return GaussianFunctions.logDeterminant(gaussian("entropy"), withoutInput(program, values));
  }

  private GaussianFamily gaussian(String what) {
    if (family instanceof GaussianFamily gaussian) {
      return gaussian;
    }
    throw InvalidRequestException.of(
        what + " of a layer",
        "a family of Gaussians",
        "family " + family.name(),
        "Leave it out, or choose another family.");
  }

  private Operands operands(ProgramBuilder program, Value x, NamedValues values) {
    Value input = bias ? program.appendOnes(x) : x;
    return new Operands(program, input, weights(program, values), values, activation);
  }

  private Operands withoutInput(ProgramBuilder program, NamedValues values) {
    Value nothing = program.constant(0, Shape.of(0, inputs));
    return operands(program, nothing, values);
  }

  @Override
  public Value gradientScale(ProgramBuilder program, ParameterSpec parameter, NamedValues values) {
    if (parameter.shared()) {
      // Parameters shared by all components are divided by the total weight, which is 1.
      return program.constant(1 / parameter.metric());
    }
    // Where a weight underflows, so does the gradient, and 0/0 would be no number.
    Value divisors = program.maximum(weights(program, values), program.constant(LEAST_DIVISOR));
    return program.affine(program.reciprocal(divisors), 1 / parameter.metric(), 0);
  }

  private static Value weights(ProgramBuilder program, NamedValues values) {
    return program.softmax(values.get(LOG_WEIGHTS));
  }

  @Override
  public double defaultLearningRate() {
    int many =
        family.rankRule() == Family.RankRule.NONE ? MANY_COMPONENTS : MANY_FACTORED_COMPONENTS;
    return components >= many ? STEP_OF_MANY : STEP_OF_FEW;
  }

  /** Compares descriptions: two instances of one family are equal. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof MixtureLayer layer && attributes().equals(layer.attributes());
  }

  @Override
  public int hashCode() {
    return attributes().hashCode();
  }

  @Override
  public String summary() {
    return components
        + " "
        + family.name()
        + (rank > 0 ? " of rank " + rank : "")
        + " "
        + activation.key();
  }

  @Override
  public String toString() {
    return "MixtureLayer["
        + family.name()
        + ", "
        + activation.key()
        + (bias ? ", bias, " : ", ")
        + inputs
        + " -> "
        + outputs
        + ", K = "
        + components
        + (rank > 0 ? ", rank " + rank : "")
        + "]";
  }

  /** Makes mixture layers. */
  public static final class Type implements LayerType {

    /** Called by {@link java.util.ServiceLoader}. */
    public Type() {}

    @Override
    public String name() {
      return NAME;
    }

    @Override
    public Set<String> keys() {
      return KEYS;
    }

    @Override
    public String shortForm() {
      return "gm:FAMILY:COMPONENTSxOUTPUTS";
    }

    @Override
    public Map<String, String> positional(List<String> parts) {
      return counts(Parts.all(parts, Keys.FAMILY, Keys.COMPONENTS));
    }

    @Override
    public List<String> positional(Layer layer) {
      var mixture = (MixtureLayer) layer;
      return List.of(mixture.family().name(), mixture.components() + "x" + mixture.outputs());
    }

    @Override
    public Layer layer(LayerAttributes attributes) {
      return read(attributes, Keys.width(attributes, Keys.INPUTS, Rows::width));
    }
  }

  /** The keys of a description. */
  static final Set<String> KEYS =
      Set.of(
          Keys.FAMILY,
          Keys.ACTIVATION,
          Keys.BIAS,
          Keys.INPUTS,
          Keys.OUTPUTS,
          Keys.COMPONENTS,
          Keys.RANK);

  /** Splits COMPONENTSxOUTPUTS. */
  static Map<String, String> counts(Map<String, String> parts) {
    var attributes = new LinkedHashMap<>(parts);
    String[] counts = parts.getOrDefault(Keys.COMPONENTS, "").split("x", 2);
    attributes.put(Keys.COMPONENTS, counts[0]);
    if (counts.length == 2) {
      attributes.put(Keys.OUTPUTS, counts[1]);
    }
    return attributes;
  }

  /** Reads a layer of rows of this width. */
  static MixtureLayer read(LayerAttributes attributes, int inputs) {
    Family family = attributes.family(Keys.FAMILY);
    int otherwise = attributes.complete() ? 0 : defaultRank(family);
    return new MixtureLayer(
        family,
        attributes.has(Keys.ACTIVATION) || attributes.complete()
            ? attributes.activation(Keys.ACTIVATION)
            : Activations.RELU,
        attributes.bool(Keys.BIAS, true),
        inputs,
        attributes.integer(Keys.OUTPUTS, 1),
        attributes.integer(Keys.COMPONENTS, 1),
        attributes.has(Keys.RANK) ? attributes.integer(Keys.RANK, 0) : otherwise);
  }
}
