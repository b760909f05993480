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
import io.measureflow.api.program.NamedValues;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import io.measureflow.core.families.GaussianFunctions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
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
    implements Layer {

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
    Sizes.check("inputs", inputs, 1);
    Sizes.check("outputs", outputs, 1);
    Sizes.check("components", components, 1);
    Sizes.check("rank", rank, 0);
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
    return MixtureLayerType.NAME;
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
  public Value output(ProgramBuilder program, Value x, NamedValues values) {
    Value output = family.output(operands(program, x, values));
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
  public Value variance(ProgramBuilder program, Value x, NamedValues values) {
    return GaussianFunctions.variance(gaussian("variance"), operands(program, x, values));
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
}
