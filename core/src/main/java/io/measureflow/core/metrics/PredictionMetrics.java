package io.measureflow.core.metrics;

/** How well some rows are predicted: classes or real targets. */
public sealed interface PredictionMetrics permits ClassificationMetrics, RegressionMetrics {

  /** Returns the number of rows, at least 1. */
  long rows();
}
