package io.measureflow.core.training;

/** Whether the next batch is gathered on another thread during a step. Results are identical. */
public enum Prefetch {
  /** If the rows are not in memory. Rows in memory are drawn by the backend if it can. */
  AUTO,
  /** Always. */
  ON,
  /** Never: each batch is gathered straight into the input of the step. */
  OFF
}
