package io.measureflow.conformance;

import io.measureflow.api.program.Value;
import io.measureflow.api.program.Window;
import java.util.function.DoubleBinaryOperator;

/**
 * Operations on images by their definition: an image is a function of row, column and channel that
 * is known inside alone, and adjoints sum over all pairs of a pixel and an element of a window.
 */
final class ImageOracle {

  private final Window w;
  private final int batch;
  private final int channels;

  ImageOracle(Window window, int batch, int channels) {
    w = window;
    this.batch = batch;
    this.channels = channels;
  }

  /** Returns the oracle of images [H W B, C]. */
  static ImageOracle of(Window window, Value images) {
    int pixels = window.height() * window.width();
    return new ImageOracle(
        window, images.shape().dimension(0) / pixels, images.shape().dimension(1));
  }

  private int across() {
    int free = w.width() + 2 * w.paddingWidth() - w.kernelWidth();
    return free / w.strideWidth() + 1;
  }

  private int down() {
    int free = w.height() + 2 * w.paddingHeight() - w.kernelHeight();
    return free / w.strideHeight() + 1;
  }

  /** Returns the row of the image that is row {@code inWindow} of window {@code place}. */
  private int row(int place, int inWindow) {
    return place / batch / across() * w.strideHeight() + inWindow - w.paddingHeight();
  }

  private int column(int place, int inWindow) {
    return place / batch % across() * w.strideWidth() + inWindow - w.paddingWidth();
  }

  /** Returns the pixel of all images at an element of a window, -1 in the border. */
  private int pixel(int place, int inRow, int inColumn) {
    int row = row(place, inRow);
    int column = column(place, inColumn);
    if (row < 0 || row >= w.height() || column < 0 || column >= w.width()) {
      return -1;
    }
    int image = place % batch;
    return (row * w.width() + column) * batch + image;
  }

  private int places() {
    return batch * down() * across();
  }

  double[] patches(double[] a) {
    int size = w.kernelHeight() * w.kernelWidth();
    double[] out = new double[places() * channels * size];
    for (int e = 0; e < out.length; e++) {
      int element = e % size;
      int channel = e / size % channels;
      int place = e / size / channels;
      int pixel = pixel(place, element / w.kernelWidth(), element % w.kernelWidth());
      out[e] = pixel < 0 ? 0 : a[pixel * channels + channel];
    }
    return out;
  }

  /** The transposed matrix of {@link #patches}, column by column. */
  double[] patchesAdjoint(double[] a) {
    int size = w.kernelHeight() * w.kernelWidth();
    double[] out = new double[batch * w.height() * w.width() * channels];
    for (int e = 0; e < a.length; e++) {
      int element = e % size;
      int channel = e / size % channels;
      int pixel = pixel(e / size / channels, element / w.kernelWidth(), element % w.kernelWidth());
      if (pixel >= 0) {
        out[pixel * channels + channel] += a[e];
      }
    }
    return out;
  }

  /** Combines the elements of each window and channel that are inside of the image. */
  private double[] pool(double[] a, double start, DoubleBinaryOperator combine) {
    double[] out = new double[places() * channels];
    for (int e = 0; e < out.length; e++) {
      double result = start;
      for (int i = 0; i < w.kernelHeight(); i++) {
        for (int j = 0; j < w.kernelWidth(); j++) {
          int pixel = pixel(e / channels, i, j);
          if (pixel >= 0) {
            result = combine.applyAsDouble(result, a[pixel * channels + e % channels]);
          }
        }
      }
      out[e] = result;
    }
    return out;
  }

  double[] maxPool(double[] a) {
    return pool(a, Double.NEGATIVE_INFINITY, Math::max);
  }

  double[] averagePool(double[] a) {
    double[] sums = pool(a, 0, Double::sum);
    for (int e = 0; e < sums.length; e++) {
      sums[e] /= w.kernelHeight() * w.kernelWidth();
    }
    return sums;
  }

  /** Searches each window from its end, so that the first of equal elements wins. */
  double[] maxPoolGradient(double[] a, double[] g) {
    double[] largest = maxPool(a);
    double[] out = new double[a.length];
    for (int e = 0; e < g.length; e++) {
      int winner = -1;
      for (int i = w.kernelHeight() - 1; i >= 0; i--) {
        for (int j = w.kernelWidth() - 1; j >= 0; j--) {
          int pixel = pixel(e / channels, i, j);
          int at = pixel * channels + e % channels;
          if (pixel >= 0 && (a[at] == largest[e] || Double.isNaN(a[at]))) {
            winner = at;
          }
        }
      }
      out[winner] += g[e];
    }
    return out;
  }

  double[] averagePoolAdjoint(double[] a) {
    double[] out = new double[batch * w.height() * w.width() * channels];
    for (int e = 0; e < a.length; e++) {
      for (int i = 0; i < w.kernelHeight(); i++) {
        for (int j = 0; j < w.kernelWidth(); j++) {
          int pixel = pixel(e / channels, i, j);
          if (pixel >= 0) {
            out[pixel * channels + e % channels] += a[e] / w.kernelHeight() / w.kernelWidth();
          }
        }
      }
    }
    return out;
  }
}
