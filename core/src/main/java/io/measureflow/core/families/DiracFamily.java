package io.measureflow.core.families;

import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.measure.ComponentSize;
import io.measureflow.api.measure.GaussianFamily;
import io.measureflow.api.measure.Operands;
import io.measureflow.api.measure.ParameterSpec;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import java.util.List;
import java.util.function.Function;

/**
 * Points: each component is one neuron (a, w) at its mean. A mixture of them is the classical
 * two-layer dense network in mean-field scaling, the baseline of every experiment.
 */
public record DiracFamily() implements GaussianFamily {

  @Override
  public String name() {
    return "dirac";
  }

  @Override
  public List<ParameterSpec> parameters(ComponentSize size) {
    return GaussianOperations.means(size);
  }

  @Override
  public Value output(Operands operands) {
    return GaussianOperations.direct(
        operands,
        operands.activation().derivative(operands.program(), GaussianFamily.mean(operands), 0));
  }

  @Override
  public Joint joint(Operands operands) {
    Value mean = GaussianFamily.mean(operands);
    return new Joint(mean, operands.program().constant(0, mean.shape()), new Factor.None());
  }

  @Override
  public Value trace(Operands operands) {
    return operands.program().constant(0, operands.weights().shape());
  }

  @Override
  public Value logDeterminant(Operands operands) {
    throw InvalidRequestException.of(
        "entropy of family " + name(),
        "components that spread",
        "points, whose entropy is minus infinity",
        "Set the entropy to 0, or choose another family.");
  }

  @Override
  public Root root(ComponentSize size, Function<String, Tensor> parameters, int component) {
    int dimension = size.outputs() + size.inputs();
    return new Root(
        GaussianOperations.zeros(dimension),
        Tensor.zeros(Shape.of(dimension, 0), ElementType.FLOAT64));
  }
}
