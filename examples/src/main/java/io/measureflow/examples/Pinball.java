package io.measureflow.examples;

import io.measureflow.api.data.DatasetRequest.TargetKind;
import io.measureflow.api.model.Loss;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;

/**
 * The pinball loss, whose minimiser is a quantile of the target.
 *
 * @param name the name in configurations
 * @param quantile the quantile to predict, above 0 and below 1
 */
public record Pinball(String name, double quantile) implements Loss {

  /** Checks the option. */
  public Pinball {
    if (!(quantile > 0 && quantile < 1)) {
      throw new IllegalArgumentException(
          "quantile: expected a number above 0 and below 1, found " + quantile);
    }
  }

  /** The median, under its own name. */
  public Pinball() {
    this("pinball", 0.5);
  }

  @Override
  public SequencedMap<String, List<Double>> options() {
    return new TreeMap<>(Map.of("quantile", List.of(quantile)));
  }

  @Override
  public Loss withOption(String option, List<Double> value) {
    return option.equals("quantile") && value.size() == 1
        ? new Pinball(name, value.getFirst())
        : Loss.super.withOption(option, value);
  }

  @Override
  public TargetKind target() {
    return TargetKind.REAL;
  }

  @Override
  public Value value(ProgramBuilder p, Value output, Value target) {
    Value missing = p.subtract(target, output);
    Value entries = p.maximum(p.affine(missing, quantile, 0), p.affine(missing, quantile - 1, 0));
    return p.affine(p.sumTo(entries, Shape.SCALAR), 1.0 / output.shape().size(), 0);
  }
}
