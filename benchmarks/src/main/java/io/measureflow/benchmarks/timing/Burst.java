package io.measureflow.benchmarks.timing;

import java.util.stream.DoubleStream;

/** Runs something again and again for a short while. */
public final class Burst {

  /** Fewer runs than these say nothing, however long they take. */
  private static final int LEAST_RUNS = 3;

  private Burst() {}

  /**
   * The median of the times of as many runs as fit, in seconds. A first run is not counted: it
   * brings back into the caches what ran in between has driven out.
   */
  public static double seconds(Runnable run, double duration) {
    run.run();
    var times = DoubleStream.builder();
    long begin = System.nanoTime();
    long now = begin;
    for (int runs = 0; runs < LEAST_RUNS || (now - begin) * 1e-9 < duration; runs++) {
      long start = System.nanoTime();
      run.run();
      now = System.nanoTime();
      times.add((now - start) * 1e-9);
    }
    return Statistics.median(times.build());
  }
}
