package io.measureflow.simd.image;

import static io.measureflow.simd.product.PanelMemory.ALL;

import io.measureflow.simd.product.PanelMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A thread's copy of some rows of pixels of some images [C, H, W, B], with zeros where there are no
 * pixels, so that no loop over windows has to ask where it is. The images of a pixel are next to
 * each other, and so are pixels; columns of one phase, modulo the stride of windows, are together.
 * What follows a row may be read as well; it is zeros.
 */
final class ImageCopy {

  private final ImageKernels kernels;
  private final Format format;
  private final long address;

  /**
   * What copies hold.
   *
   * @param channels C
   * @param height H
   * @param width W
   * @param batch B
   * @param rows the largest number of rows of a copy
   * @param columns the columns of a copy, with the border
   * @param phases the stride of windows in a row
   * @param most the largest number of images of a copy
   */
  record Format(
      int channels,
      int height,
      int width,
      int batch,
      int rows,
      int columns,
      int phases,
      int most,
      int lanes) {

    int columnsOfPhase() {
      return Math.ceilDiv(columns, phases);
    }

    /** Returns the elements from the columns of one phase to those of the next one. */
    int phase(int images) {
      // Loops over two vectors at a time may begin in the last vector.
      return (Math.ceilDiv(columnsOfPhase() * images, lanes) + 2) * lanes;
    }

    /** Returns the bytes from one row to the next. */
    long row(int images) {
      return (long) Float.BYTES * phases * phase(images);
    }

    /** Returns the bytes from one channel to the next. */
    long channel(int images) {
      return rows * row(images);
    }

    /** Returns where a pixel is, in bytes. */
    long place(int images, int channel, int row, int column) {
      return channel * channel(images)
          + row * row(images)
          + (long) Float.BYTES * (column % phases * phase(images) + column / phases * images);
    }

    /** Returns the elements of the largest copy. */
    long size() {
      return channels * channel(most) / Float.BYTES;
    }
  }

  ImageCopy(ImageKernels kernels, Format format, Arena arena) {
    this.kernels = kernels;
    this.format = format;
    MemorySegment memory = PanelMemory.allocate(arena, format.size());
    address = memory.address();
  }

  /** Returns where the copy is. */
  long address() {
    return address;
  }

  /**
   * Copies images.
   *
   * @param channels the number of channels
   * @param first the first image
   * @param images the number of images
   * @param top the first row, which may be in the border
   * @param rows the number of rows
   * @param left the first column, which may be in the border
   */
  void copy(float[] source, int channels, int first, int images, int top, int rows, int left) {
    int phaseSize = format.phase(images);
    for (int channel = 0; channel < channels; channel++) {
      for (int row = 0; row < rows; row++) {
        int y = top + row;
        boolean isInside = y >= 0 && y < format.height;
        for (int phase = 0; phase < format.phases; phase++) {
          long to = address + format.place(images, channel, row, phase);
          if (isInside) {
            copyPhase(source, channel * format.height + y, first, images, left + phase, to);
          } else {
            kernels.clear(to, phaseSize / format.lanes);
          }
        }
      }
    }
  }

  /** Squares the elements of the copy. */
  void square(int images, int channels) {
    long bytes = channels * format.channel(images);
    kernels.square(address, Math.toIntExact(bytes / Float.BYTES / format.lanes));
  }

  /** Copies the columns of a row from one on, {@code phases} apart. */
  private void copyPhase(float[] source, int row, int first, int images, int column, long to) {
    int phases = format.phases;
    int from = column < 0 ? Math.ceilDiv(-column, phases) : 0;
    int end = Math.min(format.columnsOfPhase(), Math.ceilDiv(format.width - column, phases));
    int count = Math.max(0, end - from);
    long target = to + (long) Float.BYTES * from * images;
    int size = format.phase(images);
    int at = (row * format.width + column + from * phases) * format.batch + first;
    int step = phases * format.batch;
    if (images == 2 * format.lanes) {
      kernels.clear(to, 2 * from);
      kernels.copyRuns(source, at, step, count, target);
      kernels.clear(
          target + (long) Float.BYTES * count * images, size / format.lanes - 2 * (from + count));
      return;
    }
    kernels.clear(to, size / format.lanes);
    if (step == images) {
      MemorySegment.copy(source, at, ALL, ValueLayout.JAVA_FLOAT, target, count * images);
    } else {
      for (int i = 0; i < count; i++) {
        for (int image = 0; image < images; image++) {
          ALL.set(
              ValueLayout.JAVA_FLOAT,
              target + (long) Float.BYTES * (i * images + image),
              source[at + i * step + image]);
        }
      }
    }
  }
}
