package io.measureflow.datasets.fetch;

import java.time.Duration;

/**
 * The least speed of a download. A server that sends a byte now and then would hold it for days.
 *
 * @param bytesPerSecond the mean over a window
 * @param window how long it is measured
 */
record LeastRate(long bytesPerSecond, Duration window) {

  static final LeastRate DEFAULT = new LeastRate(1024, Duration.ofMinutes(1));

  /** Begins to measure. */
  Meter meter() {
    return new Meter();
  }

  @Override
  public String toString() {
    return bytesPerSecond + " bytes per second over " + window.toMillis() / 1000.0 + " s";
  }

  /** Measures one answer, for one thread. */
  final class Meter {

    private long start = System.nanoTime();
    private long bytes;

    /** Counts bytes that came; false if a window has ended that had too few. */
    boolean received(int count) {
      bytes += count;
      long elapsed = System.nanoTime() - start;
      if (elapsed < window.toNanos()) {
        return true;
      }
      boolean enough = bytes >= bytesPerSecond * (elapsed / 1e9);
      start += elapsed;
      bytes = 0;
      return enough;
    }
  }
}
