package io.measureflow.core.measures;

import static io.measureflow.core.measures.Oracle.assertClose;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.ejml.data.DMatrixRMaj;
import org.ejml.simple.SimpleMatrix;
import org.junit.jupiter.api.Test;

class GeodesicTest {

  @Property(tries = 400, seed = "21")
  void theSpeedIsConstant(
      @ForAll @IntRange(min = 1, max = 6) int n,
      @ForAll long seed,
      @ForAll @DoubleRange(min = 0, max = 1) double s,
      @ForAll @DoubleRange(min = 0, max = 1) double t) {
    var measures = new RandomMeasures(seed);
    Gaussian from = measures.any(n);
    Gaussian to = measures.any(n);
    Geodesic path = BuresWasserstein.geodesic(from, to);
    double length = path.length();
    double tolerance = 1e-13 * n * (1 + from.trace() + to.trace());
    assertClose(BuresWasserstein.distance(from, to), length, tolerance, "length");
    assertClose(
        Math.abs(t - s) * length,
        BuresWasserstein.distance(path.at(s), path.at(t)),
        tolerance,
        "from " + s + " to " + t);
    assertClose(from.covariance(), path.at(0).covariance(), tolerance, "start");
    assertClose(to.covariance(), path.at(1).covariance(), tolerance, "end");
    assertClose(to.mean(), path.at(1).mean(), 0, "mean of the end");
  }

  @Property(tries = 400, seed = "22")
  void theMapIsTheGradientOfAConvexFunctionAndPushesTheOneToTheOther(
      @ForAll @IntRange(min = 1, max = 6) int n, @ForAll long seed) {
    var measures = new RandomMeasures(seed);
    Gaussian from = measures.regular(n);
    Gaussian to = measures.any(n);
    Geodesic path = BuresWasserstein.geodesic(from, to);
    assertClose(to.mean(), path.transport(from.mean()), 1e-13, "mean");
    var map = new SimpleMatrix(n, n);
    for (int j = 0; j < n; j++) {
      double[] point = from.mean();
      point[j] += 1;
      double[] image = path.transport(point);
      for (int i = 0; i < n; i++) {
        map.set(i, j, image[i] - to.mean()[i]);
      }
    }
    double scale = 1 + to.trace();
    assertClose(map.transpose().getDDRM().data, map.getDDRM().data, 1e-11 * scale, "symmetric");
    for (var eigenvalue : map.plus(map.transpose()).eig().getEigenvalues()) {
      assertTrue(eigenvalue.getReal() >= -1e-11 * scale, "monotone: " + eigenvalue);
    }
    assertClose(
        to.covariance(),
        map.mult(Oracle.covariance(from)).mult(map.transpose()).getDDRM().data,
        1e-11 * scale,
        "push-forward");
  }

  @Property(tries = 400, seed = "23")
  void theCouplingCostsTheSquaredDistance(
      @ForAll @IntRange(min = 1, max = 6) int n, @ForAll long seed) {
    var measures = new RandomMeasures(seed);
    Gaussian from = measures.any(n);
    Gaussian to = measures.any(n);
    Geodesic path = BuresWasserstein.geodesic(from, to);
    SimpleMatrix cross = SimpleMatrix.wrap(DMatrixRMaj.wrap(n, n, path.crossCovariance()));
    double means = 0;
    for (int i = 0; i < n; i++) {
      means += Math.pow(from.mean()[i] - to.mean()[i], 2);
    }
    double scale = 1 + from.trace() + to.trace();
    assertClose(
        BuresWasserstein.squaredDistance(from, to),
        means + from.trace() + to.trace() - 2 * cross.trace(),
        1e-13 * n * scale,
        "cost");
    // It is a coupling: the joint covariance has no negative eigenvalue.
    SimpleMatrix joint =
        Oracle.covariance(from)
            .concatColumns(cross)
            .concatRows(cross.transpose().concatColumns(Oracle.covariance(to)));
    for (var eigenvalue : joint.eig().getEigenvalues()) {
      assertTrue(eigenvalue.getReal() >= -1e-12 * n * scale, "joint: " + eigenvalue);
    }
  }

  @Test
  void betweenDiagonalGaussiansStandardDeviationsMoveLinearly() {
    var path =
        BuresWasserstein.geodesic(
            Gaussian.diagonal(new double[] {0, 1}, new double[] {-1, 0}),
            Gaussian.diagonal(new double[] {4, 1}, new double[] {3, 2}));
    Gaussian quarter = path.at(0.25);
    assertTrue(quarter.isDiagonal());
    assertClose(new double[] {2.25, 0, 0, 0.25}, quarter.covariance(), 1e-15, "covariance");
    // Where the first has no spread, every point goes to the mean.
    assertClose(new double[] {4 + 6, 1}, path.transport(new double[] {2, 7}), 1e-15, "map");
    assertClose(new double[] {3, 0, 0, 0}, path.crossCovariance(), 1e-15, "cross-covariance");
  }

  @Test
  void orthogonalLinesMeetHalfWay() {
    var path =
        BuresWasserstein.geodesic(
            Gaussian.dense(new double[2], new double[] {1, 0}, 1),
            Gaussian.dense(new double[2], new double[] {0, 1}, 1));
    double[] middle = path.at(0.5).covariance();
    // Singular and orthogonal: many geodesics; each has standard deviation 1/2 on both axes.
    assertClose(0.25, middle[0], 1e-15, "first axis");
    assertClose(0.25, middle[3], 1e-15, "second axis");
    assertClose(Math.sqrt(2), path.length(), 1e-15, "length");
  }

  @Test
  void timesOffThePathAreRefused() {
    Gaussian point = Gaussian.point(new double[1]);
    Geodesic path = BuresWasserstein.geodesic(point, point);
    assertThrows(IllegalArgumentException.class, () -> path.at(-0.1));
    assertThrows(IllegalArgumentException.class, () -> path.at(Double.NaN));
    assertThrows(IllegalArgumentException.class, () -> path.transport(new double[2]));
    assertThrows(
        IllegalArgumentException.class,
        () -> BuresWasserstein.geodesic(point, Gaussian.point(new double[2])));
  }
}
