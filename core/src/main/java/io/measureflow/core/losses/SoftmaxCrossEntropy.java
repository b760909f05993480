package io.measureflow.core.losses;

import io.measureflow.api.data.DatasetRequest.TargetKind;
import io.measureflow.api.model.Loss;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Value;

/** Softmax cross-entropy of logits [B, p] with integer labels [B]. */
public record SoftmaxCrossEntropy() implements Loss {

  @Override
  public String name() {
    return "softmax_cross_entropy";
  }

  @Override
  public TargetKind target() {
    return TargetKind.CLASSES;
  }

  @Override
  public Value value(ProgramBuilder program, Value output, Value target) {
    return program.softmaxCrossEntropy(output, target);
  }
}
