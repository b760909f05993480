package io.measureflow.examples;

import io.measureflow.api.data.DatasetRequest.TargetKind;
import io.measureflow.api.model.Loss;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;

/**
 * Half the square of an error up to 1, and linear beyond, which forgives outliers.
 *
 * @param name the name in configurations
 */
public record Huber(String name) implements Loss {

  /** Under its own name. */
  public Huber() {
    this("huber");
  }

  @Override
  public TargetKind target() {
    return TargetKind.REAL;
  }

  @Override
  public Value value(ProgramBuilder p, Value output, Value target) {
    Value error = p.subtract(output, target);
    Value size = p.maximum(error, p.affine(error, -1, 0));
    Value near = p.minimum(size, p.constant(1));
    Value entries = p.multiply(near, p.subtract(size, p.affine(near, 0.5, 0)));
    double rows = output.shape().dimension(0);
    return p.affine(p.sumTo(entries, Shape.SCALAR), 1 / rows, 0);
  }
}
