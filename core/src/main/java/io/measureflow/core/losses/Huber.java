package io.measureflow.core.losses;

import io.measureflow.api.data.DatasetRequest.TargetKind;
import io.measureflow.api.model.Loss;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Value;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * Half the square of an error up to delta, and delta times its size less delta/2 beyond, averaged
 * over rows and outputs: outliers pull no harder than an error of delta.
 *
 * @param delta the size of an error from which on the loss is linear, above 0
 */
public record Huber(double delta) implements Loss {

  private static final String DELTA = "delta";

  /** Creates the loss with delta = 1. */
  public Huber() {
    this(1);
  }

  /**
   * Checks the option.
   *
   * @throws IllegalArgumentException if delta is not a finite number above 0
   */
  public Huber {
    if (!(delta > 0 && delta < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(DELTA + ": expected a number above 0, found " + delta);
    }
  }

  @Override
  public String name() {
    return "huber";
  }

  @Override
  public SequencedMap<String, List<Double>> options() {
    var options = new LinkedHashMap<String, List<Double>>();
    options.put(DELTA, List.of(delta));
    return options;
  }

  @Override
  public Loss withOption(String option, List<Double> value) {
    return option.equals(DELTA)
        ? new Huber(Terms.number(option, value))
        : Loss.super.withOption(option, value);
  }

  @Override
  public TargetKind target() {
    return TargetKind.REAL;
  }

  @Override
  public Value value(ProgramBuilder program, Value output, Value target) {
    Value size = Terms.absolute(program, program.subtract(output, target));
    Value near = program.minimum(size, program.constant(delta));
    return Terms.mean(
        program, program.multiply(near, program.subtract(size, program.affine(near, 0.5, 0))));
  }
}
