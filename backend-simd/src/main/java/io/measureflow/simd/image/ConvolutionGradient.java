package io.measureflow.simd.image;

import static io.measureflow.simd.product.PanelMemory.ALL;

import io.measureflow.api.program.Window;
import io.measureflow.lowering.Windows;
import io.measureflow.simd.product.PanelMemory;
import io.measureflow.simd.product.ProductKernels;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;

/**
 * Products X G' of the windows X of images, sums over all places. Each part, whatever the number of
 * threads, is added up by itself, and then the parts in their order.
 */
public final class ConvolutionGradient {

  /** The elements of a row of G that are added up together: two vectors of each are in L1. */
  private static final int DEPTH = 256;

  private final ProductKernels products;
  private final ImageKernels images;
  private final Windows windows;
  private final Window window;
  private final float[] image;
  private final List<Factor> factors;
  private final boolean hasSquares;
  private final WindowParts parts;
  private final Slices slices;

  /** The elements of two vectors. */
  private final int width;

  /** The elements of a window, without that of ones. */
  private final int elements;

  private final Worker[] workers;

  /**
   * The sums of each part, of each factor: [elements, rows], filled up to whole pairs of vectors.
   */
  private final float[][][] sums;

  /**
   * A product.
   *
   * @param squared whether the windows are squared
   * @param g G, [rows, places]
   * @param rows the rows of G
   * @param transposed whether the result is X G', [elements, rows], and not G X'
   * @param out receives the result
   */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  public record Factor(boolean squared, float[] g, int rows, boolean transposed, float[] out) {}

  /**
   * @param image [C, H, W, B]
   * @param threads the number of threads
   */
  public ConvolutionGradient(
      ProductKernels products,
      ImageKernels images,
      Windows windows,
      float[] image,
      List<Factor> factors,
      int threads,
      Arena arena) {
    this.products = products;
    this.images = images;
    width = 2 * images.lanes();
    this.windows = windows;
    this.image = image;
    this.factors = List.copyOf(factors);
    window = windows.window();
    hasSquares = factors.stream().anyMatch(Factor::squared);
    elements = windows.rows() - (windows.ones() ? 1 : 0);
    parts = new WindowParts(windows, images, WindowParts.COPY);
    slices = parts.slices();
    sums = new float[parts()][factors.size()][];
    for (float[][] part : sums) {
      for (int i = 0; i < part.length; i++) {
        part[i] = new float[windows.rows() * padded(factors.get(i))];
      }
    }
    workers = new Worker[threads];
    for (int thread = 0; thread < threads; thread++) {
      workers[thread] = new Worker(arena);
    }
  }

  /** Returns the rows of a factor, filled up to whole pairs of vectors. */
  private int padded(Factor factor) {
    return Math.ceilDiv(factor.rows(), width) * width;
  }

  /** Returns the number of parts. */
  public int parts() {
    return slices.count();
  }

  /** Computes the sums of a part. */
  public void run(int part, int thread) {
    workers[thread].run(part);
  }

  /** Returns the number of elements of a window, by which the results are shared out. */
  public int elements() {
    return windows.rows();
  }

  /** Adds up the parts for some elements of a window. */
  public void finish(int from, int to) {
    int all = windows.rows();
    for (int f = 0; f < factors.size(); f++) {
      Factor factor = factors.get(f);
      int padded = padded(factor);
      for (int row = 0; row < factor.rows(); row++) {
        for (int element = from; element < to; element++) {
          float sum = 0;
          for (float[][] part : sums) {
            sum += part[f][element * padded + row];
          }
          int at = factor.transposed() ? element * factor.rows() + row : row * all + element;
          factor.out()[at] = sum;
        }
      }
    }
  }

  /** What a thread computes with. */
  private final class Worker {

    private final ImageCopy copy;

    /** A line of G: for each pair of vectors of rows, for each place, its elements. */
    private final long gradient;

    private final float[] transposed;
    private final long ones;

    /** Depends on what has been read, so that the JVM does read it. */
    @SuppressWarnings("UnusedVariable")
    private float touched;

