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
  private static final int COLUMNS = 512;

  private final Kernels kernels;
  private final Strips strips;
  private final int elements;
  private final int channels;
  private final int images;
  private final int pixels;
  private final int width;
  private final int imagesPerTask;
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
    channels = windows.channels();
    elements = windows.rows();
    images = windows.batch();
    pixels = windows.window().pixels();
    strips = new Strips(windows, kernels, COLUMNS);
    width = strips.columns();
    imagesPerTask = strips.imagesPerStrip();
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
    int count = strips.count(last - first);
    for (int strip = 0; strip < count; strip++) {
      workers[thread].run(strip, first, last, own);
    }
  }

  /** What a thread computes with. */
  private final class Worker {

    private final Strips.Strip place = strips.new Strip();
    private final float[] copy = new float[strips.copySize()];
    private final List<float[]> gradients = new ArrayList<>();
    private final List<RightPanels> panels = new ArrayList<>();
    private final List<Product> products = new ArrayList<>();
    private int panelCount;

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
                    int from = start + i * step;
                    place.scatter(kernels, sums, from, row + i, column, columnCount, copy);
                  }
                });
        products.add(
            new Product(
                of, plan, shape, term.factor(), Prologue.of(term.squared(), false), consumer));
      }
    }

    void run(int index, int first, int end, OwnMemory own) {
      place.set(index, first, end);
      for (int t = 0; t < products.size(); t++) {
        Term term = terms.get(t);
        float[] gradient = gradients.get(t);
        for (int row = 0; row < term.rows(); row++) {
          place.gatherPlaces(term.g(), row, gradient, row * width);
        }
        panels.get(t).pack(0, panelCount, 0, own);
        Arrays.fill(copy, 0);
        products.get(t).rows(0, elements, panels.get(t), own);
        place.addImages(kernels, copy, term.image(), term.scale(), out);
      }
    }
  }
}
