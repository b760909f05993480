package io.measureflow.core.training;

/**
 * Whether the next batch is gathered on another thread while a step runs. The bits are the same.
 */
public enum Prefetch {
  /** Where the rows are not in memory. Those that are, the backend draws itself if it can. */
  AUTO,
  /** Always. */
  ON,
  /** Never: each batch is gathered straight into the memory from which the step takes it. */
  OFF
}
