package io.measureflow.nd4j;

import io.measureflow.api.program.Window;
import java.util.Arrays;

/**
 * Loops over the windows of images [B H W, C], image by image, which threads share; sums are in
 * double precision.
 */
final class Images {

  private final Window w;
  private final int channels;

  /** The elements of an image. */
  private final int size;

  /** The windows of an image. */
  private final int places;

  Images(Window window, int channels) {
    w = window;
    this.channels = channels;
    size = window.pixels() * channels;
    places = window.places();
  }

  /**
   * Receives the position of a pixel's channels within its image, and the places of the window in
   * the image and of the pixel in the window.
   */
  @FunctionalInterface
  private interface Pixel {
    void accept(int pixel, int place, int inWindow);
  }

  /** Passes all pixels of all windows of an image, in row-major order. */
  private void each(Pixel body) {
    for (int place = 0; place < places; place++) {
      int top = place / w.outputWidth() * w.strideHeight() - w.paddingHeight();
      int left = place % w.outputWidth() * w.strideWidth() - w.paddingWidth();
      for (int i = Math.max(0, -top); i < Math.min(w.kernelHeight(), w.height() - top); i++) {
        for (int j = Math.max(0, -left); j < Math.min(w.kernelWidth(), w.width() - left); j++) {
          body.accept(
              ((top + i) * w.width() + left + j) * channels, place, i * w.kernelWidth() + j);
        }
      }
    }
  }

  private static void store(double[] room, Memory out, int at) {
    for (int i = 0; i < room.length; i++) {
      out.set(at + i, room[i]);
    }
  }

  /** The windows of an image, ordered by channel, row and column. */
  void patches(Memory a, int image, Memory out) {
    int window = w.kernelSize();
    int start = image * places * channels * window;
    for (int i = 0; i < places * channels * window; i++) {
      out.set(start + i, 0);
    }
    each(
        (pixel, place, inWindow) -> {
          int to = start + place * channels * window + inWindow;
          for (int c = 0; c < channels; c++) {
            out.set(to + c * window, a.get(image * size + pixel + c));
          }
        });
  }

  /** Each pixel of an image receives the sum of its elements in all windows. */
  void patchesAdjoint(Memory a, int image, Memory out) {
    int window = w.kernelSize();
    double[] sums = new double[size];
    each(
        (pixel, place, inWindow) -> {
          int from = (image * places + place) * channels * window + inWindow;
          for (int c = 0; c < channels; c++) {
            sums[pixel + c] += a.get(from + c * window);
          }
        });
    store(sums, out, image * size);
  }

  void maxPool(Memory a, int image, Memory out) {
    int start = image * places * channels;
    for (int i = 0; i < places * channels; i++) {
      out.set(start + i, Double.NEGATIVE_INFINITY);
    }
    each(
        (pixel, place, inWindow) -> {
          int to = start + place * channels;
          for (int c = 0; c < channels; c++) {
            out.set(to + c, Math.max(out.get(to + c), a.get(image * size + pixel + c)));
          }
        });
  }

  /** Each element of a gradient goes to the first of the largest elements of its window. */
  void maxPoolGradient(Memory a, Memory gradient, int image, Memory out) {
    int[] largest = new int[places * channels];
    Arrays.fill(largest, -1);
    each(
        (pixel, place, inWindow) -> {
          for (int c = 0; c < channels; c++) {
            int known = largest[place * channels + c];
            double element = a.get(image * size + pixel + c);
            if (known < 0 || Reductions.isLarger(element, a.get(image * size + known))) {
              largest[place * channels + c] = pixel + c;
            }
          }
        });
    double[] sums = new double[size];
    for (int i = 0; i < largest.length; i++) {
      sums[largest[i]] += gradient.get(image * largest.length + i);
    }
    store(sums, out, image * size);
  }

  void averagePool(Memory a, int image, Memory out) {
    double[] sums = new double[places * channels];
    each(
        (pixel, place, inWindow) -> {
          for (int c = 0; c < channels; c++) {
            sums[place * channels + c] += a.get(image * size + pixel + c);
          }
        });
    divide(sums);
    store(sums, out, image * sums.length);
  }

  void averagePoolAdjoint(Memory a, int image, Memory out) {
    double[] sums = new double[size];
    each(
        (pixel, place, inWindow) -> {
          int from = (image * places + place) * channels;
          for (int c = 0; c < channels; c++) {
            sums[pixel + c] += a.get(from + c);
          }
        });
    divide(sums);
    store(sums, out, image * size);
  }

  private void divide(double[] sums) {
    for (int i = 0; i < sums.length; i++) {
      sums[i] /= w.kernelSize();
    }
  }
}
