package io.measureflow.tornado;

import io.measureflow.api.program.Window;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Operations on images [H W B, C], one work item per element of the result: where windows overlap,
 * each pixel collects what it receives from them. B images of C channels lie as one image of B C
 * channels, and are taken as such.
 */
final class ImageKernels {

  private ImageKernels() {}

  /**
   * Returns the parameters of all these kernels.
   *
   * @param n the number of elements of the result
   * @param channels B C
   * @param g the offset of a gradient, if there is one
   */
  static int[] parameters(int n, Window w, int channels, int a, int g, int out) {
    return new int[] {
      n,
      channels,
      w.height(),
      w.width(),
      w.kernelHeight(),
      w.kernelWidth(),
      w.strideHeight(),
      w.strideWidth(),
      w.paddingHeight(),
      w.paddingWidth(),
      w.outputHeight(),
      w.outputWidth(),
      a,
      g,
      out
    };
  }

  // ---- results per window ----

  /** out = the windows of all images, ordered by channel, row and column. */
  static void patches(KernelContext c, IntArray p, FloatArray m) {
    patches(p, m, c.globalIdx, c.globalGroupSizeX);
  }

  static void patches(IntArray p, FloatArray m, int first, int step) {
    int channels = p.get(1);
    int kernel = p.get(4) * p.get(5);
    for (int e = first; e < p.get(0); e += step) {
      int rest = e / kernel;
      int inWindow = e - rest * kernel;
      int place = rest / channels;
      int channel = rest - place * channels;
      int placeRow = place / p.get(11);
      int inRow = inWindow / p.get(5);
      int row = placeRow * p.get(6) - p.get(8) + inRow;
      int column =
          (place - placeRow * p.get(11)) * p.get(7) - p.get(9) + inWindow - inRow * p.get(5);
      float value = 0;
      if (row >= 0 && row < p.get(2) && column >= 0 && column < p.get(3)) {
        value = m.get(p.get(12) + (row * p.get(3) + column) * channels + channel);
      }
      m.set(p.get(14) + e, value);
    }
  }

  /** Returns the position of the first of the largest elements of a window in a channel. */
  private static int largest(IntArray p, FloatArray m, int placeRow, int placeColumn, int channel) {
    int top = placeRow * p.get(6) - p.get(8);
    int left = placeColumn * p.get(7) - p.get(9);
    int firstRow = top < 0 ? 0 : top;
    int firstColumn = left < 0 ? 0 : left;
    int endRow = top + p.get(4) < p.get(2) ? top + p.get(4) : p.get(2);
    int endColumn = left + p.get(5) < p.get(3) ? left + p.get(5) : p.get(3);
    int start = p.get(12) + channel;
    int best = start + (firstRow * p.get(3) + firstColumn) * p.get(1);
    for (int row = firstRow; row < endRow; row++) {
      for (int column = firstColumn; column < endColumn; column++) {
        int at = start + (row * p.get(3) + column) * p.get(1);
        best = MaximumKernels.isLarger(m.get(at), m.get(best)) ? at : best;
      }
    }
    return best;
  }

  /** out = the largest element of each window and channel. */
  static void maxPool(KernelContext c, IntArray p, FloatArray m) {
    maxPool(p, m, c.globalIdx, c.globalGroupSizeX);
  }

  static void maxPool(IntArray p, FloatArray m, int first, int step) {
    for (int e = first; e < p.get(0); e += step) {
      int place = e / p.get(1);
      int placeRow = place / p.get(11);
      int at = largest(p, m, placeRow, place - placeRow * p.get(11), e - place * p.get(1));
      m.set(p.get(14) + e, m.get(at));
    }
  }

  /** out = the mean of each window and channel, whose zeros in the border count. */
  static void averagePool(KernelContext c, IntArray p, FloatArray m) {
    averagePool(p, m, c.globalIdx, c.globalGroupSizeX);
  }

  static void averagePool(IntArray p, FloatArray m, int first, int step) {
    int channels = p.get(1);
    for (int e = first; e < p.get(0); e += step) {
      int place = e / channels;
      int placeRow = place / p.get(11);
      int top = placeRow * p.get(6) - p.get(8);
      int left = (place - placeRow * p.get(11)) * p.get(7) - p.get(9);
      int firstRow = top < 0 ? 0 : top;
      int firstColumn = left < 0 ? 0 : left;
      int endRow = top + p.get(4) < p.get(2) ? top + p.get(4) : p.get(2);
      int endColumn = left + p.get(5) < p.get(3) ? left + p.get(5) : p.get(3);
      int start = p.get(12) + e - place * channels;
      float sum = 0;
      for (int row = firstRow; row < endRow; row++) {
        for (int column = firstColumn; column < endColumn; column++) {
          sum += m.get(start + (row * p.get(3) + column) * channels);
        }
      }
      m.set(p.get(14) + e, sum / (p.get(4) * p.get(5)));
    }
  }

