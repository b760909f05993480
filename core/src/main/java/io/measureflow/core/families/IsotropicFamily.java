package io.measureflow.core.families;

import io.measureflow.api.backend.Tensor;
import io.measureflow.api.measure.ComponentSize;
import io.measureflow.api.measure.GaussianFamily;
import io.measureflow.api.measure.Initializer;
import io.measureflow.api.measure.Operands;
import io.measureflow.api.measure.ParameterSpec;
import io.measureflow.api.measure.Role;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Gaussians N(mu_k, s_k^2 I) on w: one standard deviation per component. */
public record IsotropicFamily() implements GaussianFamily {

  @Override
  public String name() {
    return "isotropic";
  }

  @Override
  public List<ParameterSpec> parameters(ComponentSize size) {
    var parameters = new ArrayList<>(GaussianOperations.means(size));
    // The metric is n: moving s by ds moves the root s I by |ds I|^2 = n ds^2.
    parameters.add(
        new ParameterSpec(
            GaussianOperations.IN_STD,
            Shape.of(size.components()),
            new Initializer.Constant(GaussianOperations.initialSpread(size)),
            size.inputs(),
            Role.SPREAD));
    return parameters;
  }

  @Override
  public Value output(Operands operands) {
    return GaussianOperations.output(operands, joint(operands));
  }

  @Override
  public Joint joint(Operands operands) {
    ProgramBuilder program = operands.program();
    Value x = operands.input();
    Value s = operands.parameter(GaussianOperations.IN_STD);
    Value squaredNorm = program.sumTo(program.square(x), Shape.of(x.shape().dimension(0), 1));
    Value squaredSpread = program.reshape(program.square(s), Shape.of(1, s.shape().dimension(0)));
    return new Joint(
        GaussianFamily.mean(operands),
        program.multiply(squaredNorm, squaredSpread),
        new Factor.None());
  }

  @Override
  public Value trace(Operands operands) {
    ProgramBuilder program = operands.program();
    return program.affine(
        program.square(operands.parameter(GaussianOperations.IN_STD)), dimension(operands), 0);
  }

  @Override
  public Value logDeterminant(Operands operands) {
    ProgramBuilder program = operands.program();
    Value log =
        GaussianOperations.logOfAbsolute(program, operands.parameter(GaussianOperations.IN_STD));
    return program.affine(log, 2.0 * dimension(operands), 0);
  }

  private static int dimension(Operands operands) {
    return operands.parameter(IN_MEAN).shape().dimension(1);
  }

  @Override
  public Root root(ComponentSize size, Function<String, Tensor> parameters, int component) {
    return GaussianOperations.root(size, parameters.apply(GaussianOperations.IN_STD), component);
  }
}
