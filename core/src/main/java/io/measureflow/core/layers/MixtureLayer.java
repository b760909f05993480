package io.measureflow.core.layers;

import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.measure.ComponentSize;
import io.measureflow.api.measure.Family;
import io.measureflow.api.measure.GaussianFamily;
import io.measureflow.api.measure.Initializer;
import io.measureflow.api.measure.Operands;
import io.measureflow.api.measure.ParameterSpec;
import io.measureflow.api.model.Layer;
import io.measureflow.api.model.LayerSpec;
import io.measureflow.api.program.NamedValues;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import io.measureflow.core.families.GaussianFunctions;
import java.util.ArrayList;
import java.util.List;

/**
 * A layer that integrates a sigma(w.x) over a mixture of K components of one family, with weights
 * pi = softmax(log_weights) (specification, section 1).
 */
final class MixtureLayer implements Layer {

  private static final String LOG_WEIGHTS = "log_weights";

  private final LayerSpec.GaussianMixture spec;
  private final Family family;
  private final List<ParameterSpec> parameters;

  MixtureLayer(LayerSpec.GaussianMixture spec) {
    this.family = spec.family();
    this.spec = canonical(spec, family);
    var all = new ArrayList<>(family.parameters(size(spec, family)));
    all.add(
        new ParameterSpec(
            LOG_WEIGHTS,
            Shape.of(spec.components()),
            new Initializer.Constant(0),
            1,
            ParameterSpec.Role.WEIGHTS));
    this.parameters = List.copyOf(all);
  }

  /** The description without a rank that follows from the other sizes. */
  private static LayerSpec.GaussianMixture canonical(
      LayerSpec.GaussianMixture spec, Family family) {
    size(spec, family);
    return family.rankRule() == Family.RankRule.FREE
        ? spec
        : new LayerSpec.GaussianMixture(
            spec.family(),
            spec.activation(),
            spec.bias(),
            spec.inputs(),
            spec.outputs(),
            spec.components(),
            0);
  }

  /**
   * The sizes of a layer's components.
   *
   * @throws InvalidRequestException if the rank does not suit the family
   */
  static ComponentSize size(LayerSpec.GaussianMixture spec, Family family) {
    int inputs = spec.bias() ? spec.inputs() + 1 : spec.inputs();
    int whole = Math.addExact(inputs, spec.outputs());
    int rank =
        switch (family.rankRule()) {
          case NONE -> {
            requireRank(spec.rank() == 0, spec, "none (0)");
            yield 0;
          }
          case FREE -> {
            requireRank(spec.rank() > 0, spec, "at least 1");
            yield spec.rank();
          }
          case WHOLE -> {
            requireRank(
                spec.rank() == 0 || spec.rank() == whole,
                spec,
                "none, or " + whole + ", the dimension of the whole space");
            yield whole;
          }
        };
    return new ComponentSize(spec.components(), inputs, spec.outputs(), rank, spec.bias());
  }

  private static void requireRank(boolean holds, LayerSpec.GaussianMixture spec, String expected) {
    if (!holds) {
      throw InvalidRequestException.of(
          "rank",
          expected + " for family " + spec.family().name(),
          String.valueOf(spec.rank()),
          "Correct the rank, or choose another family.");
    }
  }

  @Override
  public LayerSpec spec() {
    return spec;
  }

  @Override
  public List<ParameterSpec> parameters() {
    return parameters;
  }

  @Override
  public Value output(ProgramBuilder program, Value x, NamedValues values) {
    return family.output(operands(program, x, values));
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
    Value input = spec.bias() ? program.appendOnes(x) : x;
    return new Operands(program, input, weights(program, values), values, spec.activation());
  }

  private Operands withoutInput(ProgramBuilder program, NamedValues values) {
    Value nothing = program.constant(0, Shape.of(0, spec.inputs()));
    return operands(program, nothing, values);
  }

  @Override
  public Value gradientScale(ProgramBuilder program, ParameterSpec parameter, NamedValues values) {
    Value inverseWeights = program.reciprocal(weights(program, values));
    return program.affine(inverseWeights, 1 / parameter.metric(), 0);
  }

  private static Value weights(ProgramBuilder program, NamedValues values) {
    return program.softmax(values.get(LOG_WEIGHTS));
  }
}
