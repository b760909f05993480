package io.measureflow.core.measures;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The squared Euclidean distances between all vectors of two lists.
 *
 * <p>Differences are squared and added up, in the order of the coordinates: small distances keep
 * their digits, which |x|^2 + |y|^2 - 2 x.y does not give.
 */
final class SquaredDistances {

  /** The targets whose sums are computed together: all coordinates of a step fit the L1 cache. */
  private static final int TARGETS = 256;

  /** The sources whose sums pass through the L2 cache for each few coordinates. */
  private static final int SOURCES = 32;

  /** The coordinates read at each pass over the sums. */
  private static final int STEP = 8;

  private SquaredDistances() {}

  /**
   * Adds the distances to sums.
   *
   * @param sources K0 vectors [n]
   * @param targets K1 vectors [n]
   * @param sums [K0, K1], row-major
   */
  static void add(List<double[]> sources, List<double[]> targets, double[] sums) {
    int n = sources.getFirst().length;
    int padded = Math.ceilDiv(n, STEP) * STEP;
    int columns = targets.size();
    double[][] padding = new double[padded - n][Math.min(TARGETS, columns)];
    for (int from = 0; from < columns; from += TARGETS) {
      int first = from;
      int count = Math.min(TARGETS, columns - from);
      double[][] coordinates = transposed(targets.subList(from, from + count), n, padding);
      IntStream.range(0, Math.ceilDiv(sources.size(), SOURCES))
          .parallel()
          .forEach(
              block -> {
                int start = block * SOURCES;
                int end = Math.min(sources.size(), start + SOURCES);
                double[][] tile = new double[end - start][count];
                double[][] own = new double[end - start][];
                for (int i = start; i < end; i++) {
                  own[i - start] = Arrays.copyOf(sources.get(i), padded);
                }
                for (int d = 0; d < padded; d += STEP) {
                  for (int i = 0; i < own.length; i++) {
                    step(own[i], d, coordinates, tile[i]);
                  }
                }
                for (int i = start; i < end; i++) {
                  int row = i * columns + first;
                  for (int j = 0; j < count; j++) {
                    sums[row + j] += tile[i - start][j];
                  }
                }
              });
    }
  }

  /** Returns the coordinates by dimension, so that the compiler vectorizes over targets. */
  private static double[][] transposed(List<double[]> vectors, int n, double[][] padding) {
    double[][] coordinates = new double[n + padding.length][];
    for (int d = 0; d < n; d++) {
      double[] values = new double[vectors.size()];
      coordinates[d] = values;
    }
    for (int j = 0; j < vectors.size(); j++) {
      double[] vector = vectors.get(j);
      for (int d = 0; d < n; d++) {
        coordinates[d][j] = vector[d];
      }
    }
    System.arraycopy(padding, 0, coordinates, n, padding.length);
    return coordinates;
  }

  private static void step(double[] source, int d, double[][] coordinates, double[] sums) {
    // Arrays of their own for each coordinate: with offsets into one, the compiler would have to
    // prove that sums do not overlap with it, and gives up.
    double[] y0 = coordinates[d];
    double[] y1 = coordinates[d + 1];
    double[] y2 = coordinates[d + 2];
    double[] y3 = coordinates[d + 3];
    double[] y4 = coordinates[d + 4];
    double[] y5 = coordinates[d + 5];
    double[] y6 = coordinates[d + 6];
    double[] y7 = coordinates[d + 7];
    double x0 = source[d];
    double x1 = source[d + 1];
    double x2 = source[d + 2];
    double x3 = source[d + 3];
    double x4 = source[d + 4];
    double x5 = source[d + 5];
    double x6 = source[d + 6];
    double x7 = source[d + 7];
    for (int j = 0; j < sums.length; j++) {
      double d0 = x0 - y0[j];
      double d1 = x1 - y1[j];
      double d2 = x2 - y2[j];
      double d3 = x3 - y3[j];
      double d4 = x4 - y4[j];
      double d5 = x5 - y5[j];
      double d6 = x6 - y6[j];
      double d7 = x7 - y7[j];
      // Fused, so that the loop is small enough for the compiler to unroll and vectorize.
      sums[j] =
          Math.fma(
              d7,
              d7,
              Math.fma(
                  d6,
                  d6,
                  Math.fma(
                      d5,
                      d5,
                      Math.fma(
                          d4,
                          d4,
                          Math.fma(
                              d3,
                              d3,
                              Math.fma(d2, d2, Math.fma(d1, d1, Math.fma(d0, d0, sums[j]))))))));
    }
  }
}
