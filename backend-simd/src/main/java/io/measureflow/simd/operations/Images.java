package io.measureflow.simd.operations;

import io.measureflow.api.program.Window;
import io.measureflow.simd.image.ImageKernels;
import io.measureflow.simd.threads.WorkerPool;
import java.util.Arrays;

/**
 * Loops over the windows of images [H W B, C]. B images of C channels lie as one image of B C
 * channels, which is taken in blocks of channels. A task takes some rows of pixels, or of windows,
 * of some blocks, and writes no others: where windows overlap, each pixel collects what it receives
 * from them.
 */
public final class Images {

  private static final int TASK_ELEMENTS = 16384;

  /** The most channels of a block. */
  private static final int BLOCK = 256;

  private final WorkerPool pool;
  private final Window w;

  /** B C. */
  private final int channels;

  private final int placesAcross;
  private final int placesDown;

  /**
   * @param batch the number of images
   * @param channels the number of channels of an image
   */
  public Images(WorkerPool pool, Window window, int batch, int channels) {
    this.pool = pool;
    this.channels = Math.multiplyExact(batch, channels);
    w = window;
    placesAcross = window.outputWidth();
    placesDown = window.outputHeight();
  }

  /** A loop over the channels {@code begin} to {@code end} of a row of pixels or of windows. */
  @FunctionalInterface
  private interface Row {
    void run(int begin, int end, int row);
  }

  /**
   * Shares out the rows of each block.
   *
   * @param rows the number of rows of a block
   * @param elements the work of a row for each channel
   */
  private Command rows(int rows, int elements, Row body) {
    if (channels == 0) {
      return () -> {};
    }
    int total = Math.multiplyExact(Math.ceilDiv(channels, BLOCK), rows);
    int perTask = Math.max(1, TASK_ELEMENTS / Math.min(BLOCK, channels) / elements);
    WorkerPool.Tasks tasks =
        task -> {
          int end = (int) Math.min(total, (task + 1L) * perTask);
          for (int i = task * perTask; i < end; i++) {
            int begin = i / rows * BLOCK;
            body.run(begin, Math.min(channels, begin + BLOCK), i % rows);
          }
        };
    int count = Math.ceilDiv(total, perTask);
    return () -> pool.run(count, tasks);
  }

  private Command rowsOfPlaces(Row body) {
    return rows(placesDown, placesAcross * w.kernelSize(), body);
  }

  private Command rowsOfPixels(Row body) {
    return rows(w.height(), w.width() * w.kernelSize(), body);
  }

  /** Returns the position of the channels of a pixel. */
  private int pixel(int row, int column) {
    return (row * w.width() + column) * channels;
  }

  /** Returns the number of a window. */
  private int place(int row, int column) {
    return row * placesAcross + column;
  }

  private void clear(float[] out, int row, int begin, int end) {
    for (int column = 0; column < w.width(); column++) {
      int at = pixel(row, column);
      Arrays.fill(out, at + begin, at + end, 0);
    }
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
    return rowsOfPlaces((begin, end, row) -> patchesOfRow(a, begin, end, row, out));
  }

  private void patchesOfRow(float[] a, int begin, int end, int row, float[] out) {
    int size = w.kernelSize();
    int top = row * w.strideHeight() - w.paddingHeight();
    int firstRow = first(top);
    int endRow = end(top, w.kernelHeight(), w.height());
    for (int place = 0; place < placesAcross; place++) {
      int left = place * w.strideWidth() - w.paddingWidth();
      int firstColumn = first(left);
      int endColumn = end(left, w.kernelWidth(), w.width());
      int to = place(row, place) * channels * size;
      boolean isInside =
          endRow - firstRow == w.kernelHeight() && endColumn - firstColumn == w.kernelWidth();
      if (!isInside) {
        Arrays.fill(out, to + begin * size, to + end * size, 0);
      }
      for (int i = firstRow; i < endRow; i++) {
        for (int j = firstColumn; j < endColumn; j++) {
          int at = to + i * w.kernelWidth() + j;
          int from = pixel(top + i, left + j);
          for (int c = begin; c < end; c++) {
            out[at + c * size] = a[from + c];
          }
        }
      }
    }
  }

  /** Creates a command: each pixel receives the sum of its elements in all windows. */
  public Command patchesAdjoint(float[] a, float[] out) {
    return rowsOfPixels((begin, end, row) -> patchesAdjointOfRow(a, begin, end, row, out));
  }

  private void patchesAdjointOfRow(float[] a, int begin, int end, int row, float[] out) {
    int size = w.kernelSize();
    clear(out, row, begin, end);
    int firstRow = firstPlace(row, w.paddingHeight(), w.kernelHeight(), w.strideHeight());
    int endRow = endPlace(row, w.paddingHeight(), w.strideHeight(), placesDown);
    for (int column = 0; column < w.width(); column++) {
      int firstColumn = firstPlace(column, w.paddingWidth(), w.kernelWidth(), w.strideWidth());
      int endColumn = endPlace(column, w.paddingWidth(), w.strideWidth(), placesAcross);
      int to = pixel(row, column);
      for (int i = firstRow; i < endRow; i++) {
        int inRow = (row + w.paddingHeight() - i * w.strideHeight()) * w.kernelWidth();
        for (int j = firstColumn; j < endColumn; j++) {
          int inWindow = inRow + column + w.paddingWidth() - j * w.strideWidth();
          int from = place(i, j) * channels * size + inWindow;
          for (int c = begin; c < end; c++) {
            out[to + c] += a[from + c * size];
          }
        }
      }
    }
  }

