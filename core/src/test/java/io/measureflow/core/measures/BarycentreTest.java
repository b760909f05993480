package io.measureflow.core.measures;

import static io.measureflow.core.measures.Oracle.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.ejml.data.DMatrixRMaj;
import org.ejml.simple.SimpleMatrix;
import org.junit.jupiter.api.Test;

class BarycentreTest {

  @Property(tries = 400, seed = "51")
  void solvesTheFixedPointEquation(
      @ForAll @IntRange(min = 1, max = 5) int n,
      @ForAll @IntRange(min = 1, max = 5) int count,
      @ForAll long seed) {
    var measures = new RandomMeasures(seed);
    var gaussians = new ArrayList<Gaussian>();
    for (int k = 0; k < count; k++) {
      gaussians.add(measures.regular(n));
    }
    double[] weights = measures.weights(count);
    Barycentre found = Barycentre.of(gaussians, weights);
    assertTrue(found.converged(), found.toString());
    // S = sum_k lambda_k (S^1/2 S_k S^1/2)^1/2.
    SimpleMatrix s = Oracle.covariance(found.gaussian());
    SimpleMatrix root = Oracle.squareRoot(s);
    var sum = new SimpleMatrix(n, n);
    double[] mean = new double[n];
    for (int k = 0; k < count; k++) {
      SimpleMatrix own = Oracle.covariance(gaussians.get(k));
      sum = sum.plus(Oracle.squareRoot(root.mult(own).mult(root)).scale(weights[k]));
      for (int i = 0; i < n; i++) {
        mean[i] += weights[k] * gaussians.get(k).mean()[i];
      }
    }
    assertClose(s.getDDRM().data, sum.getDDRM().data, 1e-9 * (1 + s.trace()), "fixed point");
    assertClose(mean, found.gaussian().mean(), 1e-14, "mean");
  }

  @Property(tries = 400, seed = "52")
  void ofTwoIsAPointOfTheGeodesic(@ForAll @IntRange(min = 1, max = 5) int n, @ForAll long seed) {
    var measures = new RandomMeasures(seed);
    Gaussian first = measures.regular(n);
    Gaussian second = measures.any(n);
    double[] weights = measures.weights(2);
    Barycentre found = Barycentre.of(List.of(first, second), weights);
    assertTrue(found.converged(), found.toString());
    Gaussian expected = BuresWasserstein.geodesic(first, second).at(weights[1]);
    assertClose(
        0,
        BuresWasserstein.distance(expected, found.gaussian()),
        1e-9 * (1 + first.trace() + second.trace()),
        "geodesic");
  }

  @Property(tries = 400, seed = "53")
  void ofCommutingCovariancesHasTheMeanStandardDeviations(
      @ForAll @IntRange(min = 1, max = 5) int n, @ForAll long seed) {
    var measures = new RandomMeasures(seed);
    SimpleMatrix axes =
        SimpleMatrix.wrap(new DMatrixRMaj(n, n, true, measures.vector(n * n, 1))).svd().getU();
    double[] weights = measures.weights(3);
    var diagonal = new ArrayList<Gaussian>();
    var turned = new ArrayList<Gaussian>();
    double[] std = new double[n];
    for (int k = 0; k < 3; k++) {
      double[] own = measures.vector(n, 1);
      diagonal.add(Gaussian.diagonal(new double[n], own));
      turned.add(
          Gaussian.dense(new double[n], axes.mult(SimpleMatrix.diag(own)).getDDRM().data, n));
      for (int i = 0; i < n; i++) {
        std[i] += weights[k] * Math.abs(own[i]);
      }
    }
    Barycentre closed = Barycentre.of(diagonal, weights);
    assertEquals(0, closed.iterations());
    assertTrue(closed.converged() && closed.gaussian().isDiagonal());
    for (int i = 0; i < n; i++) {
      assertClose(std[i] * std[i], closed.gaussian().covariance()[i * n + i], 1e-14, "diagonal");
    }
    Barycentre iterated = Barycentre.of(turned, weights);
    assertTrue(iterated.converged(), iterated.toString());
    Gaussian expected =
        Gaussian.dense(new double[n], axes.mult(SimpleMatrix.diag(std)).getDDRM().data, n);
    assertClose(0, BuresWasserstein.distance(expected, iterated.gaussian()), 1e-12, "turned");
  }

  @Test
  void aCommonSupportOfLowerDimensionIsKept() {
    // On the line through (3, 4): standard deviations 5 and 15.
    var line =
        List.of(
            Gaussian.dense(new double[2], new double[] {3, 4}, 1),
            Gaussian.dense(new double[2], new double[] {-9, -12}, 1));
    Barycentre found = Barycentre.of(line, new double[] {0.5, 0.5});
    assertTrue(found.converged(), found.toString());
    assertClose(new double[] {36, 48, 48, 64}, found.gaussian().covariance(), 1e-12, "line");
    Barycentre points =
        Barycentre.of(
            List.of(
                Gaussian.dense(new double[] {1}, new double[] {0}, 1),
                Gaussian.point(new double[] {3})),
            new double[] {0.5, 0.5});
    assertTrue(points.converged(), points.toString());
    assertClose(2, points.gaussian().mean()[0], 0, "points");
  }

  @Test
  void aStopBeforeTheResidualIsReachedIsReported() {
    var measures = new RandomMeasures(6);
    var gaussians = List.of(measures.regular(4), measures.regular(4), measures.regular(4));
    double[] weights = measures.weights(3);
    Barycentre found = Barycentre.of(gaussians, weights, 1e-12, 2);
    assertFalse(found.converged());
    assertEquals(2, found.iterations());
    assertTrue(found.residual() > 1e-12);
    assertThrows(IllegalArgumentException.class, () -> Barycentre.of(gaussians, weights, 1e-12, 0));
    assertThrows(IllegalArgumentException.class, () -> Barycentre.of(gaussians, new double[] {1}));
  }
}
