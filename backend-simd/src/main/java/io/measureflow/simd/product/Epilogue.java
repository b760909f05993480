package io.measureflow.simd.product;

/** What becomes of the sums of a product while they are in the cache. */
public sealed interface Epilogue {

  /**
   * The sums are the result: rows {@code stride} apart in {@code c}, matrix after matrix of a
   * stack.
   */
  record Store(float[] c, int stride) implements Epilogue {}

  /** The sums, transposed, are the result. */
  record StoreTransposed(float[] c, int stride) implements Epilogue {}

  /** The sums go to a consumer, part by part, and are not kept. */
  record Consume(Consumer consumer) implements Epilogue {}

  /** Takes parts of a product, each element once, on any thread. */
  @FunctionalInterface
  interface Consumer {
    /**
     * Takes the elements in rows {@code row} to {@code row + rows} and columns {@code column} to
     * {@code column + columns}, which may be overwritten.
     *
     * @param sums contains the elements from {@code from} on, rows {@code stride} apart
     */
    void accept(int row, int rows, int column, int columns, float[] sums, int from, int stride);
  }
}
