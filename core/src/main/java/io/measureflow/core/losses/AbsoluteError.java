package io.measureflow.core.losses;

import io.measureflow.api.data.DatasetRequest.TargetKind;
import io.measureflow.api.model.Loss;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Value;

/** The absolute error, averaged over rows and outputs; its minimiser is the median. */
public record AbsoluteError() implements Loss {

  @Override
  public String name() {
    return "absolute_error";
  }

  @Override
  public TargetKind target() {
    return TargetKind.REAL;
  }

  @Override
  public Value value(ProgramBuilder program, Value output, Value target) {
    return Terms.mean(program, Terms.absolute(program, program.subtract(output, target)));
  }
}
