package io.measureflow.simd.product;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.simd.threads.WorkerPool;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Products against sums in double precision, by all kernels and any number of threads. */
class ProductTest {

  private static final List<ProductKernels> KERNELS = kernels();

  private static List<ProductKernels> kernels() {
    boolean vectors = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
    return vectors
        ? List.of(ProductKernels.vector(), ProductKernels.scalar())
        : List.of(ProductKernels.scalar());
  }

  /** Rows, columns, inner: within, at and beyond tiles, panels, blocks, chunks and strips. */
  private static List<int[]> sizes() {
    var sizes = new ArrayList<int[]>();
    for (int rows : new int[] {1, 3, 4, 5, 6, 7, 8, 9, 11, 13, 48, 49, 97}) {
      sizes.add(new int[] {rows, 17, 5});
    }
    for (int columns : new int[] {1, 2, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 48, 49, 193, 400}) {
      sizes.add(new int[] {13, columns, 6});
    }
    for (int inner : new int[] {0, 1, 2, 3, 64, 65, 263, 264, 265, 529, 1200}) {
      sizes.add(new int[] {10, 35, inner});
    }
    sizes.add(new int[] {100, 300, 1100});
    sizes.add(new int[] {300, 270, 300});
    sizes.add(new int[] {20, 784, 128});
    return sizes;
  }

  @Test
  void areSumsOfProducts() {
    for (ProductKernels kernels : KERNELS) {
      for (int[] size : sizes()) {
        for (int transposes = 0; transposes < 4; transposes++) {
          var shape =
              new ProductShape(
                  size[0], size[1], size[2], (transposes & 1) != 0, (transposes & 2) != 0);
          check(kernels, shape, Prologue.COPY, Prologue.COPY);
        }
      }
      var shape = new ProductShape(21, 50, 300, false, true);
      check(kernels, shape, Prologue.SQUARE, Prologue.COPY);
      check(kernels, shape, Prologue.COPY, Prologue.SQUARE);
      check(kernels, shape, Prologue.FLUSH, Prologue.SQUARE_AND_FLUSH);
    }
  }

  private static void check(
      ProductKernels kernels, ProductShape shape, Prologue ofLeft, Prologue ofRight) {
    float[] left = normal(1, shape.rows() * shape.inner());
    float[] right = normal(2, shape.inner() * shape.columns());
    double[] expected = product(shape, left, right, ofLeft.squares(), ofRight.squares());
    float[] single = compute(kernels, shape, left, ofLeft, right, ofRight, 1);
    double tolerance =
        1e-7 * (shape.inner() + 10) * (ofLeft.squares() || ofRight.squares() ? 4 : 1);
    for (int i = 0; i < expected.length; i++) {
      double difference = Math.abs(expected[i] - single[i]);
      int at = i;
      assertTrue(
          difference <= tolerance * (1 + Math.abs(expected[i])),
          () -> shape + ", element " + at + ": expected " + expected[at] + ", found " + single[at]);
    }
    for (int threads = 2; threads <= 3; threads++) {
      assertArrayEquals(
          single,
          compute(kernels, shape, left, ofLeft, right, ofRight, threads),
          shape + " on " + threads + " threads");
    }
  }

  private static double[] product(
      ProductShape shape, float[] left, float[] right, boolean squareLeft, boolean squareRight) {
    double[] c = new double[shape.rows() * shape.columns()];
    for (int i = 0; i < shape.rows(); i++) {
      for (int j = 0; j < shape.columns(); j++) {
        double sum = 0;
        for (int k = 0; k < shape.inner(); k++) {
          double a = left[shape.leftTransposed() ? k * shape.rows() + i : i * shape.inner() + k];
          double b =
              right[shape.rightTransposed() ? j * shape.inner() + k : k * shape.columns() + j];
          sum += (squareLeft ? a * a : a) * (squareRight ? b * b : b);
        }
        c[i * shape.columns() + j] = sum;
      }
    }
    return c;
  }

  /** Computes a product in all ways, which must have the same bits. */
  private static float[] compute(
      ProductKernels kernels,
      ProductShape shape,
      float[] left,
      Prologue ofLeft,
      float[] right,
      Prologue ofRight,
      int threads) {
    try (var pool = new WorkerPool(threads);
        var arena = Arena.ofShared()) {
      var plan = ProductPlan.of(shape, ProductTraits.of(kernels), threads);
      var own = IntStream.range(0, threads).mapToObj(t -> new OwnMemory(kernels)).toList();
      var panels = new RightPanels(kernels, plan, shape, ofRight, right, arena);
      pool.run(
          panels.tasks(),
          task -> panels.pack(task, Optional.empty(), own.get(WorkerPool.numberOfThread())));
      float[] stored = filled(shape);
      var product =
          new Product(
              kernels, plan, shape, left, ofLeft, new Epilogue.Store(stored, shape.columns()));
      pool.run(
          plan.tasks(),
          task -> product.run(task, 0, panels, false, own.get(WorkerPool.numberOfThread())));

      float[] byRows = filled(shape);
      var rows =
          new Product(
              kernels, plan, shape, left, ofLeft, new Epilogue.Store(byRows, shape.columns()));
      int half = shape.rows() / 2;
      rows.rows(half, shape.rows(), panels, own.getFirst());
      rows.rows(0, half, panels, own.getFirst());
      assertArrayEquals(stored, byRows, shape + " by rows");

      float[] consumed = filled(shape);
      var sink =
          new Product(
              kernels,
              plan,
              shape,
              left,
              ofLeft,
              new Epilogue.Consume(
                  (row, count, column, columns, sums, from, stride) -> {
                    for (int i = 0; i < count; i++) {
                      System.arraycopy(
                          sums,
                          from + i * stride,
                          consumed,
                          (row + i) * shape.columns() + column,
                          columns);
                    }
                  }));
      pool.run(
          plan.tasks(),
          task -> sink.run(task, 0, panels, true, own.get(WorkerPool.numberOfThread())));
      assertArrayEquals(stored, consumed, shape + " consumed");
      return stored;
    }
  }

  private static float[] filled(ProductShape shape) {
    float[] c = new float[shape.rows() * shape.columns()];
    Arrays.fill(c, Float.NaN);
    return c;
  }

  private static float[] normal(int seed, int size) {
    var random = new SplittableRandom(seed);
    float[] a = new float[size];
    for (int i = 0; i < size; i++) {
      a[i] = (float) random.nextGaussian();
    }
    return a;
  }
}
