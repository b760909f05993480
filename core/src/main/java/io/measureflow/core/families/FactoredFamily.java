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
 * s^2) + A A', A = [A_a; A_w]. The covariance between a and w that the factor brings carries most
 * of the power of a component (docs/mathematics.md, section 6).
 */
public final class FactoredFamily implements GaussianFamily {

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
    var parameters = new ArrayList<>(Gaussian.means(size));
    parameters.add(Gaussian.deviations(size));
    parameters.add(
        Gaussian.inFactor(size, new Initializer.Normal(Gaussian.initialSpread(size) * perColumn)));
    parameters.add(
        Gaussian.outFactor(size, new Initializer.Normal(Gaussian.INITIAL_OUT_SPREAD * perColumn)));
    return parameters;
  }

  @Override
  public Value output(Operands operands) {
    return Gaussian.output(operands, joint(operands));
  }

  @Override
  public Joint joint(Operands operands) {
    ProgramBuilder program = operands.program();
    Factor.Shared shared = Gaussian.shared(operands);
    Value own = program.varianceProduct(operands.input(), operands.parameter(Gaussian.IN_STD));
    return new Joint(
        GaussianFamily.mean(operands),
        program.add(own, Gaussian.squaredNorm(program, shared)),
        shared);
  }

  @Override
  public Value trace(Operands operands) {
    ProgramBuilder program = operands.program();
    Value ofDiagonal =
        Gaussian.sumPerComponent(program, program.square(operands.parameter(Gaussian.IN_STD)));
    return program.add(ofDiagonal, Gaussian.factorTrace(operands));
  }

  /**
   * log det of Sigma_ww = D (I + (D^-1 A_w)(D^-1 A_w)') D, D = diag(s), by the matrix determinant
   * lemma: an r x r determinant.
   */
  @Override
  public Value logDeterminant(Operands operands) {
    ProgramBuilder program = operands.program();
    Value s = operands.parameter(Gaussian.IN_STD);
    Value inFactor = operands.parameter(Gaussian.IN_FACTOR);
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
        program.affine(Gaussian.sumPerComponent(program, Gaussian.logOfAbsolute(program, s)), 2, 0);
    return program.add(ofDiagonal, program.logDeterminant(gram));
  }

  @Override
  public Root root(ComponentSize size, Function<String, Tensor> parameters, int component) {
    return new Root(
        Gaussian.root(size, parameters.apply(Gaussian.IN_STD), component).standardDeviations(),
        Gaussian.factor(
            size,
            parameters.apply(Gaussian.OUT_FACTOR),
            parameters.apply(Gaussian.IN_FACTOR),
            component));
  }
}