    Worker(Arena arena) {
      copy = new ImageCopy(images, parts.format(), arena);
      int line = window.outputWidth() * slices.width();
      int most = factors.stream().mapToInt(factor -> padded(factor)).max().orElse(width);
      gradient = PanelMemory.allocate(arena, (long) line * most).address();
      transposed = new float[line * width];
      ones = PanelMemory.allocate(arena, line).address();
      for (int i = 0; i < line; i++) {
        ALL.set(ValueLayout.JAVA_FLOAT, ones + (long) Float.BYTES * i, 1);
      }
    }

    void run(int part) {
      for (float[] sum : sums[part]) {
        Arrays.fill(sum, 0);
      }
      int top = slices.firstLine(part);
      int lines = slices.lines(part);
      int from = slices.firstImage(slices.firstSlice(part));
      int all = slices.imagesOfPart(part);
      touched = parts.touch(image, top, lines, from, all);
      for (Factor factor : factors) {
        var g =
            new Lines(factor.rows(), window.outputHeight(), window.outputWidth(), windows.batch());
        touched += g.touch(factor.g(), top, lines, from, all);
      }
      for (int slice = slices.firstSlice(part); slice < slices.endSlice(part); slice++) {
        slice(part, slices.firstImage(slice), slices.images(slice), top, lines);
      }
    }

    /** Adds up the lines of a copy: the products of windows, and then those of their squares. */
    private void slice(int part, int first, int count, int top, int lines) {
      parts.copy(image, first, count, top, lines, copy);
      for (boolean squared : new boolean[] {false, true}) {
        if (squared && !hasSquares) {
          return;
        }
        if (squared) {
          copy.square(count, windows.channels());
        }
        for (int f = 0; f < factors.size(); f++) {
          if (factors.get(f).squared() == squared) {
            for (int line = 0; line < lines; line++) {
              long x = copy.address() + line * parts.line(count);
              line(factors.get(f), x, first, count, top + line, sums[part][f]);
            }
          }
        }
      }
    }

    private void line(Factor factor, long x, int first, int count, int line, float[] sum) {
      int length = window.outputWidth() * count;
      int padded = padded(factor);
      copyGradient(factor, first, count, line);
      long[] offsets = parts.offsets(count);
      int blocks = Math.ceilDiv(elements, ImageKernels.ROWS);
      for (int from = 0; from < length; from += DEPTH) {
        int depth = Math.min(DEPTH, length - from);
        long at = x + (long) Float.BYTES * from;
        for (int row = 0; row < padded; row += width) {
          long g = gradient + (long) Float.BYTES * (row * length + from * width);
          for (int block = 0; block < blocks; block++) {
            int element = block * elements / blocks;
            int some = (block + 1) * elements / blocks - element;
            int to = element * padded + row;
            images.gradient(some, depth, offsets, element, at, g, sum, to, padded);
          }
          if (windows.ones()) {
            int to = elements * padded + row;
            images.gradient(1, depth, NO_OFFSET, 0, ones, g, sum, to, padded);
          }
        }
      }
    }

    /** Copies a line of G, with the rows innermost. */
    private void copyGradient(Factor factor, int first, int count, int line) {
      int batch = windows.batch();
      int stride = window.places() * batch;
      int places = window.outputWidth();
      int length = places * count;
      for (int row = 0; row < factor.rows(); row += width) {
        int rows = Math.min(width, factor.rows() - row);
        if (rows < width) {
          Arrays.fill(transposed, 0);
        }
        for (int i = 0; i < places; i++) {
          products.transpose(
              factor.g(),
              row * stride + (line * places + i) * batch + first,
              stride,
              rows,
              count,
              transposed,
              i * count * width,
              width);
        }
        long to = gradient + (long) Float.BYTES * row * length;
        MemorySegment.copy(transposed, 0, ALL, ValueLayout.JAVA_FLOAT, to, length * width);
      }
    }
  }

  private static final long[] NO_OFFSET = {0};
}
