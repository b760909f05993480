package io.measureflow.core.families;

import io.measureflow.api.backend.Tensor;
import io.measureflow.api.measure.ComponentSize;
import io.measureflow.api.measure.GaussianFamily;
import io.measureflow.api.measure.Initializer;
import io.measureflow.api.measure.Operands;
import io.measureflow.api.measure.ParameterSpec;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Gaussians of any covariance on (a, w): Sigma = A A' with a square root A = [A_a; A_w]. */
public final class FullFamily implements GaussianFamily {

  @Override
  public String name() {
    return "full";
  }

  @Override
  public RankRule rankRule() {
    return RankRule.WHOLE;
  }

  @Override
  public List<ParameterSpec> parameters(ComponentSize size) {
    var parameters = new ArrayList<>(Gaussian.means(size));
    // A diagonal root: w in the first n columns, a in the last p.
    parameters.add(
        Gaussian.inFactor(size, new Initializer.Diagonal(Gaussian.initialSpread(size), 0)));
    parameters.add(
        Gaussian.outFactor(
            size, new Initializer.Diagonal(Gaussian.INITIAL_OUT_SPREAD, size.inputs())));
    return parameters;
  }

  @Override
  public Value output(Operands operands) {
    return Gaussian.output(operands, joint(operands));
  }

  @Override
  public Joint joint(Operands operands) {
    Factor.Shared shared = Gaussian.shared(operands);
    return new Joint(
        GaussianFamily.mean(operands), Gaussian.squaredNorm(operands.program(), shared), shared);
  }

  @Override
  public Value trace(Operands operands) {
    return Gaussian.factorTrace(operands);
  }

  /** 2 log |det A|. */
  @Override
  public Value logDeterminant(Operands operands) {
    ProgramBuilder program = operands.program();
    Value outFactor = operands.parameter(Gaussian.OUT_FACTOR);
    Value inFactor = operands.parameter(Gaussian.IN_FACTOR);
    int components = outFactor.shape().dimension(0);
    int above = outFactor.shape().size() / components;
    int below = inFactor.shape().size() / components;
    int dimension = outFactor.shape().dimension(2);
    // One below the other: each component's rows end to end, with room for the other's.
    Value root =
        program.add(
            program.padColumns(program.reshape(outFactor, Shape.of(components, above)), 0, below),
            program.padColumns(program.reshape(inFactor, Shape.of(components, below)), above, 0));
    return program.affine(
        program.logDeterminant(program.reshape(root, Shape.of(components, dimension, dimension))),
        2,
        0);
  }

  @Override
  public Root root(ComponentSize size, Function<String, Tensor> parameters, int component) {
    return new Root(
        Gaussian.zeros(size.outputs() + size.inputs()),
        Gaussian.factor(
            size,
            parameters.apply(Gaussian.OUT_FACTOR),
            parameters.apply(Gaussian.IN_FACTOR),
            component));
  }
}
