package io.measureflow.simd.product;

/**
 * The sizes of a product: C [rows, columns] = A [rows, inner] B [inner, columns].
 *
 * @param leftTransposed whether A is stored as its transpose
 * @param rightTransposed whether B is stored as its transpose
 */
public record ProductShape(
    int rows, int columns, int inner, boolean leftTransposed, boolean rightTransposed) {

  /** Returns the multiply-adds. */
  public long work() {
    return (long) rows * columns * inner;
  }
}
