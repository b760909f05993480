package io.measureflow.simd.image;

import io.measureflow.api.program.Window;
import io.measureflow.lowering.Windows;
import io.measureflow.simd.kernels.Kernels;
import java.util.Arrays;

/**
 * How windows are taken strip by strip: some lines of windows of one image, or some whole images.
 * The columns of a strip are its lines, each filled up to whole vectors, so that all loops go over
 * vectors. Images are copied to a border of zeros first, so that none has to ask where it is.
 */
final class Strips {

  private final Window window;
  private final int channels;
  private final int images;
  private final int lineWidth;
  private final int linesPerStrip;
  private final int imagesPerStrip;
  private final int partsPerImage;

  /** The rows and columns of a copied image that a strip needs. */
  private final int rows;

  private final int rowWidth;

  /**
   * @param most the largest number of columns of a strip, if a line has no more
   */
  Strips(Windows windows, Kernels kernels, int most) {
    window = windows.window();
    channels = windows.channels();
    images = windows.batch();
    int unit = kernels.lineUnit();
    lineWidth = Math.ceilDiv(window.outputWidth(), unit) * unit;
    int lines = window.outputHeight();
    int parts = Math.ceilDiv(lines * lineWidth, Math.max(lineWidth, most));
    linesPerStrip = Math.ceilDiv(lines, parts);
    partsPerImage = Math.ceilDiv(lines, linesPerStrip);
    imagesPerStrip =
        partsPerImage > 1 ? 1 : Math.clamp(most / (lines * lineWidth), 1, Math.max(1, images));
    rows = (linesPerStrip - 1) * window.strideHeight() + window.kernelHeight();
    rowWidth = window.width() + 2 * window.paddingWidth() + lineWidth;
  }

  /** Returns the columns of a strip. */
  int columns() {
    return imagesPerStrip * linesPerStrip * lineWidth;
  }

  /** Returns the number of images that are in one strip together; 1 for parts of images. */
  int imagesPerStrip() {
    return imagesPerStrip;
  }

  /** Returns the number of strips of some images. */
  int count(int count) {
    return partsPerImage > 1 ? count * partsPerImage : Math.ceilDiv(count, imagesPerStrip);
  }

  /** Returns the elements of the copies that a strip needs. */
  int copySize() {
    return imagesPerStrip * channels * rows * rowWidth;
  }

  /** A strip, set anew for each. */
  final class Strip {

    private int image;
    private int imageCount;
    private int line;
    private int lineCount;

    /** Goes to a strip of the images from {@code first} to {@code end}. */
    void set(int index, int first, int end) {
      if (partsPerImage > 1) {
        image = first + index / partsPerImage;
        imageCount = 1;
        line = index % partsPerImage * linesPerStrip;
        lineCount = Math.min(linesPerStrip, window.outputHeight() - line);
      } else {
        image = first + index * imagesPerStrip;
        imageCount = Math.min(imagesPerStrip, end - image);
        line = 0;
        lineCount = linesPerStrip;
      }
    }

    /** Copies what the strip needs of the images [C, B, H, W], with a border of zeros. */
    void copyImages(float[] source, float[] copy) {
      for (int i = 0; i < imageCount; i++) {
        for (int channel = 0; channel < channels; channel++) {
          for (int row = 0; row < rows; row++) {
            int at = copyRow(i, channel, row);
            int y = line * window.strideHeight() - window.paddingHeight() + row;
            if (y >= 0 && y < window.height()) {
              System.arraycopy(
                  source, pixel(i, channel, y), copy, at + window.paddingWidth(), window.width());
            } else {
              Arrays.fill(copy, at, at + rowWidth, 0);
            }
          }
        }
      }
    }

    /**
     * Adds copies to the images [C, B, H, W].
     *
     * @param factor what they are multiplied by at each pixel; empty for nothing
     * @param scale a number that they are multiplied by then
     */
    void addImages(Kernels kernels, float[] copy, float[] factor, float scale, float[] target) {
      for (int i = 0; i < imageCount; i++) {
        for (int channel = 0; channel < channels; channel++) {
          for (int row = 0; row < rows; row++) {
            int y = line * window.strideHeight() - window.paddingHeight() + row;
            if (y >= 0 && y < window.height()) {
              int from = copyRow(i, channel, row) + window.paddingWidth();
              int to = pixel(i, channel, y);
              if (factor.length == 0) {
                kernels.addTo(copy, from, target, to, window.width());
              } else {
                kernels.addProducts(copy, from, factor, scale, target, to, window.width());
              }
            }
          }
        }
      }
    }

