package io.measureflow.core.families;

import io.measureflow.api.measure.ComponentSize;
import io.measureflow.api.measure.Initializer;
import io.measureflow.api.measure.Operands;
import io.measureflow.api.measure.ParameterSpec;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import java.util.List;

/** What the families of Gaussian components share (specification, sections 1, 2 and 6). */
final class Gaussian {

  /** The mean of a, [K, p]. */
  static final String OUT_MEAN = "out_mean";

  /** The mean of w, [K, n]. */
  static final String IN_MEAN = "in_mean";

  /** Standard deviations of w; only their squares enter. */
  static final String IN_STD = "in_std";

  private Gaussian() {}

  static List<ParameterSpec> means(ComponentSize size) {
    return List.of(
        ParameterSpec.trained(
            OUT_MEAN, Shape.of(size.components(), size.outputs()), new Initializer.Normal(1)),
        ParameterSpec.trained(
            IN_MEAN,
            Shape.of(size.components(), size.inputs()),
            new Initializer.Normal(1 / Math.sqrt(size.features()))));
  }

  /** The standard deviation that spreads start with: half that of the means. */
  static double initialSpread(ComponentSize size) {
    return 0.5 / Math.sqrt(size.features());
  }

  /** The means of the pre-activations z = w.x, [B, K]. */
  static Value mean(Operands operands) {
    return operands.program().matMul(operands.input(), false, operands.parameter(IN_MEAN), true);
  }

  /** sum_k pi_k abar_k G_0, [B, p]: equation (1) without covariance between a and w. */
  static Value output(Operands operands, Value moment) {
    ProgramBuilder program = operands.program();
    Value outMean = operands.parameter(OUT_MEAN);
    Value column =
        program.reshape(operands.weights(), Shape.of(operands.weights().shape().dimension(0), 1));
    return program.matMul(moment, false, program.multiply(column, outMean), false);
  }
}
