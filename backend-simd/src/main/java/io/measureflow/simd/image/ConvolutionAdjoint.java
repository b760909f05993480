package io.measureflow.simd.image;

import io.measureflow.lowering.Windows;
import io.measureflow.simd.kernels.Kernels;
import io.measureflow.simd.product.Epilogue;
import io.measureflow.simd.product.OwnMemory;
import io.measureflow.simd.product.Product;
import io.measureflow.simd.product.ProductKernels;
import io.measureflow.simd.product.ProductPlan;
import io.measureflow.simd.product.ProductShape;
import io.measureflow.simd.product.ProductTraits;
import io.measureflow.simd.product.Prologue;
import io.measureflow.simd.product.RightPanels;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Sums of products M' G whose elements are added to the pixels of their windows while they are in
 * the cache. A task computes some images.
 */
public final class ConvolutionAdjoint {

  /** Few columns, so that the windows of them stay in the cache. */
  private static final int PLACES = 512;

  private final Kernels kernels;
  private final WindowRows rows;
  private final int elements;
  private final int channels;
  private final int images;
  private final int pixels;
  private final int places;
  private final int columns;
  private final int width;
  private final int imagesPerTask;
  private final int stride;
  private final List<Term> terms;
  private final float[] out;
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

  /**
   * @param out receives the images, [C, B, H, W]
   * @param threads the number of threads
   */
  public ConvolutionAdjoint(
      Kernels kernels, Windows windows, List<Term> terms, float[] out, int threads, Arena arena) {
    this.kernels = kernels;
    this.terms = List.copyOf(terms);
    this.out = out;
    rows = new WindowRows(windows);
    channels = windows.channels();
    elements = windows.rows();
    images = windows.batch();
    pixels = windows.window().pixels();
    places = windows.window().places();
    columns = windows.columns();
    stride = windows.window().strideWidth();
    int panel = kernels.products().panelWidth();
    imagesPerTask = Math.max(1, Math.min(PLACES / places, Math.ceilDiv(images, 4 * threads)));
    width = Math.ceilDiv(Math.min(PLACES, imagesPerTask * places), panel) * panel;
    workers = new Worker[threads];
    for (int thread = 0; thread < threads; thread++) {
      workers[thread] = new Worker(arena);
    }
  }

  /** Returns the number of tasks. */
  public int tasks() {
    return Math.ceilDiv(images, imagesPerTask);
  }

  /** Computes some images. */
  public void run(int task, int thread, OwnMemory own) {
    int first = task * imagesPerTask;
    int last = Math.min(images, first + imagesPerTask);
    for (int channel = 0; channel < channels; channel++) {
      int plane = channel * images * pixels;
      Arrays.fill(out, plane + first * pixels, plane + last * pixels, 0);
    }
    for (int from = first * places; from < last * places; from += width) {
      workers[thread].run(from, Math.min(last * places, from + width), own);
    }
  }

  /** What a thread computes with. */
  private final class Worker {

    private final List<float[]> gradients = new ArrayList<>();
    private final List<RightPanels> panels = new ArrayList<>();
    private final List<Product> products = new ArrayList<>();
    private int panelCount;
    private int from;
    private int to;

    Worker(Arena arena) {
      ProductKernels of = kernels.products();
      var traits = ProductTraits.of(of);
      for (Term term : terms) {
        var shape =
            new ProductShape(term.elements(), width, term.rows(), !term.transposed(), false);
        ProductPlan plan = ProductPlan.of(shape, traits, 1);
        panelCount = plan.panels();
        float[] gradient = new float[term.rows() * width];
        gradients.add(gradient);
        panels.add(new RightPanels(of, plan, shape, Prologue.COPY, gradient, arena));
        var consumer =
            new Epilogue.Consume(
                (row, rowCount, column, columnCount, sums, start, step) -> {
                  for (int i = 0; i < rowCount; i++) {
                    add(term, row + i, column, columnCount, sums, start + i * step);
                  }
                });
        products.add(
            new Product(
                of, plan, shape, term.factor(), Prologue.of(term.squared(), false), consumer));
      }
    }

    void run(int first, int end, OwnMemory own) {
      from = first;
      to = end;
      for (int t = 0; t < products.size(); t++) {
        float[] gradient = gradients.get(t);
        for (int row = 0; row < terms.get(t).rows(); row++) {
          System.arraycopy(
              terms.get(t).g(), row * columns + first, gradient, row * width, end - first);
        }
        panels.get(t).pack(0, panelCount, 0, own);
        products.get(t).rows(0, elements, panels.get(t), own);
      }
    }

    private void add(Term term, int row, int column, int columnCount, float[] sums, int start) {
      int end = Math.min(from + column + columnCount, to);
      int begin = from + column;
      if (begin >= end) {
        return;
      }
      rows.runs(
          row,
          begin,
          end,
          (n, pixel, count) -> {
            if (stride != 1) {
              apart(term, sums, start + n, pixel, count);
            } else if (term.image().length == 0) {
              kernels.addTo(sums, start + n, out, pixel, count);
            } else {
              kernels.addProducts(sums, start + n, term.image(), term.scale(), out, pixel, count);
            }
          });
    }

    private void apart(Term term, float[] sums, int start, int pixel, int count) {
      boolean plain = term.image().length == 0;
      for (int i = 0; i < count; i++) {
        int at = pixel + i * stride;
        out[at] += plain ? sums[start + i] : sums[start + i] * term.scale() * term.image()[at];
      }
    }
  }
}
