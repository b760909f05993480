package io.measureflow.core.families;

import io.measureflow.api.measure.ComponentSize;
import io.measureflow.api.measure.Family;
import io.measureflow.api.measure.Initializer;
import io.measureflow.api.measure.Operands;
import io.measureflow.api.measure.ParameterSpec;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import java.util.ArrayList;
import java.util.List;

/** Gaussians N(mu_k, diag(s_k^2)): one standard deviation per component and input coordinate. */
public final class DiagonalFamily implements Family {

  @Override
  public String name() {
    return "diagonal";
  }

  @Override
  public List<ParameterSpec> parameters(ComponentSize size) {
    var parameters = new ArrayList<>(Gaussian.means(size));
    parameters.add(
        ParameterSpec.trained(
            Gaussian.IN_STD,
            Shape.of(size.components(), size.inputs()),
            new Initializer.Constant(Gaussian.initialSpread(size))));
    return parameters;
  }

  @Override
  public Value output(Operands operands) {
    ProgramBuilder program = operands.program();
    Value variance = program.varianceProduct(operands.input(), operands.parameter(Gaussian.IN_STD));
    return Gaussian.output(
        operands,
        program.gaussianMoment(operands.activation(), Gaussian.mean(operands), variance, 0));
  }
}
