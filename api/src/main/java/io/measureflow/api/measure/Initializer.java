package io.measureflow.api.measure;

import io.measureflow.api.backend.Tensor;
import java.util.random.RandomGenerator;

/** How the entries of a parameter are drawn before training. */
public sealed interface Initializer {

  /** Every entry is drawn from N(0, standardDeviation^2), independently of the others. */
  record Normal(double standardDeviation) implements Initializer {}

  /** Every entry is {@code value}. */
  record Constant(double value) implements Initializer {}

  /**
   * For a stack of matrices: {@code value} where the column index is the row index plus {@code
   * offset}, 0 elsewhere.
   */
  record Diagonal(double value, int offset) implements Initializer {}

  /** Drawn by the family: points on a sphere, orthogonal rows, a grid. */
  record Drawn(Draw draw) implements Initializer {}

  /** Fills a parameter. */
  @FunctionalInterface
  interface Draw {

    /**
     * Fills a tensor.
     *
     * @param random the parameter's own generator, seeded by the run's seed and the parameter's
     *     full name; the only permitted source of randomness
     * @param tensor zeros of the parameter's shape, FLOAT32 or FLOAT64; draw doubles and let {@link
     *     Tensor#set} round, so that both precisions start alike
     */
    void fill(RandomGenerator random, Tensor tensor);
  }
}
