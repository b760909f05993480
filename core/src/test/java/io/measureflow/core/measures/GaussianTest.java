package io.measureflow.core.measures;

import static io.measureflow.core.measures.Oracle.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.junit.jupiter.api.Test;

class GaussianTest {

  @Test
  void theCovarianceIsThatOfTheRoot() {
    var gaussian =
        Gaussian.factored(new double[] {1, 2}, new double[] {-3, 0}, new double[] {1, 2, 0, -1}, 2);
    assertArrayEquals(new double[] {9 + 5, -2, -2, 1}, gaussian.covariance());
    assertEquals(15, gaussian.trace(), 1e-14);
    assertClose(Math.log(14 - 4), gaussian.logDeterminant(), 1e-14, "log determinant");
    assertEquals("Gaussian on R^2, root of rank 2, trace 15.0", gaussian.toString());
  }

  @Property(tries = 200, seed = "9")
  void aMarginalHasTheBlockOfTheCovariance(
      @ForAll @IntRange(min = 1, max = 7) int n, @ForAll long seed) {
    var random = new SplittableRandom(seed);
    Gaussian gaussian = new RandomMeasures(seed).any(n);
    int from = random.nextInt(n);
    int to = random.nextInt(from + 1, n + 1);
    Gaussian marginal = gaussian.marginal(from, to);
    assertArrayEquals(Arrays.copyOfRange(gaussian.mean(), from, to), marginal.mean());
    double[] whole = gaussian.covariance();
    double[] block = marginal.covariance();
    for (int i = from; i < to; i++) {
      for (int j = from; j < to; j++) {
        assertClose(
            whole[i * n + j],
            block[(i - from) * (to - from) + j - from],
            1e-14 * (1 + gaussian.trace()),
            "entry " + i + ", " + j);
      }
    }
    assertThrows(IndexOutOfBoundsException.class, () -> gaussian.marginal(from, n + 1));
  }

  @Property(tries = 400, seed = "1")
  void traceDeterminantAndSpectrumAreThoseOfTheCovariance(
      @ForAll @IntRange(min = 1, max = 7) int n, @ForAll long seed) {
    Gaussian gaussian = new RandomMeasures(seed).any(n);
    double[] spectrum = gaussian.spectrum();
    double trace = Oracle.covariance(gaussian).trace();
    assertClose(trace, gaussian.trace(), 1e-13 * (1 + trace), "trace");

    var eigen = DecompositionFactory_DDRM.eig(n, false, true);
    assertTrue(eigen.decompose(Oracle.covariance(gaussian).getDDRM()));
    double[] expected = new double[n];
    for (int i = 0; i < n; i++) {
      expected[n - 1 - i] = eigen.getEigenvalue(i).getReal();
    }
    Arrays.sort(expected);
    for (int i = 0; i < n; i++) {
      assertClose(expected[n - 1 - i], spectrum[i], 1e-12 * (1 + trace), "eigenvalue " + i);
    }

    double determinant = Oracle.determinant(gaussian);
    assertClose(
        determinant,
        Math.exp(gaussian.logDeterminant()),
        1e-10 * (determinant + Math.pow(trace, n) * 1e-3),
        "determinant");
  }

  @Property(tries = 400, seed = "2")
  void theDeterminantOfLowRankAgreesWithTheDenseOne(
      @ForAll @IntRange(min = 2, max = 9) int n, @ForAll long seed) {
    var measures = new RandomMeasures(seed);
    double[] std = new double[n];
    Arrays.fill(std, 0.1);
    var lowRank = Gaussian.factored(new double[n], std, measures.vector(n, 1), 1);
    var wide = new double[n * (n + 1)];
    for (int i = 0; i < n; i++) {
      wide[i * (n + 1) + i] = 0.1;
      wide[i * (n + 1) + n] = lowRankFactor(lowRank, std, i);
    }
    var dense = Gaussian.dense(new double[n], wide, n + 1);
    double expected = Math.log(Oracle.determinant(dense));
    assertClose(expected, dense.logDeterminant(), 1e-10 * Math.abs(expected), "dense");
    assertClose(expected, lowRank.logDeterminant(), 1e-10 * Math.abs(expected), "low rank");
  }

