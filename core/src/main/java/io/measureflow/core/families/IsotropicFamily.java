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

/** Gaussians N(mu_k, s_k^2 I): one standard deviation per component. */
public final class IsotropicFamily implements Family {

  @Override
  public String name() {
    return "isotropic";
  }

  @Override
  public List<ParameterSpec> parameters(ComponentSize size) {
    var parameters = new ArrayList<>(Gaussian.means(size));
    // The metric is n: moving s by ds moves the root s I by |ds I|^2 = n ds^2.
    parameters.add(
        new ParameterSpec(
            Gaussian.IN_STD,
            Shape.of(size.components()),
            new Initializer.Constant(Gaussian.initialSpread(size)),
            size.inputs(),
            true));
    return parameters;
  }

  @Override
  public Value output(Operands operands) {
    ProgramBuilder program = operands.program();
    Value x = operands.input();
    Value s = operands.parameter(Gaussian.IN_STD);
    int batch = x.shape().dimension(0);
    int components = s.shape().dimension(0);
    Value squaredNorm = program.sumTo(program.square(x), Shape.of(batch, 1));
    Value squaredSpread = program.reshape(program.square(s), Shape.of(1, components));
    return Gaussian.output(
        operands,
        program.gaussianMoment(
            operands.activation(),
            Gaussian.mean(operands),
            program.multiply(squaredNorm, squaredSpread),
            0));
  }
}
