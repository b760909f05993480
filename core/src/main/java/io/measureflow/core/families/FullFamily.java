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

/**
 * Gaussians with a general covariance on (a, w): Sigma = A A' with a square root A = [A_a; A_w].
 */
public record FullFamily() implements GaussianFamily {

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
    var parameters = new ArrayList<>(GaussianOperations.means(size));
    // A diagonal root: w in the first n columns, a in the last p.
    parameters.add(
        GaussianOperations.inFactor(
            size, new Initializer.Diagonal(GaussianOperations.initialSpread(size), 0)));
    parameters.add(
        GaussianOperations.outFactor(
            size, new Initializer.Diagonal(GaussianOperations.INITIAL_OUT_SPREAD, size.inputs())));
    return parameters;
  }

  @Override
  public Value output(Operands operands) {
    return GaussianOperations.output(operands, joint(operands));
  }

  @Override
  public Joint joint(Operands operands) {
    Factor.Shared shared = GaussianOperations.shared(operands);
    return new Joint(
        GaussianFamily.mean(operands),
        GaussianOperations.squaredNorm(operands.program(), shared),
        shared);
  }

  @Override
  public Value trace(Operands operands) {
    return GaussianOperations.factorTrace(operands);
  }

  /** 2 log |det A|. */
  @Override
  public Value logDeterminant(Operands operands) {
    ProgramBuilder program = operands.program();
    Value outFactor = operands.parameter(GaussianOperations.OUT_FACTOR);
    Value inFactor = operands.parameter(GaussianOperations.IN_FACTOR);
    int components = outFactor.shape().dimension(0);
    int above = outFactor.shape().size() / components;
    int below = inFactor.shape().size() / components;
    int dimension = outFactor.shape().dimension(2);
    // Stacked: the rows of each component end to end, padded with room for the other part.
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
        GaussianOperations.zeros(size.outputs() + size.inputs()),
        GaussianOperations.factor(
            size,
            parameters.apply(GaussianOperations.OUT_FACTOR),
            parameters.apply(GaussianOperations.IN_FACTOR),
            component));
  }
}
