package io.measureflow.simd.product;

/** What becomes of the sums of a product while they are in the cache. */
public sealed interface Epilogue {

  /** The sums are the result. */
  final class Store implements Epilogue {
    private final float[] c;
    private final int stride;

    /**
     * @param c the result, matrix after matrix of a stack
     * @param stride the distance between its rows
     */
    public Store(float[] c, int stride) {
      this.c = c;
      this.stride = stride;
    }

    float[] c() {
      return c;
    }

    int stride() {
      return stride;
    }
  }

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
