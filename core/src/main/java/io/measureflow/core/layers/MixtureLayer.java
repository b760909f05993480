package io.measureflow.core.layers;

import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.measure.ComponentSize;
import io.measureflow.api.measure.Family;
import io.measureflow.api.measure.Initializer;
import io.measureflow.api.measure.Operands;
import io.measureflow.api.measure.ParameterSpec;
import io.measureflow.api.model.Layer;
import io.measureflow.api.model.LayerSpec;
import io.measureflow.api.program.NamedValues;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import io.measureflow.core.families.Families;
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
    this.spec = spec;
    this.family = Families.get(spec.family());
    if (family.hasRank() != (spec.rank() > 0)) {
      throw InvalidRequestException.of(
          "rank",
          family.hasRank() ? "at least 1 for family " + family.name() : "none (0)",
          String.valueOf(spec.rank()),
          "Family " + family.name() + (family.hasRank() ? " needs" : " has no") + " rank.");
    }
    int inputs = spec.bias() ? spec.inputs() + 1 : spec.inputs();
    var all =
        new ArrayList<>(
            family.parameters(
                new ComponentSize(
                    spec.components(), inputs, spec.outputs(), spec.rank(), spec.bias())));
    all.add(
        new ParameterSpec(
            LOG_WEIGHTS, Shape.of(spec.components()), new Initializer.Constant(0), 1, false));
    this.parameters = List.copyOf(all);
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
    Value input = spec.bias() ? program.appendOnes(x) : x;
    return family.output(
        new Operands(program, input, weights(program, values), values, spec.activation()));
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