    private int copyRow(int i, int channel, int row) {
      return ((i * channels + channel) * rows + row) * rowWidth;
    }

    private int pixel(int i, int channel, int y) {
      return ((channel * images + image + i) * window.height() + y) * window.width();
    }

    /** Writes the elements at one place of all windows, from copies of the images. */
    void gather(Kernels kernels, float[] copy, int element, float[] target, int at) {
      int stride = window.strideWidth();
      int to = at;
      for (int i = 0; i < imageCount; i++) {
        int from = start(i, element);
        int step = window.strideHeight() * rowWidth;
        if (stride == 1) {
          kernels.copyLines(copy, from, step, target, to, lineWidth, lineCount, lineWidth);
        } else {
          for (int l = 0; l < lineCount; l++) {
            for (int j = 0; j < window.outputWidth(); j++) {
              target[to + l * lineWidth + j] = copy[from + l * step + j * stride];
            }
          }
        }
        to += linesPerStrip * lineWidth;
      }
    }

    /**
     * Adds elements at one place of windows to copies of the images.
     *
     * @param from the first of the elements of all windows
     * @param column the first column of the strip that is there, the beginning of a line
     * @param count the number of columns, whole lines
     */
    void scatter(
        Kernels kernels,
        float[] source,
        int from,
        int element,
        int column,
        int count,
        float[] copy) {
      int stride = window.strideWidth();
      int step = window.strideHeight() * rowWidth;
      int perImage = linesPerStrip * lineWidth;
      for (int done = 0; done < count; ) {
        int i = (column + done) / perImage;
        int l = (column + done) % perImage / lineWidth;
        int lines = Math.min(lineCount - l, (count - done) / lineWidth);
        if (i >= imageCount || lines <= 0) {
          return;
        }
        int to = start(i, element) + l * step;
        if (stride == 1) {
          kernels.addLines(source, from + done, lineWidth, copy, to, step, lines, lineWidth);
        } else {
          for (int k = 0; k < lines; k++) {
            for (int j = 0; j < window.outputWidth(); j++) {
              copy[to + k * step + j * stride] += source[from + done + k * lineWidth + j];
            }
          }
        }
        done += (linesPerStrip - l) * lineWidth;
      }
    }

    /** Returns where the elements at one place of the windows of an image begin. */
    private int start(int i, int element) {
      int size = window.kernelSize();
      int down = element % size / window.kernelWidth();
      int right = element % window.kernelWidth();
      return copyRow(i, element / size, down) + right;
    }

    /** Copies the columns of the strip from a row of all places; the rest of lines becomes 0. */
    void gatherPlaces(float[] source, int row, float[] target, int at) {
      int width = window.outputWidth();
      int columns = columns();
      int to = at;
      for (int i = 0; i < imageCount; i++) {
        int from = place(row, i);
        if (lineWidth == width) {
          System.arraycopy(source, from, target, to, lineCount * width);
          to += lineCount * width;
        } else {
          for (int l = 0; l < lineCount; l++) {
            System.arraycopy(source, from + l * width, target, to, width);
            Arrays.fill(target, to + width, to + lineWidth, 0);
            to += lineWidth;
          }
        }
      }
      Arrays.fill(target, to, at + columns, 0);
    }

    /**
     * Writes columns of the strip to a row of all places.
     *
     * @param column the first column of the strip that is there
     * @param count the number of columns
     */
    void scatterPlaces(float[] source, int from, int column, int count, int row, float[] target) {
      int width = window.outputWidth();
      int perImage = linesPerStrip * lineWidth;
      for (int done = 0; done < count; ) {
        int i = (column + done) / perImage;
        int inside = (column + done) % perImage;
        int l = inside / lineWidth;
        int j = inside % lineWidth;
        if (i >= imageCount || l >= lineCount) {
          return;
        }
        if (lineWidth == width) {
          int take = Math.min(count - done, lineCount * width - inside);
          System.arraycopy(source, from + done, target, place(row, i) + inside, take);
          done += perImage - inside;
        } else {
          int take = Math.min(count - done, width - j);
          if (take > 0) {
            System.arraycopy(source, from + done, target, place(row, i) + l * width + j, take);
          }
          done += lineWidth - j;
        }
      }
    }

    private int place(int row, int i) {
      return ((row * images + image + i) * window.outputHeight() + line) * window.outputWidth();
    }
  }
}
