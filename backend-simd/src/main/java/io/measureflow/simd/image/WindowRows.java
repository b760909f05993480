package io.measureflow.simd.image;

import io.measureflow.api.program.Window;
import io.measureflow.lowering.Windows;
import java.util.Arrays;

/** Rows of the windows of images that lie as [C, B, H, W]: one element of all windows in each. */
final class WindowRows {

  /** Takes runs of elements of a row that stand side by side in an image. */
  @FunctionalInterface
  interface Run {
    /**
     * Takes a run.
     *
     * @param column where it begins, counted from the first column asked for
     * @param pixel where it begins in the images
     * @param count its length
     */
    void accept(int column, int pixel, int count);
  }

  private final Window window;
  private final int images;
  private final int places;
  private final int elements;

  WindowRows(Windows windows) {
    window = windows.window();
    images = windows.batch();
    places = window.places();
    elements = windows.channels() * window.kernelSize();
  }

  /**
   * Fills a row: the element of each window, 0 where the window leaves the image, or 1 in the row
   * behind the last element.
   *
   * @param from the first column
   * @param to the column behind the last one
   */
  void fill(float[] source, int row, int from, int to, float[] target, int at) {
    if (row == elements) {
      Arrays.fill(target, at, at + to - from, 1);
      return;
    }
    if (window.strideWidth() == 1 && window.paddingWidth() == 0) {
      if (window.paddingHeight() > 0) {
        Arrays.fill(target, at, at + to - from, 0);
      }
      runs(row, from, to, (n, pixel, count) -> copy(source, pixel, target, at + n, count));
      return;
    }
    Arrays.fill(target, at, at + to - from, 0);
    int step = window.strideWidth();
    if (step == 1) {
      runs(row, from, to, (n, pixel, count) -> copy(source, pixel, target, at + n, count));
    } else {
      runs(
          row,
          from,
          to,
          (n, pixel, count) -> {
            for (int i = 0; i < count; i++) {
              target[at + n + i] = source[pixel + i * step];
            }
          });
    }
  }

  private static void copy(float[] source, int from, float[] target, int to, int count) {
    System.arraycopy(source, from, target, to, count);
  }

  /**
   * Passes the elements of a row that lie inside of their images, in runs of neighbouring windows,
   * whose pixels are the width of a stride apart.
   */
  void runs(int row, int from, int to, Run run) {
    int width = window.outputWidth();
    int size = window.kernelSize();
    int channel = row / size;
    int down = row % size / window.kernelWidth() - window.paddingHeight();
    int right = row % window.kernelWidth() - window.paddingWidth();
    int step = window.strideWidth();
    // The windows of a line that have this element inside of the image.
    int first = right >= 0 ? 0 : Math.ceilDiv(-right, step);
    int end = Math.min(width, Math.ceilDiv(window.width() - right, step));
    int image = from / places;
    int line = from % places / width;
    int start = from % width;
    for (int n = from; n < to; ) {
      int count = Math.min(to - n, width - start);
      int y = line * window.strideHeight() + down;
      if (y >= 0 && y < window.height()) {
        int inside = Math.max(start, first);
        int behind = Math.min(start + count, end);
        if (inside < behind) {
          int pixel =
              ((channel * images + image) * window.height() + y) * window.width()
                  + inside * step
                  + right;
          run.accept(n - from + inside - start, pixel, behind - inside);
        }
      }
      n += count;
      start = 0;
      line++;
      if (line == window.outputHeight()) {
        line = 0;
        image++;
      }
    }
  }
}
