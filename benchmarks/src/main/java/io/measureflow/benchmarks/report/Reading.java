package io.measureflow.benchmarks.report;

import io.measureflow.benchmarks.step.StepCase;

/**
 * One visit of a case: the time of a step, and what the machine could do with as many threads just
 * before or after it.
 *
 * @param round the round, from 1
 * @param step the case
 * @param threads the number of threads
 * @param milliseconds the time of a step
 * @param machine what the machine could do
 */
public record Reading(
    int round, StepCase step, int threads, double milliseconds, Calibration machine) {

  /**
   * What the machine can do at its best.
   *
   * @param simd the rate of a large product on the backend simd, in GFLOP/s
   * @param nd4j the same on the backend nd4j (OpenBLAS), NaN if it cannot be used
   * @param bandwidth the memory bandwidth, in GB/s
   */
  public record Calibration(double simd, double nd4j, double bandwidth) {

    /** The rate of the faster product, in GFLOP/s. */
    public double product() {
      return nd4j > simd ? nd4j : simd;
    }
  }

  /** The rate of the step, in GFLOP/s. */
  public double rate() {
    return step.operations() / (milliseconds * 1e6);
  }

  /** The rate of the step as a fraction of that of the faster product. */
  public double share() {
    return rate() / machine.product();
  }
}
