package io.measureflow.simd.operations;

import io.measureflow.api.program.Window;
import io.measureflow.simd.threads.WorkerPool;
import java.util.Arrays;

/**
 * Loops over the windows of images [B H W, C]. A task takes some rows of pixels, or of windows, and
 * writes no others: where windows overlap, each pixel collects what it receives from them.
 */
public final class Images {

  private static final int TASK_ELEMENTS = 16384;

  private final WorkerPool pool;
  private final Window w;
  private final int batch;
  private final int channels;
  private final int placesAcross;
  private final int placesDown;

  /**
   * @param batch the number of images
   */
  public Images(WorkerPool pool, Window window, int batch, int channels) {
    this.pool = pool;
    this.batch = batch;
    this.channels = channels;
    w = window;
    placesAcross = window.outputWidth();
    placesDown = window.outputHeight();
  }

  /** A loop over a row of pixels or of windows. */
  @FunctionalInterface
  private interface Row {
    void run(int image, int row);
  }

  /** Shares out {@code perImage} rows of each image. */
  private Command rows(int perImage, int elements, Row body) {
    int rows = batch * perImage;
    if (rows == 0 || channels == 0) {
      return () -> {};
    }
    int perTask = Math.max(1, TASK_ELEMENTS / elements);
    WorkerPool.Tasks tasks =
        task -> {
          int end = (int) Math.min(rows, (task + 1L) * perTask);
          for (int row = task * perTask; row < end; row++) {
            body.run(row / perImage, row % perImage);
          }
        };
    int count = Math.ceilDiv(rows, perTask);
    return () -> pool.run(count, tasks);
  }

  private Command rowsOfPlaces(Row body) {
    return rows(placesDown, Math.max(1, placesAcross * channels * w.kernelSize()), body);
  }

  private Command rowsOfPixels(Row body) {
    return rows(w.height(), Math.max(1, w.width() * channels * w.kernelSize()), body);
  }

  /** Returns the position of the channels of a pixel. */
  private int pixel(int image, int row, int column) {
    return ((image * w.height() + row) * w.width() + column) * channels;
  }

  /** Returns the number of a window. */
  private int place(int image, int row, int column) {
    return (image * placesDown + row) * placesAcross + column;
  }

  // ---- the part of a window that is inside of the image ----

  private static int first(int corner) {
    return Math.max(0, -corner);
  }

  private static int end(int corner, int kernel, int length) {
    return Math.min(kernel, length - corner);
  }

  // ---- the windows that a pixel is in ----

  private static int firstPlace(int pixel, int padding, int kernel, int stride) {
    return Math.max(0, Math.ceilDiv(pixel + padding - kernel + 1, stride));
  }

  private static int endPlace(int pixel, int padding, int stride, int places) {
    return Math.min(places, (pixel + padding) / stride + 1);
  }

  // ---- patches ----

  /** Creates a command: the windows of all images, ordered by channel, row and column. */
  public Command patches(float[] a, float[] out) {
    return rowsOfPlaces((image, row) -> patchesOfRow(a, image, row, out));
  }

  private void patchesOfRow(float[] a, int image, int row, float[] out) {
    int size = w.kernelSize();
    int width = channels * size;
    int top = row * w.strideHeight() - w.paddingHeight();
    int firstRow = first(top);
    int endRow = end(top, w.kernelHeight(), w.height());
    for (int place = 0; place < placesAcross; place++) {
      int left = place * w.strideWidth() - w.paddingWidth();
      int firstColumn = first(left);
      int endColumn = end(left, w.kernelWidth(), w.width());
      int to = place(image, row, place) * width;
      boolean isInside =
          endRow - firstRow == w.kernelHeight() && endColumn - firstColumn == w.kernelWidth();
      if (!isInside) {
        Arrays.fill(out, to, to + width, 0);
      }
      for (int i = firstRow; i < endRow; i++) {
        for (int j = firstColumn; j < endColumn; j++) {
          int at = to + i * w.kernelWidth() + j;
          int from = pixel(image, top + i, left + j);
          for (int c = 0; c < channels; c++) {
            out[at + c * size] = a[from + c];
          }
        }
      }
    }
  }

  /** Creates a command: each pixel receives the sum of its elements in all windows. */
  public Command patchesAdjoint(float[] a, float[] out) {
    return rowsOfPixels((image, row) -> patchesAdjointOfRow(a, image, row, out));
  }

  private void patchesAdjointOfRow(float[] a, int image, int row, float[] out) {
    int size = w.kernelSize();
    int start = pixel(image, row, 0);
    Arrays.fill(out, start, start + w.width() * channels, 0);
    int firstRow = firstPlace(row, w.paddingHeight(), w.kernelHeight(), w.strideHeight());
    int endRow = endPlace(row, w.paddingHeight(), w.strideHeight(), placesDown);
    for (int column = 0; column < w.width(); column++) {
      int firstColumn = firstPlace(column, w.paddingWidth(), w.kernelWidth(), w.strideWidth());
      int endColumn = endPlace(column, w.paddingWidth(), w.strideWidth(), placesAcross);
      int to = start + column * channels;
      for (int i = firstRow; i < endRow; i++) {
        int inRow = (row + w.paddingHeight() - i * w.strideHeight()) * w.kernelWidth();
        for (int j = firstColumn; j < endColumn; j++) {
          int inWindow = inRow + column + w.paddingWidth() - j * w.strideWidth();
          int from = place(image, i, j) * channels * size + inWindow;
          for (int c = 0; c < channels; c++) {
            out[to + c] += a[from + c * size];
          }
        }
      }
    }
  }

