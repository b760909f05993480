package io.measureflow.simd.image;

import io.measureflow.api.program.Window;
import io.measureflow.lowering.Windows;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Sums of products M' G whose elements are added to the pixels of their windows. Each pixel sums up
 * what it receives: with stride 1 that is a convolution of G, with larger strides one for each
 * class of pixels, modulo the strides.
 */
public final class ConvolutionAdjoint {

  private final ImageKernels kernels;
  private final Window window;
  private final int channels;
  private final int batch;
  private final List<Term> terms;
  private final float[] out;

  /** A line t has the pixels of the rows {@code stride t + class - padding}. */
  private final Range lines;

  private final Range columns;
  private final int heightOfClasses;
  private final int widthOfClasses;
  private final Slices slices;
  private final List<ImageCopy.Format> formats = new ArrayList<>();
  private final List<List<PixelClass>> classes = new ArrayList<>();
  private final Worker[] workers;

  /**
   * A product.
   *
   * @param g G, [rows, places]
   * @param rows the rows of G
   * @param factor M [rows, elements], which may have further columns
   * @param elements the columns of M
   * @param transposed whether memory has the transpose of M
   * @param squared whether the elements of M are squared
   * @param image what each pixel is multiplied by; empty for nothing
   * @param scale a number that it is multiplied by
   */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  public record Term(
      float[] g,
      int rows,
      float[] factor,
      int elements,
      boolean transposed,
      boolean squared,
      float[] image,
      float scale) {}

  /** Numbers from one to below another. */
  private record Range(int from, int end) {

    /** Returns the t of which {@code stride t + remainder - padding} is a number below length. */
    static Range of(int stride, int remainder, int padding, int length) {
      return new Range(
          Math.ceilDiv(padding - remainder, stride),
          Math.floorDiv(length - 1 + padding - remainder, stride) + 1);
    }

    Range and(Range other) {
      return new Range(Math.max(from, other.from), Math.min(end, other.end));
    }

    int size() {
      return Math.max(0, end - from);
    }
  }

  /**
   * Pixels that are at the same places within their windows.
   *
   * @param down the row of their first windows' pixels
   * @param right the column
   * @param weights one for each row of G, and row and column of windows
   * @param offsets where the elements of G are, for whole slices
   * @param lastOffsets for the last slice
   */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  private record PixelClass(
      int down, int right, Weights weights, long[] offsets, long[] lastOffsets) {}

  /**
   * @param windows of the result
   * @param out receives the images, [C, H, W, B]
   * @param threads the number of threads
   */
  public ConvolutionAdjoint(
      ImageKernels kernels,
      Windows windows,
      List<Term> terms,
      float[] out,
      int threads,
      Arena arena) {
    this.kernels = kernels;
    this.out = out;
    // The first one writes the pixels.
    this.terms =
        terms.stream().sorted(Comparator.comparing(term -> term.image().length > 0)).toList();
    window = windows.window();
    channels = windows.channels();
    batch = windows.batch();
    lines = all(window.strideHeight(), window.paddingHeight(), window.height());
    columns = all(window.strideWidth(), window.paddingWidth(), window.width());
    heightOfClasses = Math.ceilDiv(window.kernelHeight(), window.strideHeight());
    widthOfClasses = Math.ceilDiv(window.kernelWidth(), window.strideWidth());
    int width = Math.min(batch, 2 * kernels.lanes());
    int rows = terms.stream().mapToInt(Term::rows).max().orElse(1);
    int perLine = rows * (columns.size() + widthOfClasses - 1) * width;
    slices =
        new Slices(
            batch,
            width,
            lines.size(),
            heightOfClasses,
            WindowParts.COPY / perLine - (heightOfClasses - 1));
    for (Term term : this.terms) {
      ImageCopy.Format format = format(term);
      formats.add(format);
      classes.add(classes(term, format));
    }
    workers = new Worker[threads];
    for (int thread = 0; thread < threads; thread++) {
      workers[thread] = new Worker(arena);
    }
  }

  /** Returns the range of all classes. */
  private static Range all(int stride, int padding, int length) {
    int from = Range.of(stride, stride - 1, padding, length).from;
    return new Range(from, Range.of(stride, 0, padding, length).end);
  }

  private ImageCopy.Format format(Term term) {
    return new ImageCopy.Format(
        term.rows(),
        window.outputHeight(),
        window.outputWidth(),
        batch,
        slices.linesPerBand() + heightOfClasses - 1,
        columns.size() + widthOfClasses - 1,
        1,
        slices.width(),
        kernels.lanes());
  }

  private List<PixelClass> classes(Term term, ImageCopy.Format format) {
    var found = new ArrayList<PixelClass>();
    for (int down = 0; down < window.strideHeight(); down++) {
      for (int right = 0; right < window.strideWidth(); right++) {
        found.add(pixels(term, format, down, right));
      }
    }
    return found;
  }

