package io.measureflow.simd;

import static io.measureflow.simd.Samples.assertClose;
import static io.measureflow.simd.Samples.normal;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Compares products with three plain loops in double precision. */
class MatrixProductTest {

  private static final Kernels KERNELS = Kernels.best();

  /** Rows of the batch, units, and features, which are the columns of both. */
  private static final int[][] SIZES_IN_PANELS = {
    {1, 16, 1},
    {9, 17, 23},
    {128, 16, 785},
    {128, 64, 785},
    {40, 100, 50},
    {300, 96, 70},
    {600, 290, 9}
  };

  @Test
  void allTransposesAtAllKindsOfSizes() {
    int[] sizes = {0, 1, 2, 5, 8, 16, 17, 33, 70};
    try (var pool = new WorkerPool(2)) {
      for (int rows : sizes) {
        for (int columns : sizes) {
          for (int inner : sizes) {
            check(KERNELS, pool, rows, columns, inner);
          }
        }
      }
    }
  }

  @Test
  void scalarKernelsGiveTheSameProducts() {
    try (var pool = new WorkerPool(1)) {
      check(new ScalarKernels(), pool, 9, 37, 21);
      check(new ScalarKernels(), pool, 64, 10, 600);
    }
  }

  @Test
  void sizesOfTraining() {
    try (var pool = new WorkerPool(3)) {
      check(KERNELS, pool, 128, 10, 785);
      check(KERNELS, pool, 128, 64, 785);
      check(KERNELS, pool, 65, 785, 127);
      check(KERNELS, pool, 1, 256, 1300);
      check(KERNELS, pool, 777, 1, 1025);
    }
  }

  private static void check(Kernels kernels, WorkerPool pool, int rows, int columns, int inner) {
    float[] a = normal(rows * 31L + inner, rows * inner);
    float[] b = normal(columns * 37L + inner, inner * columns);
    for (int transposes = 0; transposes < 4; transposes++) {
      boolean transposeA = (transposes & 1) != 0;
      boolean transposeB = (transposes & 2) != 0;
      double[] expected = new double[rows * columns];
      for (int i = 0; i < rows; i++) {
        for (int j = 0; j < columns; j++) {
          double sum = 0;
          for (int k = 0; k < inner; k++) {
            sum +=
                (double) a[transposeA ? k * rows + i : i * inner + k]
                    * b[transposeB ? j * inner + k : k * columns + j];
          }
          expected[i * columns + j] = sum;
        }
      }
      assertClose(
          expected,
          product(kernels, pool, a, b, rows, columns, inner, transposeA, transposeB, false),
          2e-6,
          rows + "x" + inner + "x" + columns + " " + transposeA + " " + transposeB);
    }
  }

  @Test
  void squaresForVariances() {
    try (var pool = new WorkerPool(2)) {
      for (int inner : new int[] {0, 1, 19, 785}) {
        int rows = 35;
        int columns = 41;
        float[] x = normal(1, rows * inner);
        float[] s = normal(2, columns * inner);
        double[] expected = new double[rows * columns];
        for (int i = 0; i < rows; i++) {
          for (int j = 0; j < columns; j++) {
            for (int k = 0; k < inner; k++) {
              expected[i * columns + j] +=
                  Math.pow(x[i * inner + k], 2) * Math.pow(s[j * inner + k], 2);
            }
          }
        }
        float[] found = product(KERNELS, pool, x, s, rows, columns, inner, false, true, true);
        assertClose(expected, found, 1e-6, "variances, inner " + inner);
      }
    }
  }

