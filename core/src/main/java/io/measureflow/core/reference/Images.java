package io.measureflow.core.reference;

import io.measureflow.api.program.Window;
import java.util.Arrays;

/**
 * Loops over the windows of images [H W B, C]. B images of C channels lie as one image of B C
 * channels, and are taken as such.
 */
final class Images {

  private Images() {}

  /** Writes the windows of all images, ordered by channel, row and column. */
  static void patches(double[] images, Window w, double[] out) {
    Arrays.fill(out, 0);
    eachElement(images.length / w.pixels(), w, (pixel, element) -> out[element] = images[pixel]);
  }

  /** Adds the elements of windows to their pixels. */
  static void patchesAdjoint(double[] patches, Window w, double[] out) {
    Arrays.fill(out, 0);
    eachElement(out.length / w.pixels(), w, (pixel, element) -> out[pixel] += patches[element]);
  }

  /** Receives the position of an element in the images and in the rows of windows. */
  @FunctionalInterface
  private interface Element {
    void accept(int pixel, int element);
  }

  private static void eachElement(int channels, Window w, Element element) {
    int at = 0;
    for (int i = 0; i < w.outputHeight(); i++) {
      for (int j = 0; j < w.outputWidth(); j++) {
        for (int c = 0; c < channels; c++) {
          for (int ki = 0; ki < w.kernelHeight(); ki++) {
            for (int kj = 0; kj < w.kernelWidth(); kj++) {
              int row = i * w.strideHeight() - w.paddingHeight() + ki;
              int column = j * w.strideWidth() - w.paddingWidth() + kj;
              if (isInside(row, column, w)) {
                element.accept(position(row, column, c, channels, w), at);
              }
              at++;
            }
          }
        }
      }
    }
  }

  private static boolean isInside(int row, int column, Window w) {
    return row >= 0 && row < w.height() && column >= 0 && column < w.width();
  }

  private static int position(int row, int column, int c, int channels, Window w) {
    return (row * w.width() + column) * channels + c;
  }

  /** Receives a place of the result of a pool and the positions of the pixels in its window. */
  @FunctionalInterface
  interface Pool {
    void accept(int place, int[] pixels);
  }

  /**
   * Passes all windows of a pool, in row-major order.
   *
   * @param elements the number of elements of the images
   */
  static void pool(int elements, Window w, Pool pool) {
    int channels = elements / w.pixels();
    int place = 0;
    int[] pixels = new int[w.kernelSize()];
    for (int i = 0; i < w.outputHeight(); i++) {
      for (int j = 0; j < w.outputWidth(); j++) {
        for (int c = 0; c < channels; c++) {
          int count = 0;
          for (int ki = 0; ki < w.kernelHeight(); ki++) {
            for (int kj = 0; kj < w.kernelWidth(); kj++) {
              int row = i * w.strideHeight() - w.paddingHeight() + ki;
              int column = j * w.strideWidth() - w.paddingWidth() + kj;
              if (isInside(row, column, w)) {
                pixels[count++] = position(row, column, c, channels, w);
              }
            }
          }
          pool.accept(place++, Arrays.copyOf(pixels, count));
        }
      }
    }
  }
}
