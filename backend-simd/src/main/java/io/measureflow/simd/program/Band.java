package io.measureflow.simd.program;

/** A step, or a part of one, that is computed for some indices of an axis. */
@FunctionalInterface
public interface Band {
  /**
   * Computes the indices {@code from} (inclusive) to {@code to} (exclusive).
   *
   * @param thread the number of the thread in its pool
   */
  void run(int from, int to, int thread);
}