  // ---- maxima ----

  /** Creates a command: the largest element of each window and channel. */
  public Command maxPool(float[] a, float[] out) {
    return rowsOfPlaces((begin, end, row) -> maxPoolOfRow(a, begin, end, row, out));
  }

  private void maxPoolOfRow(float[] a, int begin, int end, int row, float[] out) {
    int top = row * w.strideHeight() - w.paddingHeight();
    int endRow = end(top, w.kernelHeight(), w.height());
    for (int place = 0; place < placesAcross; place++) {
      int left = place * w.strideWidth() - w.paddingWidth();
      int endColumn = end(left, w.kernelWidth(), w.width());
      int to = place(row, place) * channels;
      Arrays.fill(out, to + begin, to + end, Float.NEGATIVE_INFINITY);
      for (int i = first(top); i < endRow; i++) {
        for (int j = first(left); j < endColumn; j++) {
          int from = pixel(top + i, left + j);
          for (int c = begin; c < end; c++) {
            out[to + c] = Math.max(out[to + c], a[from + c]);
          }
        }
      }
    }
  }

  /**
   * Creates a command: each element of a gradient goes to the first of the largest elements of its
   * window. A task takes whole blocks.
   */
  public Command maxPoolGradient(float[] a, float[] gradient, float[] out) {
    return rows(
        1,
        w.pixels(),
        (begin, end, row) -> {
          for (int i = 0; i < w.height(); i++) {
            clear(out, i, begin, end);
          }
          for (int i = 0; i < placesDown; i++) {
            maxPoolGradientOfRow(a, gradient, begin, end, i, out);
          }
        });
  }

  private void maxPoolGradientOfRow(
      float[] a, float[] gradient, int begin, int end, int row, float[] out) {
    int top = row * w.strideHeight() - w.paddingHeight();
    int firstRow = first(top);
    int endRow = end(top, w.kernelHeight(), w.height());
    for (int place = 0; place < placesAcross; place++) {
      int left = place * w.strideWidth() - w.paddingWidth();
      int firstColumn = first(left);
      int endColumn = end(left, w.kernelWidth(), w.width());
      int from = place(row, place) * channels;
      for (int c = begin; c < end; c++) {
        int largest = pixel(top + firstRow, left + firstColumn) + c;
        for (int i = firstRow; i < endRow; i++) {
          for (int j = firstColumn; j < endColumn; j++) {
            int at = pixel(top + i, left + j) + c;
            largest = ImageKernels.isLarger(a[at], a[largest]) ? at : largest;
          }
        }
        out[largest] += gradient[from + c];
      }
    }
  }

  // ---- means ----

  /** Creates a command: the mean of each window and channel, whose zeros in the border count. */
  public Command averagePool(float[] a, float[] out) {
    return rowsOfPlaces((begin, end, row) -> averagePoolOfRow(a, begin, end, row, out));
  }

  private void averagePoolOfRow(float[] a, int begin, int end, int row, float[] out) {
    int top = row * w.strideHeight() - w.paddingHeight();
    int endRow = end(top, w.kernelHeight(), w.height());
    for (int place = 0; place < placesAcross; place++) {
      int left = place * w.strideWidth() - w.paddingWidth();
      int endColumn = end(left, w.kernelWidth(), w.width());
      int to = place(row, place) * channels;
      Arrays.fill(out, to + begin, to + end, 0);
      for (int i = first(top); i < endRow; i++) {
        for (int j = first(left); j < endColumn; j++) {
          int from = pixel(top + i, left + j);
          for (int c = begin; c < end; c++) {
            out[to + c] += a[from + c];
          }
        }
      }
      divide(out, to + begin, to + end, w.kernelSize());
    }
  }

  /** Creates a command: the adjoint of {@link #averagePool}. */
  public Command averagePoolAdjoint(float[] a, float[] out) {
    return rowsOfPixels((begin, end, row) -> averagePoolAdjointOfRow(a, begin, end, row, out));
  }

  private void averagePoolAdjointOfRow(float[] a, int begin, int end, int row, float[] out) {
    clear(out, row, begin, end);
    int firstRow = firstPlace(row, w.paddingHeight(), w.kernelHeight(), w.strideHeight());
    int endRow = endPlace(row, w.paddingHeight(), w.strideHeight(), placesDown);
    for (int column = 0; column < w.width(); column++) {
      int firstColumn = firstPlace(column, w.paddingWidth(), w.kernelWidth(), w.strideWidth());
      int endColumn = endPlace(column, w.paddingWidth(), w.strideWidth(), placesAcross);
      int to = pixel(row, column);
      for (int i = firstRow; i < endRow; i++) {
        for (int j = firstColumn; j < endColumn; j++) {
          int from = place(i, j) * channels;
          for (int c = begin; c < end; c++) {
            out[to + c] += a[from + c];
          }
        }
      }
    }
    for (int column = 0; column < w.width(); column++) {
      int at = pixel(row, column);
      divide(out, at + begin, at + end, w.kernelSize());
    }
  }

  private static void divide(float[] a, int from, int to, float divisor) {
    for (int i = from; i < to; i++) {
      a[i] /= divisor;
    }
  }
}
