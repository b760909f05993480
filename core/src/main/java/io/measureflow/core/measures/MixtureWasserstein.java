package io.measureflow.core.measures;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The distance MW2 between two Gaussian mixtures and its transport plan [delon2020]: optimal
 * transport restricted to couplings that are Gaussian mixtures, which is discrete transport between
 * the components with W2^2 between Gaussians as the cost. It is at least W2, and a metric on
 * mixtures.
 */
public final class MixtureWasserstein {

  private final GaussianMixture from;
  private final GaussianMixture to;
  private final TransportPlan plan;
  private @Nullable List<Geodesic> geodesics;

  private MixtureWasserstein(GaussianMixture from, GaussianMixture to, TransportPlan plan) {
    this.from = from;
    this.to = to;
    this.plan = plan;
  }

  /** Computes MW2 between two mixtures, whose numbers of components may differ. */
  public static double distance(GaussianMixture from, GaussianMixture to) {
    return between(from, to).distance();
  }

  /**
   * Solves the transport between two mixtures.
   *
   * <p>A distance between dense Gaussians of dimension n costs O(n^3), so most of the K0 K1
   * distances are never computed: the plan is found for lower bounds of the costs, the costs that
   * it uses are made exact, and this repeats until all of them are. The plan is then optimal, since
   * its cost is exact and that of every other plan is at least its bound.
   *
   * @throws IllegalArgumentException if their dimensions differ
   */
  public static MixtureWasserstein between(GaussianMixture from, GaussianMixture to) {
    BuresWasserstein.requireSameDimension(from.components().getFirst(), to.components().getFirst());
    var costs = new Costs(from.components(), to.components());
    TransportPlan plan;
    do {
      plan = DiscreteTransport.solve(from.weights(), to.weights(), costs.values);
    } while (costs.refine(plan));
    return new MixtureWasserstein(from, to, plan);
  }

  /** Squared distances between components, each exact or a lower bound. */
  private static final class Costs {

    private final List<Gaussian> sources;
    private final List<Gaussian> targets;
    private final List<Matrix> sourceRoots;
    private final List<Matrix> targetRoots;
    private final boolean[] exact;
    final double[] values;

    Costs(List<Gaussian> sources, List<Gaussian> targets) {
      this.sources = sources;
      this.targets = targets;
      boolean diagonal =
          sources.stream().allMatch(Gaussian::isDiagonal)
              && targets.stream().allMatch(Gaussian::isDiagonal);
      // The root of each component is computed once, not once per pair.
      this.sourceRoots = diagonal ? List.of() : roots(sources);
      this.targetRoots = diagonal ? List.of() : roots(targets);
      this.exact = new boolean[Math.multiplyExact(sources.size(), targets.size())];
      this.values = new double[exact.length];
      // A coupling of two Gaussians couples each of their coordinates at no less than the distance
      // of those; for diagonal covariances this is exact.
      SquaredDistances.add(means(sources), means(targets), values);
      List<double[]> from = spreads(sources);
      List<double[]> to = spreads(targets);
      boolean isotropic = constant(from) && constant(to);
      SquaredDistances.add(
          isotropic ? narrowed(from) : from, isotropic ? narrowed(to) : to, values);
      if (diagonal) {
        Arrays.fill(exact, true);
        return;
      }
      for (int pair = 0; pair < exact.length; pair++) {
        exact[pair] =
            sources.get(pair / targets.size()).isDiagonal()
                && targets.get(pair % targets.size()).isDiagonal();
      }
    }

    private static List<double[]> means(List<Gaussian> components) {
      return components.stream().map(Gaussian::meanArray).toList();
    }

    private static List<double[]> spreads(List<Gaussian> components) {
      return components.stream().map(Gaussian::marginalStd).toList();
    }

    /** Returns one number per vector with the same distances if each has equal coordinates. */
    private static List<double[]> narrowed(List<double[]> vectors) {
      return vectors.stream()
          .map(vector -> new double[] {vector[0] * Math.sqrt(vector.length)})
          .toList();
    }

    private static boolean constant(List<double[]> vectors) {
      return vectors.stream()
          .allMatch(vector -> Arrays.stream(vector).allMatch(value -> value == vector[0]));
    }

    private static List<Matrix> roots(List<Gaussian> components) {
      return components.parallelStream().map(Gaussian::root).toList();
    }

    /** Makes the costs used by a plan exact; returns whether any was not. */
    boolean refine(TransportPlan plan) {
      int[] bounds =
          plan.entries().stream()
              .mapToInt(entry -> entry.from() * targets.size() + entry.to())
              .filter(pair -> !exact[pair])
              .toArray();
      Arrays.stream(bounds)
          .parallel()
          .forEach(
              pair -> {
                int i = pair / targets.size();
                int j = pair % targets.size();
                values[pair] =
                    BuresWasserstein.squaredDistance(
                        sources.get(i), sourceRoots.get(i), targets.get(j), targetRoots.get(j));
                exact[pair] = true;
              });
      return bounds.length > 0;
    }
  }

  /** Returns the distance MW2. */
  public double distance() {
    return Math.sqrt(plan.cost());
  }

  /**
   * Returns the optimal plan between the components; the cost of unit mass is W2^2 of its
   * components.
   */
  public TransportPlan plan() {
    return plan;
  }

  /**
   * Returns the mixture at time t of the interpolation: each entry of the plan is a component that
   * moves at constant speed along a geodesic. It is a geodesic of MW2.
   *
   * @param t from 0, where it is the first mixture, to 1
   */
  public GaussianMixture at(double t) {
    List<Geodesic> paths = geodesics;
    if (paths == null) {
      paths =
          plan.entries().parallelStream()
              .map(
                  entry ->
                      BuresWasserstein.geodesic(
                          from.components().get(entry.from()), to.components().get(entry.to())))
              .toList();
      geodesics = paths;
    }
    double[] weights = new double[paths.size()];
    var components = new ArrayList<Gaussian>(weights.length);
    for (int k = 0; k < weights.length; k++) {
      weights[k] = plan.entries().get(k).mass();
      components.add(paths.get(k).at(t));
    }
    return new GaussianMixture(weights, components);
  }
}
