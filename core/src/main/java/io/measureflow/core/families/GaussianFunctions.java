package io.measureflow.core.families;

import io.measureflow.api.measure.GaussianFamily;
import io.measureflow.api.measure.Operands;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;

/**
 * Functions of a mixture of Gaussians, whatever their family (docs/mathematics.md, sections 5 and
 * 7).
 */
public final class GaussianFunctions {

  private GaussianFunctions() {}

  /** sum_k pi_k (|mu_k|^2 + tr Sigma_k), a scalar. */
  public static Value secondMoment(GaussianFamily family, Operands operands) {
    ProgramBuilder program = operands.program();
    Value moment = family.trace(operands);
    for (String mean : new String[] {GaussianFamily.OUT_MEAN, GaussianFamily.IN_MEAN}) {
      moment =
          program.add(
              moment,
              GaussianOperations.sumPerComponent(
                  program, program.square(operands.parameter(mean))));
    }
    return average(operands, moment);
  }

  /** sum_k pi_k log det Sigma_k over the coordinates that the family spreads, a scalar. */
  public static Value logDeterminant(GaussianFamily family, Operands operands) {
    return average(operands, family.logDeterminant(operands));
  }

  private static Value average(Operands operands, Value perComponent) {
    ProgramBuilder program = operands.program();
    return program.sumTo(program.multiply(operands.weights(), perComponent), Shape.SCALAR);
  }

  /** Returns the variance of a sigma(w.x) under the mixture, [B, p]. */
  public static Value variance(GaussianFamily family, Operands operands) {
    return GaussianOperations.variance(operands, family.joint(operands), family.output(operands));
  }
}