  /** Parameters in panels give the same bits as in row-major order, also squared. */
  @Test
  void panelsGiveTheBitsOfRows() {
    for (int[] size : SIZES_IN_PANELS) {
      int batch = size[0];
      int units = size[1];
      int features = size[2];
      float[] x = normal(1, batch * features);
      float[] w = normal(2, units * features);
      for (boolean square : new boolean[] {false, true}) {
        float[] expected;
        try (var pool = new WorkerPool(1)) {
          expected = product(KERNELS, pool, x, w, batch, units, features, false, true, square);
        }
        for (int threads = 1; threads <= 3; threads++) {
          try (var pool = new WorkerPool(threads)) {
            float[] c = Samples.filled(batch * units, Float.NaN);
            var scratch = new Scratch(threads);
            var left = new MatrixProduct.Factor(x, 1, batch, features, false);
            var right =
                MatrixProduct.Factor.inPanels(inPanels(pool, w, units, features), features, units);
            var product =
                new MatrixProduct(
                    KERNELS,
                    pool,
                    scratch,
                    square ? left.squared() : left,
                    square ? right.squared() : right,
                    c);
            scratch.allocate();
            product.run();
            assertArrayEquals(expected, c, Arrays.toString(size) + " threads " + threads);
          }
        }
      }
    }
  }

  /** Gradients of parameters in panels, compared with the gradient as a matrix. */
  @Test
  void gradientsOfParametersInPanels() {
    for (int[] size : SIZES_IN_PANELS) {
      int batch = size[0];
      int units = size[1];
      int features = size[2];
      float[] x = normal(1, batch * features);
      float[] w = normal(2, units * features);
      float[] g = normal(3, batch * units);
      float[] steps = normal(4, units);
      for (int form = 0; form < 4; form++) {
        // The features as they are, or transposed in advance; the gradient alone or times 2 w.
        boolean beforehand = form % 2 == 1;
        float scale = form / 2 * 2;
        float shift = 1 - form / 2;
        double[] expected = Samples.toDoubles(w);
        for (int i = 0; i < units; i++) {
          for (int j = 0; j < features; j++) {
            double sum = 0;
            for (int k = 0; k < batch; k++) {
              sum += (double) g[k * units + i] * x[k * features + j];
            }
            int at = i * features + j;
            expected[at] -= steps[i] * sum * (scale * expected[at] + shift);
          }
        }
        float[] single = new float[0];
        for (int threads = 1; threads <= 3; threads++) {
          try (var pool = new WorkerPool(threads)) {
            float[] theta = inPanels(pool, w, units, features);
            var scratch = new Scratch(threads);
            float[] transposed = new float[x.length];
            for (int k = 0; k < batch; k++) {
              for (int j = 0; j < features; j++) {
                transposed[j * batch + k] = x[k * features + j];
              }
            }
            var product =
                new MatrixProduct(
                    KERNELS,
                    pool,
                    scratch,
                    beforehand
                        ? new MatrixProduct.Factor(transposed, 1, features, batch, false)
                        : new MatrixProduct.Factor(x, 1, batch, features, true),
                    new MatrixProduct.Factor(g, 1, batch, units, false),
                    new MatrixProduct.Descent(theta, steps, scale, shift));
            scratch.allocate();
            product.run();
            float[] found = new float[w.length];
            new Panels(pool, units, features, KERNELS.panelWidth(Integer.MAX_VALUE))
                .toRows(theta, found)
                .run();
            String what = Arrays.toString(size) + " form " + form + " threads " + threads;
            assertClose(expected, found, 2e-6, what);
            if (threads == 1) {
              single = found;
            }
            assertArrayEquals(single, found, what);
          }
        }
      }
    }
  }

  private static float[] inPanels(WorkerPool pool, float[] matrix, int rows, int columns) {
    float[] panels = Samples.filled(matrix.length, Float.NaN);
    new Panels(pool, rows, columns, KERNELS.panelWidth(Integer.MAX_VALUE))
        .fromRows(matrix, panels)
        .run();
    return panels;
  }

