package io.measureflow.core.measures;

import static io.measureflow.core.measures.Oracle.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class GaussianMixtureTest {

  private static final List<Gaussian> TWO =
      List.of(
          Gaussian.diagonal(new double[] {0, 0}, new double[] {1, 2}),
          Gaussian.point(new double[] {4, 0}));

  @Test
  void meanAndCovarianceAreThoseOfTheWhole() {
    var mixture = new GaussianMixture(new double[] {0.75, 0.25}, TWO);
    assertClose(new double[] {1, 0}, mixture.mean(), 1e-15, "mean");
    // Within: 3/4 and 3; between: 3/4 1^2 + 1/4 3^2.
    assertClose(new double[] {3.75, 0, 0, 3}, mixture.covariance(), 1e-15, "covariance");
    assertClose(
        -0.75 * Math.log(0.75) - 0.25 * Math.log(0.25), mixture.weightEntropy(), 1e-15, "entropy");
    assertClose(Math.log(2), GaussianMixture.uniform(TWO).weightEntropy(), 1e-15, "uniform");
  }

  @Test
  void samplesHaveTheMomentsOfTheWhole() {
    var measures = new RandomMeasures(17);
    GaussianMixture mixture = measures.mixture(4, 3);
    int count = 40_000;
    double[] points = mixture.sample(count, measures.random());
    GaussianTest.checkMoments(mixture.mean(), mixture.covariance(), points, count);
  }

  @Test
  void theSameSeedDrawsTheSamePoints() {
    GaussianMixture mixture = new RandomMeasures(5).mixture(3, 2);
    double[] points = mixture.sample(50, new SplittableRandom(1));
    assertArrayEquals(points, mixture.sample(50, new SplittableRandom(1)));
    assertArrayEquals(Arrays.copyOf(points, 20), mixture.sample(10, new SplittableRandom(1)));
  }

  @Test
  void weightsInFloat32AreDividedByTheirSum() {
    double third = (float) (1.0 / 3);
    var mixture = new GaussianMixture(new double[] {third, 1 - third + 1e-7}, TWO);
    assertClose(1, mixture.weights()[0] + mixture.weights()[1], 3e-16, "sum");
  }

  @Test
  void whatIsNoMixtureIsRefused() {
    assertRefused("expected one for each component", new double[] {1}, TWO);
    assertRefused("Weight 1: expected a positive number, found 0.0", new double[] {1, 0}, TWO);
    assertRefused("found NaN", new double[] {1, Double.NaN}, TWO);
    assertRefused("expected a sum of 1, found 0.5", new double[] {0.25, 0.25}, TWO);
    assertRefused("at least one", new double[0], List.of());
    assertRefused(
        "component 1: expected dimension 2",
        new double[] {0.5, 0.5},
        List.of(TWO.getFirst(), Gaussian.point(new double[3])));
  }

  private static void assertRefused(String message, double[] weights, List<Gaussian> components) {
    var error =
        assertThrows(
            IllegalArgumentException.class, () -> new GaussianMixture(weights, components));
    assertTrue(String.valueOf(error.getMessage()).contains(message), error.getMessage());
  }
}