  // ---- maxima ----

  /** Creates a command: the largest element of each window and channel. */
  public Command maxPool(float[] a, float[] out) {
    return rowsOfPlaces((image, row) -> maxPoolOfRow(a, image, row, out));
  }

  private void maxPoolOfRow(float[] a, int image, int row, float[] out) {
    int top = row * w.strideHeight() - w.paddingHeight();
    int endRow = end(top, w.kernelHeight(), w.height());
    for (int place = 0; place < placesAcross; place++) {
      int left = place * w.strideWidth() - w.paddingWidth();
      int endColumn = end(left, w.kernelWidth(), w.width());
      int to = place(image, row, place) * channels;
      Arrays.fill(out, to, to + channels, Float.NEGATIVE_INFINITY);
      for (int i = first(top); i < endRow; i++) {
        for (int j = first(left); j < endColumn; j++) {
          int from = pixel(image, top + i, left + j);
          for (int c = 0; c < channels; c++) {
            out[to + c] = Math.max(out[to + c], a[from + c]);
          }
        }
      }
    }
  }

  /**
   * Creates a command: each element of a gradient goes to the first of the largest elements of its
   * window. A task takes a whole image.
   */
  public Command maxPoolGradient(float[] a, float[] gradient, float[] out) {
    return rows(
        1,
        Math.max(1, w.pixels() * channels),
        (image, row) -> {
          int start = pixel(image, 0, 0);
          Arrays.fill(out, start, start + w.pixels() * channels, 0);
          for (int i = 0; i < placesDown; i++) {
            maxPoolGradientOfRow(a, gradient, image, i, out);
          }
        });
  }

  private void maxPoolGradientOfRow(float[] a, float[] gradient, int image, int row, float[] out) {
    int top = row * w.strideHeight() - w.paddingHeight();
    int firstRow = first(top);
    int endRow = end(top, w.kernelHeight(), w.height());
    for (int place = 0; place < placesAcross; place++) {
      int left = place * w.strideWidth() - w.paddingWidth();
      int firstColumn = first(left);
      int endColumn = end(left, w.kernelWidth(), w.width());
      int from = place(image, row, place) * channels;
      for (int c = 0; c < channels; c++) {
        int largest = pixel(image, top + firstRow, left + firstColumn) + c;
        for (int i = firstRow; i < endRow; i++) {
          for (int j = firstColumn; j < endColumn; j++) {
            int at = pixel(image, top + i, left + j) + c;
            largest = Maxima.isLarger(a[at], a[largest]) ? at : largest;
          }
        }
        out[largest] += gradient[from + c];
      }
    }
  }

  // ---- means ----

  /** Creates a command: the mean of each window and channel, whose zeros in the border count. */
  public Command averagePool(float[] a, float[] out) {
    return rowsOfPlaces((image, row) -> averagePoolOfRow(a, image, row, out));
  }

  private void averagePoolOfRow(float[] a, int image, int row, float[] out) {
    int top = row * w.strideHeight() - w.paddingHeight();
    int endRow = end(top, w.kernelHeight(), w.height());
    for (int place = 0; place < placesAcross; place++) {
      int left = place * w.strideWidth() - w.paddingWidth();
      int endColumn = end(left, w.kernelWidth(), w.width());
      int to = place(image, row, place) * channels;
      Arrays.fill(out, to, to + channels, 0);
      for (int i = first(top); i < endRow; i++) {
        for (int j = first(left); j < endColumn; j++) {
          int from = pixel(image, top + i, left + j);
          for (int c = 0; c < channels; c++) {
            out[to + c] += a[from + c];
          }
        }
      }
      divide(out, to, to + channels, w.kernelSize());
    }
  }

  /** Creates a command: the adjoint of {@link #averagePool}. */
  public Command averagePoolAdjoint(float[] a, float[] out) {
    return rowsOfPixels((image, row) -> averagePoolAdjointOfRow(a, image, row, out));
  }

  private void averagePoolAdjointOfRow(float[] a, int image, int row, float[] out) {
    int start = pixel(image, row, 0);
    Arrays.fill(out, start, start + w.width() * channels, 0);
    int firstRow = firstPlace(row, w.paddingHeight(), w.kernelHeight(), w.strideHeight());
    int endRow = endPlace(row, w.paddingHeight(), w.strideHeight(), placesDown);
    for (int column = 0; column < w.width(); column++) {
      int firstColumn = firstPlace(column, w.paddingWidth(), w.kernelWidth(), w.strideWidth());
      int endColumn = endPlace(column, w.paddingWidth(), w.strideWidth(), placesAcross);
      int to = start + column * channels;
      for (int i = firstRow; i < endRow; i++) {
        for (int j = firstColumn; j < endColumn; j++) {
          int from = place(image, i, j) * channels;
          for (int c = 0; c < channels; c++) {
            out[to + c] += a[from + c];
          }
        }
      }
    }
    divide(out, start, start + w.width() * channels, w.kernelSize());
  }

  private static void divide(float[] a, int from, int to, float divisor) {
    for (int i = from; i < to; i++) {
      a[i] /= divisor;
    }
  }
}
