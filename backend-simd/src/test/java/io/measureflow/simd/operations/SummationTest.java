package io.measureflow.simd.operations;

import static io.measureflow.simd.Samples.assertClose;
import static io.measureflow.simd.Samples.normal;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.measureflow.api.program.Shape;
import io.measureflow.simd.Samples;
import io.measureflow.simd.kernels.Kernels;
import io.measureflow.simd.threads.WorkerPool;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Compares sums and broadcasts with index arithmetic that joins no loops. */
public class SummationTest {

  private static final Kernels KERNELS = Kernels.best();

  private static final List<Shape> SHAPES =
      List.of(
          Shape.SCALAR,
          Shape.of(0),
          Shape.of(1),
          Shape.of(37),
          Shape.of(9000),
          Shape.of(0, 5),
          Shape.of(5, 0),
          Shape.of(1, 1),
          Shape.of(3, 1),
          Shape.of(1, 17),
          Shape.of(70, 33),
          Shape.of(300, 129),
          Shape.of(2, 20_001),
          Shape.of(5, 3, 7),
          Shape.of(5, 1, 7),
          Shape.of(65, 4, 19),
          Shape.of(129, 4, 64),
          Shape.of(33, 50, 1),
          Shape.of(33, 130, 4),
          Shape.of(33, 130, 15),
          Shape.of(3, 100, 65));

  /**
   * Returns all shapes that broadcast to this one by turning dimensions into 1 or dropping outer
   * ones.
   */
  private static List<Shape> sources(Shape shape) {
    var sources = new ArrayList<Shape>();
    for (int mask = 0; mask < 1 << shape.rank(); mask++) {
      int[] dims = new int[shape.rank()];
      for (int axis = 0; axis < dims.length; axis++) {
        dims[axis] = (mask >> axis & 1) == 1 ? 1 : shape.dimension(axis);
      }
      Shape source = Shape.of(dims);
      sources.add(source);
      while (source.rank() > 0 && source.dimension(0) == 1) {
        source = new Shape(source.dimensions().subList(1, source.rank()));
        sources.add(source);
      }
    }
    return sources;
  }

  /** Returns the position in {@code source} of element {@code position} of {@code shape}. */
  public static int sourcePosition(Shape shape, Shape source, int position) {
    int rest = position;
    int result = 0;
    int stride = 1;
    for (int axis = shape.rank() - 1; axis >= 0; axis--) {
      int index = rest % shape.dimension(axis);
      rest /= shape.dimension(axis);
      int own = source.aligned(axis, shape.rank());
      result += own == 1 ? 0 : index * stride;
      stride *= own;
    }
    return result;
  }

  @Test
  void allPatterns() {
    try (var pool = new WorkerPool(2)) {
      for (Shape shape : SHAPES) {
        float[] a = normal(shape.size(), shape.size());
        for (Shape to : sources(shape)) {
          double[] expected = new double[to.size()];
          for (int i = 0; i < a.length; i++) {
            expected[sourcePosition(shape, to, i)] += a[i];
          }
          float[] found = Samples.filled(to.size(), Float.NaN);
          Summation.of(KERNELS, pool, a, shape, found, to, false).run();
          assertClose(expected, found, 1e-5, shape + " to " + to);
        }
      }
    }
  }

  @Test
  void squaresOfRows() {
    for (Shape shape :
        List.of(
            Shape.of(0, 5),
            Shape.of(5, 0),
            Shape.of(1, 900),
            Shape.of(70, 2),
            Shape.of(300, 5000))) {
      float[] a = normal(7, shape.size());
      double[] expected = new double[shape.dimension(0)];
      for (int i = 0; i < a.length; i++) {
        expected[i / shape.dimension(1)] += (double) a[i] * a[i];
      }
      try (var pool = new WorkerPool(3)) {
        float[] found = Samples.filled(expected.length, Float.NaN);
        Summation.of(KERNELS, pool, a, shape, found, Shape.of(shape.dimension(0), 1), true).run();
        assertClose(expected, found, 1e-6, "squares of " + shape);
      }
    }
  }

  @Test
  void longSumsStayAccurate() {
    int size = 3_000_000;
    float[] a = Samples.filled(size, 0.1f);
    double expected = size * (double) 0.1f;
    float[] all = new float[1];
    float[] columns = new float[3];
    try (var pool = new WorkerPool(2)) {
      Summation.of(KERNELS, pool, a, Shape.of(size), all, Shape.SCALAR, false).run();
      Summation.of(KERNELS, pool, a, Shape.of(size / 3, 3), columns, Shape.of(3), false).run();
    }
    assertClose(expected, all[0], 1e-6 * expected, "all");
    assertClose(expected / 3, columns[1], 1e-4 * expected, "columns");
  }

  @Test
  void bitsDoNotDependOnThreads() {
    for (Shape shape : List.of(Shape.of(200_000), Shape.of(1000, 300), Shape.of(30, 10, 500))) {
      float[] a = normal(9, shape.size());
      for (Shape to : sources(shape)) {
        float[] single = new float[to.size()];
        try (var pool = new WorkerPool(1)) {
          Summation.of(KERNELS, pool, a, shape, single, to, false).run();
        }
        for (int threads = 2; threads <= 4; threads++) {
          float[] found = new float[to.size()];
          try (var pool = new WorkerPool(threads)) {
            Summation.of(KERNELS, pool, a, shape, found, to, false).run();
          }
          assertArrayEquals(single, found, shape + " to " + to);
        }
      }
    }
  }
}