  // ---- results per pixel ----

  /** Returns the first window that reaches a row or a column. */
  private static int firstPlace(int pixel, int padding, int kernel, int stride) {
    int below = pixel + padding - kernel + 1;
    return below <= 0 ? 0 : (below + stride - 1) / stride;
  }

  /** Returns the window behind the last one that begins at or before a row or a column. */
  private static int endPlace(int pixel, int padding, int stride, int places) {
    int end = (pixel + padding) / stride + 1;
    return end < places ? end : places;
  }

  /** out = for each pixel the sum of its elements in all windows. */
  static void patchesAdjoint(KernelContext c, IntArray p, FloatArray m) {
    patchesAdjoint(p, m, c.globalIdx, c.globalGroupSizeX);
  }

  static void patchesAdjoint(IntArray p, FloatArray m, int first, int step) {
    int channels = p.get(1);
    int kernel = p.get(4) * p.get(5);
    for (int e = first; e < p.get(0); e += step) {
      int pixel = e / channels;
      int channel = e - pixel * channels;
      int row = pixel / p.get(3);
      int column = pixel - row * p.get(3);
      int endRow = endPlace(row, p.get(8), p.get(6), p.get(10));
      int firstColumn = firstPlace(column, p.get(9), p.get(5), p.get(7));
      int endColumn = endPlace(column, p.get(9), p.get(7), p.get(11));
      float sum = 0;
      for (int i = firstPlace(row, p.get(8), p.get(4), p.get(6)); i < endRow; i++) {
        int inRow = row + p.get(8) - i * p.get(6);
        for (int j = firstColumn; j < endColumn; j++) {
          int inColumn = column + p.get(9) - j * p.get(7);
          int place = i * p.get(11) + j;
          int at = (place * channels + channel) * kernel + inRow * p.get(5) + inColumn;
          sum += m.get(p.get(12) + at);
        }
      }
      m.set(p.get(14) + e, sum);
    }
  }

  /** out = for each pixel the gradients of the windows whose first largest element it is. */
  static void maxPoolGradient(KernelContext c, IntArray p, FloatArray m) {
    maxPoolGradient(p, m, c.globalIdx, c.globalGroupSizeX);
  }

  static void maxPoolGradient(IntArray p, FloatArray m, int first, int step) {
    int channels = p.get(1);
    for (int e = first; e < p.get(0); e += step) {
      int pixel = e / channels;
      int channel = e - pixel * channels;
      int row = pixel / p.get(3);
      int column = pixel - row * p.get(3);
      int endRow = endPlace(row, p.get(8), p.get(6), p.get(10));
      int firstColumn = firstPlace(column, p.get(9), p.get(5), p.get(7));
      int endColumn = endPlace(column, p.get(9), p.get(7), p.get(11));
      float sum = 0;
      for (int i = firstPlace(row, p.get(8), p.get(4), p.get(6)); i < endRow; i++) {
        for (int j = firstColumn; j < endColumn; j++) {
          if (largest(p, m, i, j, channel) == p.get(12) + e) {
            int place = i * p.get(11) + j;
            sum += m.get(p.get(13) + place * channels + channel);
          }
        }
      }
      m.set(p.get(14) + e, sum);
    }
  }

  /** out = for each pixel the sum of its windows' elements, divided by the size of a window. */
  static void averagePoolAdjoint(KernelContext c, IntArray p, FloatArray m) {
    averagePoolAdjoint(p, m, c.globalIdx, c.globalGroupSizeX);
  }

  static void averagePoolAdjoint(IntArray p, FloatArray m, int first, int step) {
    int channels = p.get(1);
    for (int e = first; e < p.get(0); e += step) {
      int pixel = e / channels;
      int channel = e - pixel * channels;
      int row = pixel / p.get(3);
      int column = pixel - row * p.get(3);
      int endRow = endPlace(row, p.get(8), p.get(6), p.get(10));
      int firstColumn = firstPlace(column, p.get(9), p.get(5), p.get(7));
      int endColumn = endPlace(column, p.get(9), p.get(7), p.get(11));
      float sum = 0;
      for (int i = firstPlace(row, p.get(8), p.get(4), p.get(6)); i < endRow; i++) {
        for (int j = firstColumn; j < endColumn; j++) {
          int place = i * p.get(11) + j;
          sum += m.get(p.get(12) + place * channels + channel);
        }
      }
      m.set(p.get(14) + e, sum / (p.get(4) * p.get(5)));
    }
  }
}