  @Test
  void bitsDoNotDependOnThreads() {
    var random = new Random(5);
    for (int trial = 0; trial < 8; trial++) {
      int rows = 100 + random.nextInt(100);
      int columns = 1 + random.nextInt(300);
      int inner = 100 + random.nextInt(900);
      float[] a = normal(trial, rows * inner);
      float[] b = normal(trial + 100, inner * columns);
      float[] single;
      try (var pool = new WorkerPool(1)) {
        single = product(KERNELS, pool, a, b, rows, columns, inner, trial % 2 == 0, true, false);
      }
      for (int threads : new int[] {2, 3, 4, 70}) {
        try (var pool = new WorkerPool(threads)) {
          assertArrayEquals(
              single,
              product(KERNELS, pool, a, b, rows, columns, inner, trial % 2 == 0, true, false));
        }
      }
    }
  }

  /** Stacks distributed by matrix and by tile have the bits of their products one by one. */
  @Test
  void stacksHaveTheBitsOfSingleProducts() {
    int[][] sizes = {
      {0, 2, 3, 4},
      {5, 0, 3, 4},
      {5, 2, 0, 4},
      {5, 2, 3, 0},
      {1, 9, 17, 33},
      {300, 4, 4, 129},
      {70, 129, 4, 4},
      {1024, 2, 3, 5},
      {3, 100, 70, 700}
    };
    for (int[] size : sizes) {
      int count = size[0];
      int rows = size[1];
      int columns = size[2];
      int inner = size[3];
      float[] a = normal(count, count * rows * inner);
      float[] b = normal(count + 1, count * inner * columns);
      for (int transposes = 0; transposes < 4; transposes++) {
        boolean ta = (transposes & 1) != 0;
        boolean tb = (transposes & 2) != 0;
        float[] expected = new float[count * rows * columns];
        try (var pool = new WorkerPool(1)) {
          for (int k = 0; k < count; k++) {
            float[] own =
                product(
                    KERNELS,
                    pool,
                    Arrays.copyOfRange(a, k * rows * inner, (k + 1) * rows * inner),
                    Arrays.copyOfRange(b, k * inner * columns, (k + 1) * inner * columns),
                    rows,
                    columns,
                    inner,
                    ta,
                    tb,
                    false);
            System.arraycopy(own, 0, expected, k * rows * columns, own.length);
          }
        }
        for (int threads = 1; threads <= 3; threads++) {
          try (var pool = new WorkerPool(threads)) {
            assertArrayEquals(
                expected,
                products(KERNELS, pool, count, a, b, rows, columns, inner, ta, tb, false),
                Arrays.toString(size) + " " + ta + " " + tb + " with " + threads);
          }
        }
      }
    }
  }

  private static float[] product(
      Kernels kernels,
      WorkerPool pool,
      float[] a,
      float[] b,
      int rows,
      int columns,
      int inner,
      boolean transposeA,
      boolean transposeB,
      boolean square) {
    return products(kernels, pool, 1, a, b, rows, columns, inner, transposeA, transposeB, square);
  }

  private static float[] products(
      Kernels kernels,
      WorkerPool pool,
      int count,
      float[] a,
      float[] b,
      int rows,
      int columns,
      int inner,
      boolean transposeA,
      boolean transposeB,
      boolean square) {
    float[] c = Samples.filled(count * rows * columns, Float.NaN);
    var scratch = new Scratch(pool.threads());
    var left =
        transposeA
            ? new MatrixProduct.Factor(a, count, inner, rows, true)
            : new MatrixProduct.Factor(a, count, rows, inner, false);
    var right =
        transposeB
            ? new MatrixProduct.Factor(b, count, columns, inner, true)
            : new MatrixProduct.Factor(b, count, inner, columns, false);
    var product =
        new MatrixProduct(
            kernels,
            pool,
            scratch,
            square ? left.squared() : left,
            square ? right.squared() : right,
            c);
    scratch.allocate();
    product.run();
    float[] first = c.clone();
    product.run();
    assertArrayEquals(first, c, "the second run");
    return c;
  }
}
