package io.measureflow.core.families;

import io.measureflow.api.backend.Tensor;
import io.measureflow.api.measure.ComponentSize;
import io.measureflow.api.measure.GaussianFamily;
import io.measureflow.api.measure.Operands;
import io.measureflow.api.measure.ParameterSpec;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Gaussians N(mu_k, diag(s_k^2)) on w: one standard deviation per component and coordinate. */
public final class DiagonalFamily implements GaussianFamily {

  @Override
  public String name() {
    return "diagonal";
  }

  @Override
  public List<ParameterSpec> parameters(ComponentSize size) {
    var parameters = new ArrayList<>(Gaussian.means(size));
    parameters.add(Gaussian.deviations(size));
    return parameters;
  }

  @Override
  public Value output(Operands operands) {
    return Gaussian.output(operands, joint(operands));
  }

  @Override
  public Joint joint(Operands operands) {
    return new Joint(
        GaussianFamily.mean(operands),
        operands.program().varianceProduct(operands.input(), operands.parameter(Gaussian.IN_STD)),
        new Factor.None());
  }

  @Override
  public Value trace(Operands operands) {
    ProgramBuilder program = operands.program();
    return Gaussian.sumPerComponent(program, program.square(operands.parameter(Gaussian.IN_STD)));
  }

  @Override
  public Value logDeterminant(Operands operands) {
    ProgramBuilder program = operands.program();
    Value logs = Gaussian.logOfAbsolute(program, operands.parameter(Gaussian.IN_STD));
    return program.affine(Gaussian.sumPerComponent(program, logs), 2, 0);
  }

  @Override
  public Root root(ComponentSize size, Function<String, Tensor> parameters, int component) {
    return Gaussian.root(size, parameters.apply(Gaussian.IN_STD), component);
  }
}
