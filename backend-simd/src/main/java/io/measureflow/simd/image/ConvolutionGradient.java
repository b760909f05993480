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

  private final WindowRows rows;
  private final float[] image;
  private final int elements;
  private final int places;
  private final int images;
  private final int columns;
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
    rows = new WindowRows(windows);
    this.image = image;
    this.factors = List.copyOf(factors);
    elements = windows.rows();
    places = windows.window().places();
    images = windows.batch();
    columns = windows.columns();
    imagesPerPart = Math.max(1, Math.ceilDiv(images, MOST_PARTS));
    width = Math.min(WIDTH, ProductKernels.padded(imagesPerPart * places));
    sums = new float[tasks()][factors.size()][];
    for (float[][] part : sums) {
      for (int i = 0; i < part.length; i++) {
        part[i] = new float[elements * factors.get(i).rows()];
      }
    }
    workers = new Worker[threads];
    for (int thread = 0; thread < threads; thread++) {
      workers[thread] = new Worker(kernels, arena);
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
    int end = Math.min(images, (task + 1) * imagesPerPart) * places;
    for (int from = task * imagesPerPart * places; from < end; from += width) {
      workers[thread].run(from, Math.min(end, from + width), sums[task], own);
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

    private final float[] strip = new float[elements * width];
    private final List<float[]> gradients = new ArrayList<>();
    private final List<RightPanels> panels = new ArrayList<>();
    private final List<Product> products = new ArrayList<>();
    private final int[] panelCounts = new int[factors.size()];
    private float[][] part = new float[0][];

    Worker(Kernels kernels, Arena arena) {
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
            new Product(of, plan, shape, strip, Prologue.of(factor.squared(), true), consumer));
      }
    }

    void run(int from, int to, float[][] into, OwnMemory own) {
      part = into;
      int count = to - from;
      for (int row = 0; row < elements; row++) {
        int at = row * width;
        rows.fill(image, row, from, to, strip, at);
        Arrays.fill(strip, at + count, at + width, 0);
      }
      for (int f = 0; f < products.size(); f++) {
        float[] gradient = gradients.get(f);
        for (int row = 0; row < factors.get(f).rows(); row++) {
          int at = row * width;
          System.arraycopy(factors.get(f).g(), row * columns + from, gradient, at, count);
          Arrays.fill(gradient, at + count, at + width, 0);
        }
        panels.get(f).pack(0, panelCounts[f], 0, own);
        products.get(f).rows(panels.get(f), own);
      }
    }
  }
}
