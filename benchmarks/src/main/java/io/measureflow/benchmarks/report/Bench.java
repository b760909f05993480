package io.measureflow.benchmarks.report;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.error.RunFailedException;
import io.measureflow.benchmarks.machine.SquareProduct;
import io.measureflow.benchmarks.machine.Triad;
import io.measureflow.benchmarks.step.MixtureStep;
import io.measureflow.benchmarks.step.NamedBackends;
import io.measureflow.benchmarks.step.StepCase;
import io.measureflow.benchmarks.timing.Burst;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/** Everything that is measured with one number of threads, compiled and ready to run. */
final class Bench implements AutoCloseable {

  /** OpenBLAS threads spin for this long after a product and would disturb the next measurement. */
  private static final long SPINNING_NANOS = 60_000_000;

  private final int threads;
  private final Backend simd;
  private final Optional<Backend> nd4j;
  private final Map<StepCase, MixtureStep> steps = new LinkedHashMap<>();
  private final SquareProduct simdProduct;
  private final Optional<SquareProduct> nd4jProduct;
  private final Triad triad;

  Bench(int threads, List<StepCase> cases) {
    this.threads = threads;
    simd = NamedBackends.open("simd", threads);
    nd4j = NamedBackends.openIfAvailable("nd4j", threads);
    simdProduct = new SquareProduct(simd);
    nd4jProduct = nd4j.map(SquareProduct::new);
    triad = new Triad(threads);
    for (StepCase step : cases) {
      steps.put(step, new MixtureStep(simd, step.family(), step.components()));
    }
  }

  int threads() {
    return threads;
  }

  /** The backend that runs the steps. */
  Backend.Description simd() {
    return simd.description();
  }

  /** The backend of the product to compare with, if it can be used. */
  Optional<Backend.Description> nd4j() {
    return nd4j.map(Backend::description);
  }

  /** Runs everything for the given number of seconds each, so that the JVM compiles it. */
  void warmUp(double seconds) {
    calibrate(seconds, true);
    steps.keySet().forEach(step -> milliseconds(step, seconds));
  }

  /**
   * Returns the time of a step in milliseconds, on a new batch: once a batch is memorized, its
   * gradients vanish, and the step is no longer typical.
   */
  double milliseconds(StepCase name, double burst) {
    MixtureStep step = steps.get(name);
    if (step == null) {
      throw new IllegalArgumentException("Expected one of " + steps.keySet() + ", found " + name);
    }
    step.newBatch();
    double seconds = Burst.seconds(step::run, burst);
    if (!Double.isFinite(step.loss())) {
      throw new RunFailedException(name + ": expected a finite loss, found " + step.loss());
    }
    return seconds * 1e3;
  }

  /**
   * Measures what the machine can do at this moment.
   *
   * @param before whether a step follows rather than precedes: the product of the same backend runs
   *     next to the step
   */
  Reading.Calibration calibrate(double burst, boolean before) {
    if (before) {
      double bandwidth = triad.bandwidth(burst);
      double other = nd4jRate(burst);
      return new Reading.Calibration(simdProduct.rate(burst), other, bandwidth);
    }
    double own = simdProduct.rate(burst);
    double other = nd4jRate(burst);
    return new Reading.Calibration(own, other, triad.bandwidth(burst));
  }

  private double nd4jRate(double burst) {
    if (nd4jProduct.isEmpty()) {
      return Double.NaN;
    }
    double rate = nd4jProduct.get().rate(burst);
    LockSupport.parkNanos(SPINNING_NANOS);
    return rate;
  }

  @Override
  public void close() {
    triad.close();
    nd4j.ifPresent(Backend::close);
    simd.close();
  }
}
