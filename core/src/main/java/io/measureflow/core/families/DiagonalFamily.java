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
public record DiagonalFamily() implements GaussianFamily {

  @Override
  public String name() {
    return "diagonal";
  }

  @Override
  public List<ParameterSpec> parameters(ComponentSize size) {
    var parameters = new ArrayList<>(GaussianOperations.means(size));
    parameters.add(GaussianOperations.deviations(size));
    return parameters;
  }

  @Override
  public Value output(Operands operands) {
    return GaussianOperations.output(operands, joint(operands));
  }

  @Override
  public Joint joint(Operands operands) {
    return new Joint(
        GaussianFamily.mean(operands),
        operands
            .program()
            .varianceProduct(operands.input(), operands.parameter(GaussianOperations.IN_STD)),
        new Factor.None());
  }

  @Override
  public Value trace(Operands operands) {
    ProgramBuilder program = operands.program();
    return GaussianOperations.sumPerComponent(
        program, program.square(operands.parameter(GaussianOperations.IN_STD)));
  }

  @Override
  public Value logDeterminant(Operands operands) {
    ProgramBuilder program = operands.program();
    Value logs =
        GaussianOperations.logOfAbsolute(program, operands.parameter(GaussianOperations.IN_STD));
    return program.affine(GaussianOperations.sumPerComponent(program, logs), 2, 0);
  }

  @Override
  public Root root(ComponentSize size, Function<String, Tensor> parameters, int component) {
    return GaussianOperations.root(size, parameters.apply(GaussianOperations.IN_STD), component);
  }
}