  /**
   * Returns the entry of a factor of one column, up to the common sign, from row 0 of the
   * covariance.
   */
  private static double lowRankFactor(Gaussian gaussian, double[] std, int i) {
    double[] covariance = gaussian.covariance();
    double first = Math.sqrt(covariance[0] - std[0] * std[0]);
    return i == 0 ? first : covariance[i] / first;
  }

  @Test
  void singularCovariancesHaveNoDeterminant() {
    assertEquals(Double.NEGATIVE_INFINITY, Gaussian.point(new double[] {1, 2}).logDeterminant());
    assertEquals(
        Double.NEGATIVE_INFINITY,
        Gaussian.dense(new double[2], new double[] {1, 1}, 1).logDeterminant());
    assertArrayEquals(new double[] {0, 0}, Gaussian.point(new double[] {1, 2}).spectrum());
  }

  @Test
  void samplesHaveTheMeanAndTheCovariance() {
    var measures = new RandomMeasures(7);
    int n = 3;
    Gaussian gaussian =
        Gaussian.factored(
            measures.vector(n, 1), new double[] {0.5, 0, -2}, measures.vector(6, 1), 2);
    int count = 40_000;
    double[] points = GaussianMixture.uniform(List.of(gaussian)).sample(count, measures.random());
    checkMoments(gaussian.mean(), gaussian.covariance(), points, count);
  }

  /** Checks that every first and second moment is within five of its own standard errors. */
  static void checkMoments(double[] mean, double[] covariance, double[] points, int count) {
    int n = mean.length;
    for (int i = 0; i < n; i++) {
      double sum = 0;
      for (int m = 0; m < count; m++) {
        sum += points[m * n + i] - mean[i];
      }
      assertClose(0, sum / count, 5 * Math.sqrt(covariance[i * n + i] / count), "mean " + i);
      for (int j = 0; j <= i; j++) {
        double product = 0;
        double square = 0;
        for (int m = 0; m < count; m++) {
          double p = (points[m * n + i] - mean[i]) * (points[m * n + j] - mean[j]);
          product += p / count;
          square += p * p / count;
        }
        double error = Math.sqrt((square - product * product) / count);
        assertClose(covariance[i * n + j], product, 5 * error, "covariance " + i + ", " + j);
      }
    }
  }

  @Test
  void theSameSeedDrawsTheSamePoints() {
    Gaussian gaussian = new RandomMeasures(3).regular(4);
    assertArrayEquals(
        gaussian.sample(new SplittableRandom(5)), gaussian.sample(new SplittableRandom(5)));
  }

  @Test
  void argumentsAreCopied() {
    double[] mean = {1};
    double[] std = {2};
    var gaussian = Gaussian.diagonal(mean, std);
    mean[0] = 9;
    std[0] = 9;
    gaussian.mean()[0] = 9;
    assertArrayEquals(new double[] {1}, gaussian.mean());
    assertArrayEquals(new double[] {4}, gaussian.covariance());
  }

  @Test
  void whatIsNoGaussianIsRefused() {
    assertRefused("expected 2 numbers, found 1", new double[2], new double[1], new double[0], 0);
    assertRefused("expected 4 numbers, found 3", new double[2], new double[2], new double[3], 2);
    assertRefused("found NaN at 1", new double[2], new double[] {0, Double.NaN}, new double[0], 0);
    assertRefused("at least 1 dimension", new double[0], new double[0], new double[0], 0);
  }

  private static void assertRefused(
      String message, double[] mean, double[] std, double[] factor, int rank) {
    var error =
        assertThrows(
            IllegalArgumentException.class, () -> Gaussian.factored(mean, std, factor, rank));
    assertTrue(String.valueOf(error.getMessage()).contains(message), error.getMessage());
  }
}
