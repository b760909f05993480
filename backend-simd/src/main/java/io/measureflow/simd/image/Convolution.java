package io.measureflow.simd.image;

import io.measureflow.lowering.Windows;
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
import java.util.List;

/**
 * Products M X of the windows X of images, strip by strip of columns: the rows of a strip are
 * gathered in the cache, packed for all products, and never written to memory.
 */
public final class Convolution {

  /** The elements of a strip of rows: half of the L2 cache of small processors. */
  static final int STRIP = 1 << 16;

  private final WindowRows rows;
  private final float[] image;
  private final int elements;
  private final int columns;
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
      ProductKernels kernels,
      Windows windows,
      float[] image,
      List<Factor> factors,
      int threads,
      Arena arena) {
    rows = new WindowRows(windows);
    this.image = image;
    elements = windows.rows();
    columns = windows.columns();
    width = stripWidth(kernels, elements, columns);
    workers = new Worker[threads];
    for (int thread = 0; thread < threads; thread++) {
      workers[thread] = new Worker(kernels, factors, arena);
    }
  }

  /** Returns the columns of a strip: whole panels. */
  static int stripWidth(ProductKernels kernels, int elements, int columns) {
    int panel = kernels.panelWidth();
    int panels = Math.clamp(STRIP / Math.max(1, elements) / panel, 2, 48);
    return Math.min(panels, Math.ceilDiv(columns, panel)) * panel;
  }

  /** Returns the number of tasks. */
  public int tasks() {
    return Math.ceilDiv(columns, width);
  }

  /** Computes a strip. */
  public void run(int task, int thread, OwnMemory own) {
    int from = task * width;
    workers[thread].run(from, Math.min(columns, from + width), own);
  }

  /** What a thread computes with. */
  private final class Worker {

    private final float[] strip = new float[elements * width];
    private final List<RightPanels> panels = new ArrayList<>();
    private final List<Product> products = new ArrayList<>();
    private final List<RightPanels> panelsOfProducts = new ArrayList<>();
    private final int panelCount;
    private int from;
    private int to;

    Worker(ProductKernels kernels, List<Factor> factors, Arena arena) {
      var traits = ProductTraits.of(kernels);
      RightPanels[] made = new RightPanels[2];
      int count = 0;
      for (Factor factor : factors) {
        var shape = new ProductShape(factor.rows(), width, elements, factor.transposed(), false);
        ProductPlan plan = ProductPlan.of(shape, traits, 1);
        count = plan.panels();
        int index = factor.squared() ? 1 : 0;
        if (made[index] == null) {
          var prologue = Prologue.of(factor.squared(), false);
          made[index] = new RightPanels(kernels, plan, shape, prologue, strip, arena);
          panels.add(made[index]);
        }
        float[] out = factor.out();
        var consumer =
            new Epilogue.Consume(
                (row, rowCount, column, columnCount, sums, start, stride) ->
                    store(row, rowCount, column, columnCount, sums, start, stride, out));
        products.add(
            new Product(
                kernels,
                plan,
                shape,
                factor.factor(),
                Prologue.of(factor.factorSquared(), false),
                consumer));
        panelsOfProducts.add(made[index]);
      }
      panelCount = count;
    }

    void run(int first, int end, OwnMemory own) {
      from = first;
      to = end;
      for (int row = 0; row < elements; row++) {
        rows.fill(image, row, first, end, strip, row * width);
      }
      for (int i = 0; i < panels.size(); i++) {
        panels.get(i).pack(0, panelCount, 0, own);
      }
      for (int i = 0; i < products.size(); i++) {
        products.get(i).rows(panelsOfProducts.get(i), own);
      }
    }

    private void store(
        int row,
        int rowCount,
        int column,
        int columnCount,
        float[] sums,
        int start,
        int stride,
        float[] out) {
      int count = Math.min(columnCount, to - from - column);
      for (int i = 0; i < rowCount; i++) {
        System.arraycopy(sums, start + i * stride, out, (row + i) * columns + from + column, count);
      }
    }
  }
}
