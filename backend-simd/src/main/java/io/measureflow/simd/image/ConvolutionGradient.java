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
 * Products X G' of the windows X of images, sums over all places. Parts of the batch, as many as
 * its size says whatever the number of threads, are added up by themselves, and then in their
 * order.
 */
public final class ConvolutionGradient {

  private static final int MOST_PARTS = 16;

  /** The columns of a strip: the depth of a chunk of a product. */
  private static final int WIDTH = 256;

  private final Kernels kernels;
  private final Strips strips;
  private final float[] image;
  private final int elements;
  private final boolean ones;
  private final int images;
  private final int width;
  private final int imagesPerPart;
  private final List<Factor> factors;
  private final Worker[] workers;

  /** The sums of each part, [elements, rows] of each factor. */
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
   * @param image [C, B, H, W]
   * @param threads the number of threads
   */
  public ConvolutionGradient(
      Kernels kernels,
      Windows windows,
      float[] image,
      List<Factor> factors,
      int threads,
      Arena arena) {
    this.kernels = kernels;
    this.image = image;
    this.factors = List.copyOf(factors);
    elements = windows.rows();
    ones = windows.ones();
    images = windows.batch();
    imagesPerPart = Math.max(1, Math.ceilDiv(images, MOST_PARTS));
    strips = new Strips(windows, kernels, WIDTH);
    width = strips.columns();
    sums = new float[tasks()][factors.size()][];
    for (float[][] part : sums) {
      for (int i = 0; i < part.length; i++) {
        part[i] = new float[elements * factors.get(i).rows()];
      }
    }
    workers = new Worker[threads];
    for (int thread = 0; thread < threads; thread++) {
      workers[thread] = new Worker(arena);
    }
  }

  /** Returns the number of tasks: the parts of the batch. */
  public int tasks() {
    return Math.ceilDiv(images, imagesPerPart);
  }

  /** Computes the sums of a part. */
  public void run(int task, int thread, OwnMemory own) {
    for (float[] part : sums[task]) {
      Arrays.fill(part, 0);
    }
    int first = task * imagesPerPart;
    int end = Math.min(images, first + imagesPerPart);
    int count = strips.count(end - first);
    for (int strip = 0; strip < count; strip++) {
      workers[thread].run(strip, first, end, sums[task], own);
    }
  }

  /** Returns the number of elements of a window, by which the results are shared out. */
  public int elements() {
    return elements;
  }

  /** Adds up the parts for some elements of a window. */
  public void finish(int fromElement, int toElement) {
    for (int f = 0; f < factors.size(); f++) {
      Factor factor = factors.get(f);
      int count = factor.rows();
      for (int element = fromElement; element < toElement; element++) {
        for (int row = 0; row < count; row++) {
          float sum = 0;
          for (float[][] part : sums) {
            sum += part[f][element * count + row];
          }
          factor.out()[factor.transposed() ? element * count + row : row * elements + element] =
              sum;
        }
      }
    }
  }

  /** What a thread computes with. */
  private final class Worker {

    private final Strips.Strip place = strips.new Strip();
    private final float[] copy = new float[strips.copySize()];
    private final float[] strip = new float[elements * width];
    private final List<float[]> gradients = new ArrayList<>();
    private final List<RightPanels> panels = new ArrayList<>();
    private final List<Product> products = new ArrayList<>();
    private final int[] panelCounts = new int[factors.size()];
    private float[][] part = new float[0][];

    Worker(Arena arena) {
      ProductKernels of = kernels.products();
      var traits = ProductTraits.of(of);
      for (int f = 0; f < factors.size(); f++) {
        Factor factor = factors.get(f);
        int index = f;
        var shape = new ProductShape(elements, factor.rows(), width, false, true);
        ProductPlan plan = ProductPlan.of(shape, traits, 1);
        float[] gradient = new float[factor.rows() * width];
        gradients.add(gradient);
        panelCounts[f] = plan.panels();
        panels.add(new RightPanels(of, plan, shape, Prologue.of(false, true), gradient, arena));
        int count = factor.rows();
        var consumer =
            new Epilogue.Consume(
                (row, rowCount, column, columnCount, from, start, stride) -> {
                  float[] into = part[index];
                  for (int i = 0; i < rowCount; i++) {
                    int at = (row + i) * count + column;
                    kernels.addTo(from, start + i * stride, into, at, columnCount);
                  }
                });
        products.add(
            new Product(of, plan, shape, strip, Prologue.of(factor.squared(), false), consumer));
      }
    }

    void run(int index, int first, int end, float[][] into, OwnMemory own) {
      part = into;
      place.set(index, first, end);
      place.copyImages(image, copy);
      int windows = ones ? elements - 1 : elements;
      for (int element = 0; element < windows; element++) {
        place.gather(kernels, copy, element, strip, element * width);
      }
      if (ones) {
        Arrays.fill(strip, windows * width, elements * width, 1);
      }
      for (int f = 0; f < products.size(); f++) {
        float[] gradient = gradients.get(f);
        // Columns that are no windows have gradients of 0.
        for (int row = 0; row < factors.get(f).rows(); row++) {
          place.gatherPlaces(factors.get(f).g(), row, gradient, row * width);
        }
        panels.get(f).pack(0, panelCounts[f], 0, own);
        products.get(f).rows(panels.get(f), own);
      }
    }
  }
}
