package io.measureflow.core.metrics;

import java.util.List;
import java.util.OptionalDouble;

/**
 * How well real targets are predicted, in the targets' own units. All numbers are computed in
 * float64.
 *
 * @param rows the number of rows, at least 1
 * @param rmse the mean over the targets of their root mean squared error
 * @param mae the mean over the targets of their mean absolute error
 * @param r2 the mean over the targets of R²; empty if it is so for one of them
 * @param labelAccuracy the fraction of labels that are predicted: of all targets of all rows that
 *     lie on the same side of 1/2 as the predicted probability; empty but for targets that are
 *     labels
 * @param targets the targets, in the order of the model
 */
public record RegressionMetrics(
    long rows,
    double rmse,
    double mae,
    OptionalDouble r2,
    OptionalDouble labelAccuracy,
    List<TargetMetrics> targets)
    implements PredictionMetrics {

  /** Copies the list. */
  public RegressionMetrics {
    targets = List.copyOf(targets);
  }

  /**
   * One target.
   *
   * @param name its name
   * @param rmse the root mean squared error
   * @param mae the mean absolute error
   * @param r2 R², 1 less the squared error over that of the mean of these rows; empty where all
   *     rows have the same value
   */
  public record TargetMetrics(String name, double rmse, double mae, OptionalDouble r2) {}
}
