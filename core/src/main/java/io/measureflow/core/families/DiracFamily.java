package io.measureflow.core.families;

import io.measureflow.api.measure.ComponentSize;
import io.measureflow.api.measure.Family;
import io.measureflow.api.measure.Operands;
import io.measureflow.api.measure.ParameterSpec;
import io.measureflow.api.program.Value;
import java.util.List;

/**
 * Points: each component is one neuron (a, w) at its mean. A mixture of them is the classical fully
 * connected two-layer network in mean-field scaling, the baseline of every experiment.
 */
public final class DiracFamily implements Family {

  @Override
  public String name() {
    return "dirac";
  }

  @Override
  public List<ParameterSpec> parameters(ComponentSize size) {
    return Gaussian.means(size);
  }

  @Override
  public Value output(Operands operands) {
    Value preActivation = Gaussian.mean(operands);
    return Gaussian.output(
        operands, operands.program().activate(operands.activation(), preActivation, 0));
  }
}
