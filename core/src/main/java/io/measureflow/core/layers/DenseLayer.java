package io.measureflow.core.layers;

import io.measureflow.api.measure.Initializer;
import io.measureflow.api.measure.ParameterSpec;
import io.measureflow.api.model.Layer;
import io.measureflow.api.model.LayerSpec;
import io.measureflow.api.program.NamedValues;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import io.measureflow.core.activations.Activations;
import java.util.ArrayList;
import java.util.List;

/** An ordinary affine layer sigma(weight x + bias), trained in the Euclidean metric. */
final class DenseLayer implements Layer {

  private static final String WEIGHT = "weight";
  private static final String BIAS = "bias";

  private final LayerSpec.Dense spec;

  DenseLayer(LayerSpec.Dense spec) {
    this.spec = spec;
  }

  @Override
  public LayerSpec spec() {
    return spec;
  }

  @Override
  public List<ParameterSpec> parameters() {
    // A rectifier halves the second moment, which a variance of 2/d makes up for [he2015].
    double variance = (spec.activation().equals(Activations.RELU) ? 2.0 : 1.0) / spec.inputs();
    var parameters = new ArrayList<ParameterSpec>();
    parameters.add(
        ParameterSpec.mean(
            WEIGHT,
            Shape.of(spec.outputs(), spec.inputs()),
            new Initializer.Normal(Math.sqrt(variance))));
    if (spec.bias()) {
      parameters.add(
          ParameterSpec.mean(BIAS, Shape.of(spec.outputs()), new Initializer.Constant(0)));
    }
    return parameters;
  }

  @Override
  public Value output(ProgramBuilder program, Value x, NamedValues values) {
    Value sum = program.matMul(x, false, values.get(WEIGHT), true);
    if (spec.bias()) {
      sum = program.add(sum, values.get(BIAS));
    }
    return spec.activation().derivative(program, sum, 0);
  }

  @Override
  public Value variance(ProgramBuilder program, Value x, NamedValues values) {
    return program.constant(0, Shape.of(x.shape().dimension(0), spec.outputs()));
  }

  @Override
  public Value secondMoment(ProgramBuilder program, NamedValues values) {
    return program.constant(0);
  }

  @Override
  public Value logDeterminant(ProgramBuilder program, NamedValues values) {
    return program.constant(0);
  }

  @Override
  public Value gradientScale(ProgramBuilder program, ParameterSpec parameter, NamedValues values) {
    return program.constant(1);
  }
}
