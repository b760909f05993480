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

/** All that is measured with one number of threads, compiled and ready to run. */
final class Bench implements AutoCloseable {

  /**
   * OpenBLAS lets its threads spin so long after a product, and they would disturb what follows.
   */
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

  /** What computes the steps. */
  Backend.Description simd() {
    return simd.description();
  }

  /** What computes the product to compare with, where it can be used. */
  Optional<Backend.Description> nd4j() {
    return nd4j.map(Backend::description);
  }

  /** Runs everything for so many seconds each, until it is compiled. */
  void warmUp(double seconds) {
    calibrate(seconds, true);
    steps.keySet().forEach(step -> milliseconds(step, seconds));
  }

  /** The time of a step, on a new batch: one that is learnt by heart has other numbers. */
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
   * What the machine does now.
   *
   * @param before whether a step follows, and not precedes: the product of the same backend comes
   *     next to it
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
