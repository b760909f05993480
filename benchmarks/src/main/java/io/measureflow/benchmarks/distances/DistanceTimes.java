package io.measureflow.benchmarks.distances;

import io.measureflow.core.measures.Barycentre;
import io.measureflow.core.measures.BuresWasserstein;
import io.measureflow.core.measures.DiscreteTransport;
import io.measureflow.core.measures.Gaussian;
import io.measureflow.core.measures.GaussianMixture;
import io.measureflow.core.measures.MixtureWasserstein;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.function.LongFunction;

/**
 * Times distances of mixtures of 1,000 Gaussians on R^784, and of single ones with dense
 * covariances, beside POT. Values are compared, too: a difference above 1e-9 is an error.
 *
 * <pre>
 * python benchmarks/src/main/python/pot_distances.py > pot.txt
 * java -Djava.util.concurrent.ForkJoinPool.common.parallelism=0 \
 *     -cp 'benchmarks/target/benchmarks.jar:benchmarks/target/lib/*' \
 *     io.measureflow.benchmarks.distances.DistanceTimes pot.txt [TEXT IN NAMES]
 * </pre>
 *
 * <p>The property is what keeps all on one thread, as POT is.
 */
public final class DistanceTimes {

  /** The number of Gaussians of which each barycentre is, and of pairs. */
  private static final int FEW = 5;

  private static final double TOLERANCE = 1e-9;

  /** POT stops its iteration for barycentres at 1e-7; the error that is left is squared. */
  private static final double BARYCENTRE_TOLERANCE = 1e-6;

  private record Peer(double value, double seconds) {}

  private final Map<String, Peer> peer;
  private final String only;

  private DistanceTimes(Map<String, Peer> peer, String only) {
    this.peer = peer;
    this.only = only;
  }

  /** Runs the timing. */
  public static void main(String[] args) throws IOException {
    Map<String, Peer> peer = new HashMap<>();
    for (String line : Files.readAllLines(Path.of(args[0]))) {
      String[] words = line.split(" ", -1);
      peer.put(words[0], new Peer(Double.parseDouble(words[1]), Double.parseDouble(words[2])));
    }
    var times = new DistanceTimes(peer, args.length > 1 ? args[1] : "");
    times.mixtures("diagonal", SharedNumbers::diagonal);
    times.mixtures("isotropic", SharedNumbers::isotropic);
    times.pairs("full", SharedNumbers.full(9, FEW), SharedNumbers.full(10, FEW));
    times.pairs("factored", SharedNumbers.factored(11, FEW), SharedNumbers.factored(12, FEW));
    times.barycentre("full", SharedNumbers.full(13, FEW));
    times.barycentre("factored", SharedNumbers.factored(14, FEW));
  }

  private void mixtures(String family, LongFunction<double[]> spreads) {
    double[] mean = SharedNumbers.means(1);
    double[] std = spreads.apply(2);
    double[] farMean = SharedNumbers.means(3);
    double[] farStd = spreads.apply(4);
    double[] nearMean = SharedNumbers.means(5);
    double[] nearStd = spreads.apply(6);
    for (int i = 0; i < mean.length; i++) {
      nearMean[i] = mean[i] + 0.1 * nearMean[i];
      nearStd[i] = std[i] * (1 + 0.1 * nearStd[i]);
    }
    mixtures(family + "-independent", 0, mean, std, 0, farMean, farStd);
    mixtures(family + "-weighted", 7, mean, std, 8, farMean, farStd);
    mixtures(family + "-moved", 0, mean, std, 0, nearMean, nearStd);
    mixtures(family + "-reweighted", 7, mean, std, 8, nearMean, nearStd);
  }

  private void mixtures(
      String name,
      long fromWeights,
      double[] fromMeans,
      double[] fromSpreads,
      long toWeights,
      double[] toMeans,
      double[] toSpreads) {
    double[] a = SharedNumbers.weights(fromWeights);
    double[] b = SharedNumbers.weights(toWeights);
    GaussianMixture from = SharedNumbers.mixture(a, fromMeans, fromSpreads);
    GaussianMixture to = SharedNumbers.mixture(b, toMeans, toSpreads);
    time("mw2-" + name, 15, TOLERANCE, () -> MixtureWasserstein.distance(from, to));
    if (("transport-" + name).contains(only)) {
      double[] costs = new double[a.length * b.length];
      for (int i = 0; i < a.length; i++) {
        for (int j = 0; j < b.length; j++) {
          costs[i * b.length + j] =
              BuresWasserstein.squaredDistance(from.components().get(i), to.components().get(j));
        }
      }
      time("transport-" + name, 15, TOLERANCE, () -> DiscreteTransport.solve(a, b, costs).cost());
    }
  }

  private void pairs(String name, List<Gaussian> first, List<Gaussian> second) {
    time(
        "bures-" + name,
        5,
        TOLERANCE,
        () -> {
          double sum = 0;
          for (int k = 0; k < first.size(); k++) {
            sum += BuresWasserstein.distance(first.get(k), second.get(k));
          }
          return sum;
        });
  }

  private void barycentre(String name, List<Gaussian> gaussians) {
    double[] weights = new double[FEW];
    Arrays.fill(weights, 1.0 / FEW);
    time(
        "barycentre-" + name,
        3,
        BARYCENTRE_TOLERANCE,
        () -> Barycentre.of(gaussians, weights, 1e-8, 500).gaussian().trace());
  }

  private void time(String name, int repeats, double tolerance, DoubleSupplier run) {
    if (!name.contains(only)) {
      return;
    }
    double[] seconds = new double[repeats];
    double value = 0;
    for (int i = 0; i < repeats; i++) {
      long begin = System.nanoTime();
      value = run.getAsDouble();
      seconds[i] = (System.nanoTime() - begin) * 1e-9;
    }
    double best = Arrays.stream(seconds).min().orElseThrow();
    Peer other = peer.get(name);
    if (other == null) {
      System.out.printf(Locale.ROOT, "%-32s first %8.4f s  best %8.4f s%n", name, seconds[0], best);
      return;
    }
    if (!(Math.abs(value - other.value) <= tolerance * Math.abs(other.value))) {
      throw new IllegalStateException(
          name + ": expected " + other.value + ", the value in POT, found " + value);
    }
    System.out.printf(
        Locale.ROOT,
        "%-32s first %8.4f s  best %8.4f s  POT %8.4f s  times as fast %6.2f%n",
        name,
        seconds[0],
        best,
        other.seconds,
        other.seconds / best);
  }
}
