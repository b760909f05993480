package io.measureflow.simd.product;

/**
 * What a plan has to know of the kernels.
 *
 * @param tileRows the rows of a tile
 * @param panelWidth the columns of a panel
 */
public record ProductTraits(int tileRows, int panelWidth) {

  public static ProductTraits of(ProductKernels kernels) {
    return new ProductTraits(kernels.tileRows(), kernels.panelWidth());
  }
}
