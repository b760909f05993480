package io.measureflow.core.measures;

import static io.measureflow.core.measures.Oracle.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class MixtureWassersteinTest {

  @Property(tries = 400, seed = "41")
  void isTheTransportOfAllPairwiseDistances(
      @ForAll @IntRange(min = 1, max = 6) int k0,
      @ForAll @IntRange(min = 1, max = 6) int k1,
      @ForAll @IntRange(min = 1, max = 4) int n,
      @ForAll long seed) {
    var measures = new RandomMeasures(seed);
    GaussianMixture from = measures.mixture(k0, n);
    GaussianMixture to = measures.mixture(k1, n);
    double[] costs = new double[k0 * k1];
    for (int i = 0; i < k0; i++) {
      for (int j = 0; j < k1; j++) {
        costs[i * k1 + j] =
            BuresWasserstein.squaredDistance(from.components().get(i), to.components().get(j));
      }
    }
    double expected = DiscreteTransport.solve(from.weights(), to.weights(), costs).cost();
    var transport = MixtureWasserstein.between(from, to);
    assertClose(
        expected, transport.distance() * transport.distance(), 1e-13 * (1 + expected), "MW2^2");
    // The potentials also prove optimality for the exact costs.
    double[] u = transport.plan().rowPotentials();
    double[] v = transport.plan().columnPotentials();
    for (int pair = 0; pair < costs.length; pair++) {
      double slack = costs[pair] - u[pair / k1] - v[pair % k1];
      assertTrue(slack >= -1e-12 * (1 + costs[pair]), () -> "slack " + slack);
    }
    double shift = 0;
    for (int i = 0; i < n; i++) {
      shift += Math.pow(from.mean()[i] - to.mean()[i], 2);
    }
    assertTrue(transport.distance() >= Math.sqrt(shift) - 1e-13, "at least that of the means");
  }

  @Property(tries = 400, seed = "42")
  void isAMetric(
      @ForAll @IntRange(min = 1, max = 5) int k,
      @ForAll @IntRange(min = 1, max = 4) int n,
      @ForAll long seed) {
    var measures = new RandomMeasures(seed);
    GaussianMixture a = measures.mixture(k, n);
    GaussianMixture b = measures.mixture(3, n);
    GaussianMixture c = measures.mixture(k, n);
    double ab = MixtureWasserstein.distance(a, b);
    double bc = MixtureWasserstein.distance(b, c);
    double ac = MixtureWasserstein.distance(a, c);
    assertClose(0, MixtureWasserstein.distance(a, a), 1e-12, "identity");
    assertClose(ab, MixtureWasserstein.distance(b, a), 1e-12 * (1 + ab), "symmetry");
    assertClose(0, Math.max(0, ac - ab - bc), 1e-12 * (1 + ab + bc), "triangle");
  }

  @Property(tries = 400, seed = "43")
  void theInterpolationHasConstantSpeed(
      @ForAll @IntRange(min = 1, max = 4) int k,
      @ForAll @IntRange(min = 1, max = 3) int n,
      @ForAll long seed,
      @ForAll @DoubleRange(min = 0, max = 1) double s,
      @ForAll @DoubleRange(min = 0, max = 1) double t) {
    var measures = new RandomMeasures(seed);
    GaussianMixture from = measures.mixture(k, n);
    GaussianMixture to = measures.mixture(3, n);
    var transport = MixtureWasserstein.between(from, to);
    // Near the ends, components split from one nearly coincide, at a cost of rounding size.
    double tolerance = 1e-6 * (1 + transport.distance());
    assertClose(
        Math.abs(t - s) * transport.distance(),
        MixtureWasserstein.distance(transport.at(s), transport.at(t)),
        tolerance,
        "speed");
    assertClose(0, MixtureWasserstein.distance(from, transport.at(0)), tolerance, "start");
    assertClose(0, MixtureWasserstein.distance(to, transport.at(1)), tolerance, "end");
    assertEquals(transport.plan().entries().size(), transport.at(t).components().size());
  }

  @Test
  void aTranslationCostsItsLength() {
    var measures = new RandomMeasures(8);
    GaussianMixture mixture = measures.mixture(5, 3);
    var moved = new ArrayList<Gaussian>();
    for (Gaussian component : mixture.components()) {
      double[] mean = component.mean();
      mean[0] += 2;
      mean[2] -= 1;
      double[] root = Oracle.squareRoot(Oracle.covariance(component)).getDDRM().data;
      moved.add(Gaussian.dense(mean, root, 3));
    }
    assertClose(
        Math.sqrt(5),
        MixtureWasserstein.distance(mixture, new GaussianMixture(mixture.weights(), moved)),
        1e-12,
        "translation");
  }

  @Test
  void isotropicMixturesOfEverySizeAgreeWithPairwiseDistances() {
    var measures = new RandomMeasures(9);
    List<Gaussian> from = new ArrayList<>();
    List<Gaussian> to = new ArrayList<>();
    double[] std = new double[5];
    for (int k = 0; k < 40; k++) {
      Arrays.fill(std, measures.random().nextDouble(0, 2));
      (k < 15 ? from : to).add(Gaussian.diagonal(measures.vector(5, 1), std));
    }
    double[] costs = new double[from.size() * to.size()];
    for (int pair = 0; pair < costs.length; pair++) {
      costs[pair] =
          BuresWasserstein.squaredDistance(from.get(pair / to.size()), to.get(pair % to.size()));
    }
    double[] a = measures.weights(from.size());
    double[] b = measures.weights(to.size());
    double distance =
        MixtureWasserstein.distance(new GaussianMixture(a, from), new GaussianMixture(b, to));
    assertClose(
        DiscreteTransport.solve(a, b, costs).cost(), distance * distance, 1e-13, "isotropic");
  }

  @Test
  void splittingAComponentChangesNothing() {
    Gaussian first = new RandomMeasures(1).regular(2);
    Gaussian second = new RandomMeasures(2).regular(2);
    var whole = new GaussianMixture(new double[] {0.5, 0.5}, List.of(first, second));
    var split = new GaussianMixture(new double[] {0.2, 0.5, 0.3}, List.of(first, second, first));
    assertClose(0, MixtureWasserstein.distance(whole, split), 1e-14, "split");
  }

  @Test
  void singleGaussiansAreAtTheirOwnDistance() {
    Gaussian first = new RandomMeasures(1).regular(3);
    Gaussian second = new RandomMeasures(2).regular(3);
    assertClose(
        BuresWasserstein.distance(first, second),
        MixtureWasserstein.distance(
            GaussianMixture.uniform(List.of(first)), GaussianMixture.uniform(List.of(second))),
        1e-15,
        "single");
    assertThrows(
        IllegalArgumentException.class,
        () ->
            MixtureWasserstein.between(
                GaussianMixture.uniform(List.of(first)),
                GaussianMixture.uniform(List.of(Gaussian.point(new double[2])))));
  }
}
