package io.measureflow.core.losses;

import io.measureflow.api.data.DatasetRequest.TargetKind;
import io.measureflow.api.data.Link;
import io.measureflow.api.model.Loss;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Value;
import java.util.Optional;

/**
 * The negative log-likelihood of counts under the Poisson distribution whose rate has the output as
 * its logarithm, without the term log y!, averaged over rows and outputs.
 */
public record Poisson() implements Loss {

  @Override
  public String name() {
    return "poisson";
  }

  @Override
  public TargetKind target() {
    return TargetKind.REAL;
  }

  @Override
  public Optional<TargetRange> targetRange() {
    return Optional.of(new TargetRange(0, Double.POSITIVE_INFINITY));
  }

  @Override
  public Link link() {
    return Link.EXPONENTIAL;
  }

  @Override
  public Value value(ProgramBuilder program, Value output, Value target) {
    return Terms.mean(
        program, program.subtract(program.exp(output), program.multiply(output, target)));
  }
}
