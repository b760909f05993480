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
 * Gaussians whose covariance is a diagonal on w and a factor of rank r on (a, w): Sigma = diag(0,
 * s^2) + A A', A = [A_a; A_w]. The covariance between a and w from this factor provides most of the
 * power of a component (docs/mathematics.md, section 6).
 */
public record FactoredFamily() implements GaussianFamily {

  @Override
  public String name() {
    return "factored";
  }

  @Override
  public RankRule rankRule() {
    return RankRule.FREE;
  }

  @Override
  public List<ParameterSpec> parameters(ComponentSize size) {
    double perColumn = 1 / Math.sqrt(size.rank());
    var parameters = new ArrayList<>(GaussianOperations.means(size));
    parameters.add(GaussianOperations.deviations(size));
    parameters.add(
        GaussianOperations.inFactor(
            size, new Initializer.Normal(GaussianOperations.initialSpread(size) * perColumn)));
    parameters.add(
        GaussianOperations.outFactor(
            size, new Initializer.Normal(GaussianOperations.INITIAL_OUT_SPREAD * perColumn)));
    return parameters;
  }

  @Override
  public Value output(Operands operands) {
    return GaussianOperations.output(operands, joint(operands));
  }

  @Override
  public Joint joint(Operands operands) {
    ProgramBuilder program = operands.program();
    Factor.Shared shared = GaussianOperations.shared(operands);
    Value own =
        program.varianceProduct(operands.input(), operands.parameter(GaussianOperations.IN_STD));
    return new Joint(
        GaussianFamily.mean(operands),
        program.add(own, GaussianOperations.squaredNorm(program, shared)),
        shared);
  }

  @Override
  public Value trace(Operands operands) {
    ProgramBuilder program = operands.program();
    Value ofDiagonal =
        GaussianOperations.sumPerComponent(
            program, program.square(operands.parameter(GaussianOperations.IN_STD)));
    return program.add(ofDiagonal, GaussianOperations.factorTrace(operands));
  }

  /**
   * log det of Sigma_ww = D (I + (D^-1 A_w)(D^-1 A_w)') D, D = diag(s), by the matrix determinant
   * lemma: an r x r determinant.
   */
  @Override
  public Value logDeterminant(Operands operands) {
    ProgramBuilder program = operands.program();
    Value s = operands.parameter(GaussianOperations.IN_STD);
    Value inFactor = operands.parameter(GaussianOperations.IN_FACTOR);
    int rank = inFactor.shape().dimension(2);
    Value scaled =
        program.divide(
            inFactor,
            program.reshape(s, Shape.of(s.shape().dimension(0), s.shape().dimension(1), 1)));
    double[] identity = new double[rank * rank];
    for (int i = 0; i < rank; i++) {
      identity[i * rank + i] = 1;
    }
    Value gram =
        program.add(
            program.matMul(scaled, true, scaled, false),
            program.literal(Shape.of(rank, rank), identity));
    Value ofDiagonal =
        program.affine(
            GaussianOperations.sumPerComponent(
                program, GaussianOperations.logOfAbsolute(program, s)),
            2,
            0);
    return program.add(ofDiagonal, program.logDeterminant(gram));
  }

  @Override
  public Root root(ComponentSize size, Function<String, Tensor> parameters, int component) {
    return new Root(
        GaussianOperations.root(size, parameters.apply(GaussianOperations.IN_STD), component)
            .standardDeviations(),
        GaussianOperations.factor(
            size,
            parameters.apply(GaussianOperations.OUT_FACTOR),
            parameters.apply(GaussianOperations.IN_FACTOR),
            component));
  }
}
