package io.measureflow.core.measures;

import static io.measureflow.core.measures.Oracle.assertClose;
import static org.junit.jupiter.api.Assertions.assertThrows;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.ejml.data.DMatrixRMaj;
import org.ejml.simple.SimpleMatrix;
import org.junit.jupiter.api.Test;

class BuresWassersteinTest {

  @Property(tries = 400, seed = "11")
  void agreesWithTheFormulaOfSquareRoots(
      @ForAll @IntRange(min = 1, max = 8) int n, @ForAll long seed) {
    var measures = new RandomMeasures(seed);
    Gaussian first = measures.regular(n);
    Gaussian second = measures.regular(n);
    double expected = Oracle.squaredDistance(first, second);
    assertClose(
        expected,
        BuresWasserstein.squaredDistance(first, second),
        1e-12 * n * n + 1e-11 * expected,
        "W2^2");
  }

  @Property(tries = 400, seed = "12")
  void agreesWithItForSingularCovariances(
      @ForAll @IntRange(min = 1, max = 6) int n, @ForAll long seed) {
    var measures = new RandomMeasures(seed);
    Gaussian first = measures.any(n);
    Gaussian second = measures.any(n);
    // The square root of a zero eigenvalue that rounding turned into 1e-16 is 1e-8: the oracle's
    // error.
    double tolerance = 1e-6 * (1 + first.trace() + second.trace());
    assertClose(
        Oracle.squaredDistance(first, second),
        BuresWasserstein.squaredDistance(first, second),
        tolerance,
        "W2^2");
  }

  @Property(tries = 400, seed = "13")
  void isAMetric(@ForAll @IntRange(min = 1, max = 6) int n, @ForAll long seed) {
    var measures = new RandomMeasures(seed);
    Gaussian a = measures.any(n);
    Gaussian b = measures.any(n);
    Gaussian c = measures.any(n);
    double ab = BuresWasserstein.distance(a, b);
    double bc = BuresWasserstein.distance(b, c);
    double ac = BuresWasserstein.distance(a, c);
    assertClose(
        0, BuresWasserstein.distance(a, a), 1e-14 * n * (1 + Math.sqrt(a.trace())), "identity");
    assertClose(ab, BuresWasserstein.distance(b, a), 1e-13 * n * (1 + ab), "symmetry");
    assertClose(0, Math.max(0, ac - ab - bc), 1e-13 * (1 + ab + bc), "triangle");
  }

  @Property(tries = 400, seed = "14")
  void theRootDoesNotMatter(@ForAll @IntRange(min = 1, max = 6) int n, @ForAll long seed) {
    var measures = new RandomMeasures(seed);
    Gaussian gaussian = measures.any(n);
    Gaussian rerooted =
        Gaussian.dense(
            gaussian.mean(), Oracle.squareRoot(Oracle.covariance(gaussian)).getDDRM().data, n);
    // The error of the square root itself on singular covariances.
    assertClose(
        0, BuresWasserstein.distance(gaussian, rerooted), 1e-7 * (1 + gaussian.trace()), "0");

    SimpleMatrix root = SimpleMatrix.wrap(new DMatrixRMaj(n, n, true, measures.vector(n * n, 1)));
    SimpleMatrix orthogonal =
        SimpleMatrix.wrap(new DMatrixRMaj(n, n, true, measures.vector(n * n, 1))).svd().getU();
    double[] mean = measures.vector(n, 1);
    assertClose(
        0,
        BuresWasserstein.distance(
            Gaussian.dense(mean, root.getDDRM().data, n),
            Gaussian.dense(mean, root.mult(orthogonal).getDDRM().data, n)),
        1e-14 * n * n,
        "rotated root");
  }

  @Property(tries = 400, seed = "15")
  void diagonalCovariancesHaveAClosedForm(
      @ForAll @IntRange(min = 1, max = 8) int n, @ForAll long seed) {
    var measures = new RandomMeasures(seed);
    double[] mean = measures.vector(n, 1);
    double[] s = measures.vector(n, 1);
    double[] t = measures.vector(n, 1);
    double expected = 0;
    double[] sMatrix = new double[n * n];
    for (int i = 0; i < n; i++) {
      double difference = Math.abs(s[i]) - Math.abs(t[i]);
      expected += difference * difference;
      sMatrix[i * n + i] = s[i];
    }
    Gaussian target = Gaussian.diagonal(mean, t);
    assertClose(
        expected,
        BuresWasserstein.squaredDistance(Gaussian.diagonal(mean, s), target),
        1e-14,
        "diagonal");
    assertClose(
        expected,
        BuresWasserstein.squaredDistance(Gaussian.dense(mean, sMatrix, n), target),
        1e-13 * n,
        "dense");
  }

  @Test
  void smallDistancesKeepTheirDigits() {
    var measures = new RandomMeasures(4);
    int n = 6;
    double[] root = measures.vector(n * n, 1);
    double[] mean = new double[n];
    Gaussian gaussian = Gaussian.dense(mean, root, n);
    for (double epsilon : new double[] {1e-3, 1e-6, 1e-9, 1e-12}) {
      double[] scaled = root.clone();
      for (int i = 0; i < scaled.length; i++) {
        scaled[i] *= 1 + epsilon;
      }
      // Sigma1 = (1 + e)^2 Sigma0 commutes with it.
      double expected = epsilon * Math.sqrt(gaussian.trace());
      assertClose(
          expected,
          BuresWasserstein.distance(gaussian, Gaussian.dense(mean, scaled, n)),
          2e-14,
          "at " + epsilon);
    }
  }

  @Test
  void aPointIsAsFarAsTheSecondMomentAroundIt() {
    var gaussian = Gaussian.dense(new double[] {3, 0}, new double[] {1, 2}, 1);
    var point = Gaussian.point(new double[] {0, 4});
    assertClose(25 + 5, BuresWasserstein.squaredDistance(gaussian, point), 1e-14, "to a point");
    assertClose(
        25,
        BuresWasserstein.squaredDistance(Gaussian.point(new double[] {3, 0}), point),
        0,
        "points");
  }

  @Test
  void linesHaveAClosedForm() {
    // N(0, s^2 uu') and N(0, t^2 vv'): s^2 + t^2 - 2 s t |u.v|.
    double c = Math.cos(2);
    var first = Gaussian.dense(new double[2], new double[] {3, 0}, 1);
    var second = Gaussian.dense(new double[2], new double[] {2 * c, 2 * Math.sin(2)}, 1);
    assertClose(9 + 4 + 12 * c, BuresWasserstein.squaredDistance(first, second), 1e-14, "lines");
  }

  @Test
  void gaussiansOnDifferentSpacesAreRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () ->
            BuresWasserstein.distance(
                Gaussian.point(new double[2]), Gaussian.point(new double[3])));
  }
}
