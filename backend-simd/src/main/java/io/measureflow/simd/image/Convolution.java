package io.measureflow.simd.image;

import io.measureflow.api.program.Window;
import io.measureflow.lowering.Windows;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Products M X of the windows X of images, which are never written: each sum reads the elements of
 * its window where they are. A part copies the rows of pixels that its lines of windows need.
 */
public final class Convolution {

  private final ImageKernels kernels;
  private final Windows windows;
  private final Window window;
  private final float[] image;
  private final List<Factor> factors;
  private final List<Weights> weights = new ArrayList<>();
  private final WindowParts parts;
  private final Slices slices;
  private final Worker[] workers;

  /** The factors of windows, and then those of their squares. */
  private final int[] order;

  /**
   * A product.
   *
   * @param squared whether the windows are squared
   * @param factor M
   * @param transposed whether memory has the transpose
   * @param factorSquared whether the elements of M are squared
   * @param rows the rows of M
   * @param out receives the result, [rows, places]
   */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  public record Factor(
      boolean squared,
      float[] factor,
      boolean transposed,
      boolean factorSquared,
      int rows,
      float[] out) {}

  /**
   * @param image [C, H, W, B]
   * @param threads the number of threads
   */
  public Convolution(
      ImageKernels kernels,
      Windows windows,
      float[] image,
      List<Factor> factors,
      int threads,
      Arena arena) {
    this.kernels = kernels;
    this.windows = windows;
    this.image = image;
    this.factors = List.copyOf(factors);
    window = windows.window();
    parts = new WindowParts(windows, kernels, WindowParts.COPY);
    slices = parts.slices();
    for (Factor factor : factors) {
      weights.add(weights(factor));
    }
    order =
        IntStream.range(0, factors.size())
            .boxed()
            .sorted(Comparator.comparing(i -> factors.get(i).squared()))
            .mapToInt(i -> i)
            .toArray();
    workers = new Worker[threads];
    for (int thread = 0; thread < threads; thread++) {
      workers[thread] = new Worker(arena);
    }
  }

  private Weights weights(Factor factor) {
    int all = windows.rows();
    int elements = all - (windows.ones() ? 1 : 0);
    int step = factor.transposed() ? factor.rows() : 1;
    int[] places = new int[elements];
    for (int element = 0; element < elements; element++) {
      places[element] = element * step;
    }
    return new Weights(
        new Weights.Source(factor.factor(), factor.factorSquared()),
        factor.rows(),
        places,
        factor.transposed() ? 1 : all,
        windows.ones() ? elements * step : -1,
        2 * kernels.lanes());
  }

  /** Returns the weights, which are to be packed before the parts are computed. */
  public WeightBlocks weights() {
    return new WeightBlocks(weights);
  }

  /** Returns the number of parts. */
  public int parts() {
    return slices.count();
  }

  /** Computes a part. */
  public void run(int part, int thread) {
    workers[thread].run(part);
  }

  /** What a thread computes with. */
  private final class Worker {

    private final ImageCopy copy;
    private final float[] sums = new float[ImageKernels.ROWS * 2 * kernels.lanes()];

    Worker(Arena arena) {
      copy = new ImageCopy(kernels, parts.format(), arena);
    }

    void run(int part) {
      int top = slices.firstLine(part);
      int lines = slices.lines(part);
      for (int slice = slices.firstSlice(part); slice < slices.endSlice(part); slice++) {
        slice(slices.firstImage(slice), slices.images(slice), top, lines);
      }
    }

    private void slice(int first, int images, int top, int lines) {
      parts.copy(image, first, images, top, lines, copy);
      boolean squared = false;
      for (int i : order) {
        if (factors.get(i).squared() && !squared) {
          copy.square(images, windows.channels());
          squared = true;
        }
        lines(i, first, images, top, lines);
      }
    }

    private void lines(int i, int first, int images, int top, int lines) {
      long[] offsets = parts.offsets(images);
      for (int line = 0; line < lines; line++) {
        long x = copy.address() + line * parts.line(images);
        int place = (top + line) * window.outputWidth() * windows.batch() + first;
        if (images == 2 * kernels.lanes()) {
          line(factors.get(i), weights.get(i), offsets, x, place);
        } else {
          narrowLine(factors.get(i), weights.get(i), offsets, x, place, images);
        }
      }
    }

    /** Of whole slices: two vectors are the images of a window. */
    private void line(Factor factor, Weights weights, long[] offsets, long x, int place) {
      int rowStep = window.places() * windows.batch();
      int width = 2 * kernels.lanes();
      for (int block = 0; block < weights.blocks(); block++) {
        int row = weights.row(block);
        int rows = weights.row(block + 1) - row;
        for (int i = 0; i < window.outputWidth(); i++) {
          kernels.correlate(
              rows,
              weights.depth(),
              offsets,
              weights.packed(),
              weights.at(block),
              x + (long) Float.BYTES * width * i,
              weights.begin(),
              row * weights.beginStep(),
              weights.beginStep(),
              factor.out(),
              row * rowStep + place + i * windows.batch(),
              rowStep);
        }
      }
    }

    /** Of slices of fewer images: two vectors are the images of several windows. */
    private void narrowLine(
        Factor factor, Weights weights, long[] offsets, long x, int place, int images) {
      int rowStep = window.places() * windows.batch();
      int width = 2 * kernels.lanes();
      int length = window.outputWidth() * images;
      for (int block = 0; block < weights.blocks(); block++) {
        int row = weights.row(block);
        int rows = weights.row(block + 1) - row;
        for (int from = 0; from < length; from += width) {
          kernels.correlate(
              rows,
              weights.depth(),
              offsets,
              weights.packed(),
              weights.at(block),
              x + (long) Float.BYTES * from,
              weights.begin(),
              row * weights.beginStep(),
              weights.beginStep(),
              sums,
              0,
              width);
          int end = Math.min(length, from + width);
          for (int r = 0; r < rows; r++) {
            int to = (row + r) * rowStep + place;
            for (int j = from; j < end; j++) {
              factor.out()[to + j / images * windows.batch() + j % images] =
                  sums[r * width + j - from];
            }
          }
        }
      }
    }
  }
}
