package io.measureflow.core.losses;

import io.measureflow.api.data.DatasetRequest.TargetKind;
import io.measureflow.api.model.Loss;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Value;

/** Half the squared Euclidean distance of outputs [B, p] to real targets [B, p]. */
public record HalfSquaredError() implements Loss {

  @Override
  public String name() {
    return "half_squared_error";
  }

  @Override
  public TargetKind target() {
    return TargetKind.REAL;
  }

  @Override
  public Value value(ProgramBuilder program, Value output, Value target) {
    return program.squaredError(output, target);
  }
}
