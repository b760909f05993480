package io.measureflow.datasets.fetch;

import java.time.Duration;

/**
 * The minimum speed of a download. Without it, a server that sends a byte now and then could hold
 * the download for days.
 *
 * @param bytesPerSecond the mean over a window
 * @param window the duration of a measurement
 */
record LeastRate(long bytesPerSecond, Duration window) {

  static final LeastRate DEFAULT = new LeastRate(1024, Duration.ofMinutes(1));

  /** Starts a measurement. */
  Meter meter() {
    return new Meter();
  }

  @Override
  public String toString() {
    return bytesPerSecond + " bytes per second over " + window.toMillis() / 1000.0 + " s";
  }

  /** Measures one answer. Not thread-safe. */
  final class Meter {

    private long start = System.nanoTime();
    private long bytes;

    /** Counts received bytes; returns false if a window has ended with too few. */
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
