package io.measureflow.simd.program;

/** A step that is computed for some elements of a band, those of one index at a time. */
@FunctionalInterface
interface Part {

  /**
   * Computes elements of a band.
   *
   * @param index the index of the band
   * @param from the first element, counted from the beginning of the memory
   * @param to the one behind the last
   */
  void run(int index, int from, int to);
}
