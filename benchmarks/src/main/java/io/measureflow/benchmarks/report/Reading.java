package io.measureflow.benchmarks.report;

import io.measureflow.benchmarks.step.StepCase;

/**
 * What one visit of a case found: the time of a step, and what the machine could do right before or
 * after it with as many threads.
 *
 * @param round the round, from 1
 * @param step the case
 * @param threads the number of threads
 * @param milliseconds the time of a step
 * @param machine the machine beside it
 */
public record Reading(
    int round, StepCase step, int threads, double milliseconds, Calibration machine) {

  /**
   * What the machine does at its best.
   *
   * @param simd the rate of a large product of the backend simd, in GFLOP/s
   * @param nd4j that of the backend nd4j (OpenBLAS); NaN where it cannot be used
   * @param bandwidth that of the memory, in GB/s
   */
  public record Calibration(double simd, double nd4j, double bandwidth) {

    /** The better of both products. */
    public double product() {
      return nd4j > simd ? nd4j : simd;
    }
  }

  /** The rate of the step, in GFLOP/s. */
  public double rate() {
    return step.operations() / (milliseconds * 1e6);
  }

  /** The part of the best product's rate that the step reaches. */
  public double share() {
    return rate() / machine.product();
  }
}
