package io.measureflow.simd.program;

/** How a state follows its gradient, for consecutive elements with a common scale. */
@FunctionalInterface
public interface UpdateRule {
  /**
   * Updates {@code count} elements of a state from {@code at} on.
   *
   * @param scale c, by which the gradient is multiplied
   * @param gradient the gradient from {@code from} on
   */
  void apply(float scale, int at, int count, float[] gradient, int from);
}
