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
 * Products M X of the windows X of images, strip by strip of columns: the rows of a strip are
 * gathered in the cache, packed for all products, and never written to memory.
 */
public final class Convolution {

  /** The elements of a strip of rows: half of the L2 cache of small processors. */
  private static final int STRIP = 1 << 16;

  private static final int MOST_COLUMNS = 768;

  private final Kernels kernels;
  private final Strips strips;
  private final float[] image;
  private final int elements;
  private final boolean ones;
  private final int images;
  private final int width;

  /** Per thread. */
  private final Worker[] workers;

  /**
   * A product.
   *
   * @param squared whether the windows are squared
   * @param factor M
   * @param transposed whether memory has the transpose
   * @param factorSquared whether the elements of M are squared
   * @param rows the rows of M
   * @param out receives the result, [rows, columns]
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
   * @param image [C, B, H, W]
   * @param threads the number of threads
   */
  public Convolution(
      Kernels kernels,
      Windows windows,
      float[] image,
      List<Factor> factors,
      int threads,
      Arena arena) {
    this.kernels = kernels;
    this.image = image;
    elements = windows.rows();
    ones = windows.ones();
    images = windows.batch();
    strips = new Strips(windows, kernels, Math.clamp(STRIP / elements, 1, MOST_COLUMNS));
    width = strips.columns();
    workers = new Worker[threads];
    for (int thread = 0; thread < threads; thread++) {
      workers[thread] = new Worker(factors, arena);
    }
  }

  /** Returns the number of tasks. */
  public int tasks() {
    return strips.count(images);
  }

  /** Computes a strip. */
  public void run(int task, int thread, OwnMemory own) {
    workers[thread].run(task, own);
  }

  /** What a thread computes with. */
  private final class Worker {

    private final Strips.Strip place = strips.new Strip();
    private final float[] copy = new float[strips.copySize()];
    private final float[] strip = new float[elements * width];
    private final List<RightPanels> panels = new ArrayList<>();
    private final List<Product> products = new ArrayList<>();
    private final List<RightPanels> panelsOfProducts = new ArrayList<>();
    private final int panelCount;

    Worker(List<Factor> factors, Arena arena) {
      ProductKernels of = kernels.products();
      var traits = ProductTraits.of(of);
      RightPanels[] made = new RightPanels[2];
      int count = 0;
      for (Factor factor : factors) {
        var shape = new ProductShape(factor.rows(), width, elements, factor.transposed(), false);
        ProductPlan plan = ProductPlan.of(shape, traits, 1);
        count = plan.panels();
        int index = factor.squared() ? 1 : 0;
        if (made[index] == null) {
          var prologue = Prologue.of(factor.squared(), false);
          made[index] = new RightPanels(of, plan, shape, prologue, strip, arena);
          panels.add(made[index]);
        }
        float[] out = factor.out();
        var consumer =
            new Epilogue.Consume(
                (row, rowCount, column, columnCount, sums, start, stride) -> {
                  for (int i = 0; i < rowCount; i++) {
                    int at = start + i * stride;
                    place.scatterPlaces(sums, at, column, columnCount, row + i, out);
                  }
                });
        products.add(
            new Product(
                of,
                plan,
                shape,
                factor.factor(),
                Prologue.of(factor.factorSquared(), false),
                consumer));
        panelsOfProducts.add(made[index]);
      }
      panelCount = count;
    }

    void run(int task, OwnMemory own) {
      place.set(task, 0, images);
      place.copyImages(image, copy);
      int windows = ones ? elements - 1 : elements;
      for (int element = 0; element < windows; element++) {
        place.gather(kernels, copy, element, strip, element * width);
      }
      if (ones) {
        Arrays.fill(strip, windows * width, elements * width, 1);
      }
      for (int i = 0; i < panels.size(); i++) {
        panels.get(i).pack(0, panelCount, 0, own);
      }
      for (int i = 0; i < products.size(); i++) {
        products.get(i).rows(panelsOfProducts.get(i), own);
      }
    }
  }
}
