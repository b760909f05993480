package io.measureflow.nd4j;

import io.measureflow.api.program.Window;
import java.util.Arrays;

/**
 * Loops over the windows of images [H W B, C]. B images of C channels lie as one image of B C
 * channels, which is taken in blocks of channels that threads share; sums are in double precision.
 */
final class Images {

  /** The most channels of a block. */
  private static final int BLOCK = 64;

  private final Window w;

  /** B C. */
  private final int channels;

  private final int places;

  /**
   * @param elements the number of elements of the images
   */
  Images(Window window, int elements) {
    w = window;
    channels = elements / window.pixels();
    places = window.places();
  }

  /** Returns the number of blocks. */
  int blocks() {
    return Math.ceilDiv(channels, BLOCK);
  }

  private static int first(int block) {
    return block * BLOCK;
  }

  private int count(int block) {
    return Math.min(BLOCK, channels - first(block));
  }

  /** Receives the numbers of a pixel, of a window, and of the pixel's place in the window. */
  @FunctionalInterface
  private interface Pixel {
    void accept(int pixel, int place, int inWindow);
  }

  /** Passes all pixels of all windows, in row-major order. */
  private void each(Pixel body) {
    for (int place = 0; place < places; place++) {
      int top = place / w.outputWidth() * w.strideHeight() - w.paddingHeight();
      int left = place % w.outputWidth() * w.strideWidth() - w.paddingWidth();
      for (int i = Math.max(0, -top); i < Math.min(w.kernelHeight(), w.height() - top); i++) {
        for (int j = Math.max(0, -left); j < Math.min(w.kernelWidth(), w.width() - left); j++) {
          body.accept((top + i) * w.width() + left + j, place, i * w.kernelWidth() + j);
        }
      }
    }
  }

  /** Copies rows of a block to the rows of all channels. */
  private void store(double[] room, int block, Memory out) {
    int count = count(block);
    for (int row = 0; row < room.length / count; row++) {
      int to = row * channels + first(block);
      for (int c = 0; c < count; c++) {
        out.set(to + c, room[row * count + c]);
      }
    }
  }

  /** The windows of a block, ordered by channel, row and column. */
  void patches(Memory a, int block, Memory out) {
    int window = w.kernelSize();
    int count = count(block);
    for (int place = 0; place < places; place++) {
      int start = (place * channels + first(block)) * window;
      for (int i = 0; i < count * window; i++) {
        out.set(start + i, 0);
      }
    }
    each(
        (pixel, place, inWindow) -> {
          int from = pixel * channels + first(block);
          int to = (place * channels + first(block)) * window + inWindow;
          for (int c = 0; c < count; c++) {
            out.set(to + c * window, a.get(from + c));
          }
        });
  }

  /** Each pixel receives the sum of its elements in all windows. */
  void patchesAdjoint(Memory a, int block, Memory out) {
    int window = w.kernelSize();
    int count = count(block);
    double[] sums = new double[w.pixels() * count];
    each(
        (pixel, place, inWindow) -> {
          int from = (place * channels + first(block)) * window + inWindow;
          for (int c = 0; c < count; c++) {
            sums[pixel * count + c] += a.get(from + c * window);
          }
        });
    store(sums, block, out);
  }

  void maxPool(Memory a, int block, Memory out) {
    int count = count(block);
    double[] largest = new double[places * count];
    Arrays.fill(largest, Double.NEGATIVE_INFINITY);
    each(
        (pixel, place, inWindow) -> {
          int from = pixel * channels + first(block);
          for (int c = 0; c < count; c++) {
            largest[place * count + c] = Math.max(largest[place * count + c], a.get(from + c));
          }
        });
    store(largest, block, out);
  }

  /** Each element of a gradient goes to the first of the largest elements of its window. */
  void maxPoolGradient(Memory a, Memory gradient, int block, Memory out) {
    int count = count(block);
    int[] largest = new int[places * count];
    Arrays.fill(largest, -1);
    each(
        (pixel, place, inWindow) -> {
          for (int c = 0; c < count; c++) {
            int known = largest[place * count + c];
            int channel = first(block) + c;
            if (known < 0
                || Reductions.isLarger(
                    a.get(pixel * channels + channel), a.get(known * channels + channel))) {
              largest[place * count + c] = pixel;
            }
          }
        });
    double[] sums = new double[w.pixels() * count];
    for (int place = 0; place < places; place++) {
      int from = place * channels + first(block);
      for (int c = 0; c < count; c++) {
        sums[largest[place * count + c] * count + c] += gradient.get(from + c);
      }
    }
    store(sums, block, out);
  }

  void averagePool(Memory a, int block, Memory out) {
    int count = count(block);
    double[] sums = new double[places * count];
    each(
        (pixel, place, inWindow) -> {
          int from = pixel * channels + first(block);
          for (int c = 0; c < count; c++) {
            sums[place * count + c] += a.get(from + c);
          }
        });
    divide(sums);
    store(sums, block, out);
  }

  void averagePoolAdjoint(Memory a, int block, Memory out) {
    int count = count(block);
    double[] sums = new double[w.pixels() * count];
    each(
        (pixel, place, inWindow) -> {
          int from = place * channels + first(block);
          for (int c = 0; c < count; c++) {
            sums[pixel * count + c] += a.get(from + c);
          }
        });
    divide(sums);
    store(sums, block, out);
  }

  private void divide(double[] sums) {
    for (int i = 0; i < sums.length; i++) {
      sums[i] /= w.kernelSize();
    }
  }
}
