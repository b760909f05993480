package io.measureflow.simd.image;

import io.measureflow.api.program.Window;
import io.measureflow.lowering.Windows;

/** The parts in which lines of windows are computed, and the copies of images that they need. */
final class WindowParts {

  /** The elements of a copy: half of the L2 cache of small processors. */
  static final int COPY = 1 << 16;

  private final Windows windows;
  private final Window window;
  private final Slices slices;
  private final ImageCopy.Format format;

  /** Where the elements of a window are, for whole slices and for the last one. */
  private final long[] offsets;

  private final long[] lastOffsets;

  /**
   * @param most the largest number of elements of a copy, if a line needs no more
   */
  WindowParts(Windows windows, ImageKernels kernels, int most) {
    this.windows = windows;
    window = windows.window();
    int lanes = kernels.lanes();
    int width = Math.min(windows.batch(), 2 * lanes);
    int columns = (window.outputWidth() - 1) * window.strideWidth() + window.kernelWidth();
    int rows = Math.max(window.kernelHeight(), most / (windows.channels() * columns * width));
    int lines = (rows - window.kernelHeight()) / window.strideHeight() + 1;
    slices =
        new Slices(windows.batch(), width, window.outputHeight(), window.kernelHeight(), lines);
    format =
        new ImageCopy.Format(
            windows.channels(),
            window.height(),
            window.width(),
            windows.batch(),
            rowsOf(slices.linesPerBand()),
            columns,
            window.strideWidth(),
            width,
            lanes);
    offsets = place(width);
    lastOffsets = place(slices.imagesOfLast());
  }

  private long[] place(int images) {
    int size = window.kernelSize();
    long[] places = new long[windows.channels() * size];
    for (int element = 0; element < places.length; element++) {
      int inside = element % size;
      int row = inside / window.kernelWidth();
      int column = inside % window.kernelWidth();
      places[element] = format.place(images, element / size, row, column);
    }
    return places;
  }

  private int rowsOf(int lines) {
    return (lines - 1) * window.strideHeight() + window.kernelHeight();
  }

  Slices slices() {
    return slices;
  }

  ImageCopy.Format format() {
    return format;
  }

  /** Returns where the elements of a window are in a copy, in bytes. */
  long[] offsets(int images) {
    return images == slices.width() ? offsets : lastOffsets;
  }

  /** Returns the bytes from one line of windows to the next. */
  long line(int images) {
    return window.strideHeight() * format.row(images);
  }

  /** Reads what some lines of windows of the images of a part need, see {@link Lines#touch}. */
  float touch(float[] image, int line, int lines, int first, int images) {
    var of = new Lines(windows.channels(), window.height(), window.width(), windows.batch());
    int top = line * window.strideHeight() - window.paddingHeight();
    return of.touch(image, top, rowsOf(lines), first, images);
  }

  /** Copies what some lines of windows need. */
  void copy(float[] image, int first, int images, int line, int lines, ImageCopy copy) {
    int top = line * window.strideHeight() - window.paddingHeight();
    copy.copy(image, windows.channels(), first, images, top, rowsOf(lines), -window.paddingWidth());
  }
}
