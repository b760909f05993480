package io.measureflow.lowering;

import io.measureflow.api.program.Value;
import io.measureflow.api.program.Window;

/**
 * The windows of images as the factor X of a product, which is never written: one column for each
 * place, one row for each channel, row and column of a window.
 *
 * @param image the images [H W B, C], in memory as [C, H, W, B]
 * @param window the windows
 * @param ones whether a row of ones is appended
 */
public record Windows(Value image, Window window, boolean ones) {

  /** Returns B. */
  public int batch() {
    return image.shape().dimension(0) / window.pixels();
  }

  /** Returns C. */
  public int channels() {
    return image.shape().dimension(1);
  }

  /** Returns the number of rows, with that of ones. */
  public int rows() {
    return channels() * window.kernelSize() + (ones ? 1 : 0);
  }

  /** Returns the number of columns: the places of all images. */
  public int columns() {
    return batch() * window.places();
  }
}
