package io.measureflow.core.losses;

import io.measureflow.api.data.DatasetRequest.TargetKind;
import io.measureflow.api.data.Link;
import io.measureflow.api.model.Loss;
import io.measureflow.api.program.Op.UnaryFunction;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Value;
import java.util.Optional;

/**
 * The cross-entropy of several labels that hold or not, each with a logit of its own, averaged over
 * rows and labels. A target is 1 where the label holds and 0 where it does not, or a probability.
 */
public record BinaryCrossEntropy() implements Loss {

  @Override
  public String name() {
    return "binary_cross_entropy";
  }

  @Override
  public TargetKind target() {
    return TargetKind.REAL;
  }

  @Override
  public Optional<TargetRange> targetRange() {
    return Optional.of(new TargetRange(0, 1));
  }

  @Override
  public Link link() {
    return Link.LOGISTIC;
  }

  @Override
  public Value value(ProgramBuilder program, Value output, Value target) {
    // log(1 + e^x) = max(x, 0) + log(1 + e^-|x|), where no exponential overflows.
    Value decay = program.exp(program.affine(Terms.absolute(program, output), -1, 0));
    Value softplus =
        program.add(
            program.maximum(output, program.constant(0)),
            program.unary(UnaryFunction.LOG1P, decay));
    return Terms.mean(program, program.subtract(softplus, program.multiply(output, target)));
  }
}
