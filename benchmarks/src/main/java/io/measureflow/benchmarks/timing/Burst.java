package io.measureflow.benchmarks.timing;

import java.util.stream.DoubleStream;

/** Times something that is run repeatedly for a short while. */
public final class Burst {

  /** A median of fewer runs means nothing, however long they take. */
  private static final int LEAST_RUNS = 3;

  private Burst() {}

  /**
   * Returns the median time of as many runs as fit into a duration, in seconds. A first run is not
   * timed: it refills the caches.
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
