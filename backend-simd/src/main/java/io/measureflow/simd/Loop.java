package io.measureflow.simd;

/** A loop over elements {@code from} (inclusive) to {@code to} (exclusive). */
@FunctionalInterface
interface Loop {
  void run(int from, int to);
}
