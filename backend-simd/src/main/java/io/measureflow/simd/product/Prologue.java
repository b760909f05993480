package io.measureflow.simd.product;

/** What happens to the elements of a factor while they are packed. */
public enum Prologue {
  /** They are copied. */
  COPY,
  /** They are squared. */
  SQUARE,
  /** Tiny elements become 0. */
  FLUSH,
  /** They are squared, and tiny squares become 0. */
  SQUARE_AND_FLUSH;

  /**
   * Smaller elements are 0 in a factor of a gradient that only updates a state. They are far too
   * small to change it, but their products with the other factor may be subnormal, and take a
   * hundred cycles each.
   */
  public static final float TINY = 0x1p-100f;

  public static Prologue of(boolean squared, boolean flushed) {
    return squared ? flushed ? SQUARE_AND_FLUSH : SQUARE : flushed ? FLUSH : COPY;
  }

  boolean squares() {
    return this == SQUARE || this == SQUARE_AND_FLUSH;
  }

  boolean flushes() {
    return this == FLUSH || this == SQUARE_AND_FLUSH;
  }

  /** Applies this to elements in place. */
  void apply(float[] a, int from, int to) {
    if (squares()) {
      for (int i = from; i < to; i++) {
        a[i] *= a[i];
      }
    }
    if (flushes()) {
      for (int i = from; i < to; i++) {
        a[i] = Math.abs(a[i]) < TINY ? 0 : a[i];
      }
    }
  }
}