  private PixelClass pixels(Term term, ImageCopy.Format format, int down, int right) {
    int height = Math.max(0, Math.ceilDiv(window.kernelHeight() - down, window.strideHeight()));
    int width = Math.max(0, Math.ceilDiv(window.kernelWidth() - right, window.strideWidth()));
    int depth = term.rows() * height * width;
    int[] places = new int[depth];
    long[] offsets = new long[depth];
    long[] lastOffsets = new long[depth];
    int last = slices.imagesOfLast();
    int at = 0;
    for (int row = 0; row < term.rows(); row++) {
      for (int i = 0; i < height; i++) {
        for (int j = 0; j < width; j++) {
          int inside =
              (down + i * window.strideHeight()) * window.kernelWidth()
                  + right
                  + j * window.strideWidth();
          places[at] =
              term.transposed() ? inside * term.rows() + row : row * term.elements() + inside;
          int y = heightOfClasses - 1 - i;
          int x = widthOfClasses - 1 - j;
          offsets[at] = format.place(slices.width(), row, y, x);
          lastOffsets[at] = format.place(last, row, y, x);
          at++;
        }
      }
    }
    int size = window.kernelSize();
    var weights =
        new Weights(
            new Weights.Source(term.factor(), term.squared()),
            channels,
            places,
            term.transposed() ? size * term.rows() : size,
            -1,
            2 * kernels.lanes());
    return new PixelClass(down, right, weights, offsets, lastOffsets);
  }

  /** Returns the weights, which are to be packed before the parts are computed. */
  public WeightBlocks weights() {
    return new WeightBlocks(
        classes.stream().flatMap(List::stream).map(PixelClass::weights).toList());
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

    private final List<ImageCopy> copies = new ArrayList<>();
    private final float[] sums = new float[ImageKernels.ROWS * 2 * kernels.lanes()];

    Worker(Arena arena) {
      formats.forEach(format -> copies.add(new ImageCopy(kernels, format, arena)));
    }

    void run(int part) {
      int top = lines.from + slices.firstLine(part);
      int count = slices.lines(part);
      for (int slice = slices.firstSlice(part); slice < slices.endSlice(part); slice++) {
        slice(slices.firstImage(slice), slices.images(slice), top, count);
      }
    }

    private void slice(int first, int images, int top, int count) {
      for (int t = 0; t < terms.size(); t++) {
        ImageCopy copy = copies.get(t);
        copy.copy(
            terms.get(t).g(),
            terms.get(t).rows(),
            first,
            images,
            top - heightOfClasses + 1,
            count + heightOfClasses - 1,
            columns.from - widthOfClasses + 1);
        for (PixelClass pixels : classes.get(t)) {
          Range of =
              Range.of(window.strideHeight(), pixels.down, window.paddingHeight(), window.height())
                  .and(new Range(top, top + count));
          for (int line = of.from; line < of.end; line++) {
            long g = copy.address() + (line - top) * formats.get(t).row(images);
            line(t, pixels, line, g, first, images);
          }
        }
      }
    }

    /** Computes the pixels of a class in a row. */
    private void line(int t, PixelClass pixels, int line, long g, int first, int images) {
      Range inside =
          Range.of(window.strideWidth(), pixels.right, window.paddingWidth(), window.width());
      int y = window.strideHeight() * line + pixels.down - window.paddingHeight();
      int x = window.strideWidth() * inside.from + pixels.right - window.paddingWidth();
      int place = (y * window.width() + x) * batch + first;
      long start = g + (long) Float.BYTES * (inside.from - columns.from) * images;
      Weights weights = pixels.weights;
      for (int block = 0; block < weights.blocks(); block++) {
        if (images == 2 * kernels.lanes()) {
          pixels(t, pixels, block, start, place, inside.size());
        } else {
          narrow(t, pixels, block, start, place, inside.size(), images);
        }
      }
    }

    /** Of whole slices: two vectors are the images of a pixel. */
    private void pixels(int t, PixelClass pixels, int block, long g, int place, int count) {
      Term term = terms.get(t);
      Weights weights = pixels.weights;
      int plane = window.pixels() * batch;
      int width = 2 * kernels.lanes();
      int row = weights.row(block);
      int rows = weights.row(block + 1) - row;
      boolean direct = t == 0 && term.image().length == 0;
      for (int i = 0; i < count; i++) {
        int to = row * plane + place + i * window.strideWidth() * batch;
        kernels.correlate(
            rows,
            weights.depth(),
            pixels.offsets,
            weights.packed(),
            weights.at(block),
            g + (long) Float.BYTES * i * width,
            weights.begin(),
            0,
            0,
            direct ? out : sums,
            direct ? to : 0,
            direct ? plane : width);
        if (!direct) {
          for (int r = 0; r < rows; r++) {
            kernels.combine(
                sums, r * width, term.image(), term.scale(), t > 0, out, to + r * plane);
          }
        }
      }
    }

    /** Of slices of fewer images: two vectors are the images of several pixels. */
    private void narrow(
        int t, PixelClass pixels, int block, long g, int place, int count, int images) {
      Term term = terms.get(t);
      Weights weights = pixels.weights;
      int plane = window.pixels() * batch;
      int width = 2 * kernels.lanes();
      int row = weights.row(block);
      int rows = weights.row(block + 1) - row;
      int length = count * images;
      for (int from = 0; from < length; from += width) {
        kernels.correlate(
            rows,
            weights.depth(),
            images == slices.width() ? pixels.offsets : pixels.lastOffsets,
            weights.packed(),
            weights.at(block),
            g + (long) Float.BYTES * from,
            weights.begin(),
            0,
            0,
            sums,
            0,
            width);
        int end = Math.min(length, from + width);
        for (int r = 0; r < rows; r++) {
          for (int j = from; j < end; j++) {
            int to =
                (row + r) * plane + place + j / images * window.strideWidth() * batch + j % images;
            float sum = sums[r * width + j - from];
            if (term.image().length > 0) {
              sum *= term.image()[to] * term.scale();
            }
            out[to] = t > 0 ? out[to] + sum : sum;
          }
        }
      }
    }
  }
}
