package io.measureflow.cli.bench;

import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.error.RunFailedException;
import io.measureflow.cli.bench.peers.Peer;
import io.measureflow.cli.bench.peers.PeerProcess;
import io.measureflow.cli.bench.peers.PeerScripts;
import io.measureflow.cli.bench.timing.OtherProcesses;
import io.measureflow.cli.bench.timing.PeakRate;
import io.measureflow.cli.bench.timing.Quartiles;
import io.measureflow.cli.bench.timing.Ratios;
import io.measureflow.cli.bench.timing.Rounds;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Our step and that of the peers, in turns: in each round every contestant runs for one burst, so
 * all of them meet the same states of the machine.
 *
 * <p>A peer that waits for its turn reads its input and uses no processor. Threads of a library may
 * spin for some milliseconds after its last step (those of OpenMP do). To keep them from it ({@code
 * OMP_WAIT_POLICY}, {@code KMP_BLOCKTIME}) would slow its own steps down, so each burst begins with
 * steps that do not count instead, and is long.
 */
final class PeerComparison implements AutoCloseable {

  /** The time before a burst in which threads of others go to sleep, and ours wake up. */
  private static final double UNMEASURED_SECONDS = 0.05;

  /** The shortest burst that the spinning of others does not matter for. */
  static final double LEAST_SECONDS = 0.3;

  private final int threads;
  private final List<PeerProcess> peers = new ArrayList<>();
  private final Ratios ratios = new Ratios();

  /**
   * A case that peers know.
   *
   * @param family the name of the family
   * @param components K
   */
  record Grid(String family, int components) {}

  /**
   * Starts the peers whose library is there; a line on standard output says which.
   *
   * @throws InvalidRequestException if the interpreter is none, or has none of the libraries
   */
  PeerComparison(String python, List<Peer> wanted, int threads) {
    this.threads = threads;
    var missing = new ArrayList<String>();
    PeerScripts scripts = PeerScripts.write();
    try {
      for (Peer peer : wanted) {
        try {
          peers.add(PeerProcess.start(python, scripts, peer, threads));
        } catch (PeerProcess.LeftOut e) {
          missing.add(peer.label() + " (" + e.getMessage() + ")");
        }
      }
      if (peers.isEmpty()) {
        throw InvalidRequestException.of(
            "--peers",
            "a Python with torch or jax",
            "'" + python + "' without " + String.join(", ", missing),
            "Install one of them there, or pass another Python.");
      }
    } catch (RuntimeException e) {
      close();
      throw e;
    }
    System.out.println(
        "peers: "
            + peers.stream()
                .map(peer -> peer.peer().label() + " (" + peer.version() + ")")
                .collect(Collectors.joining(", "))
            + (missing.isEmpty() ? "" : "; left out: " + String.join(", ", missing)));
  }

  /** Times a case in turns and prints its line. */
  void time(OwnStep own, Grid grid, String label, Sizes sizes, Pace pace) {
    own.run(pace.warmup());
    prepare(grid, sizes, pace.warmup());
    var others = new OtherProcesses(peers.stream().map(PeerProcess::id).toList());
    var rounds = new Rounds((pace.rounds() + 1) / 2);
    // The first call is the one that the JVM compiles.
    boolean hasPeak = PeakRate.gigaflops(threads).isPresent();
    for (int round = 0; round < pace.rounds(); round++) {
      double[] seconds = new double[(hasPeak ? 2 : 1) + peers.size()];
      others.start();
      own.newBatch();
      own.run(UNMEASURED_SECONDS);
      long[] nanoseconds = own.run(pace.seconds());
      seconds[0] = nanoseconds[nanoseconds.length / 2] * 1e-9;
      for (int i = 0; i < peers.size(); i++) {
        seconds[1 + i] = peers.get(i).burst(pace.seconds());
      }
      if (hasPeak) {
        // The last contestant is the machine: the time of the products alone at its peak.
        double peak = PeakRate.gigaflops(threads).orElseThrow();
        seconds[1 + peers.size()] = own.operations() * 1e-9 / peak;
      }
      rounds.add(seconds, others.share());
    }
    print(label, rounds, hasPeak);
  }

  /**
   * How long to time.
   *
   * @param seconds the length of a burst
   * @param warmup the time to run each contestant before the first round
   * @param rounds the number of rounds
   */
  record Pace(double seconds, double warmup, int rounds) {}

  private void prepare(Grid grid, Sizes sizes, double warmup) {
    List<Integer> numbers =
        List.of(grid.components(), sizes.batch(), sizes.inputs(), sizes.outputs(), sizes.rank());
    for (Iterator<PeerProcess> rest = peers.iterator(); rest.hasNext(); ) {
      PeerProcess peer = rest.next();
      try {
        peer.prepare(grid.family(), numbers, warmup);
      } catch (PeerProcess.LeftOut e) {
        System.out.println(
            "left out from here on: " + peer.peer().label() + " (" + e.getMessage() + ")");
        rest.remove();
        peer.close();
      }
    }
    if (peers.isEmpty()) {
      throw new RunFailedException(
          "No peer is left to compare with: all of them failed. Correct what they name above.");
    }
  }

  private void print(String label, Rounds rounds, boolean hasPeak) {
    var line = new StringBuilder(label);
    append(line, " ours %.3f", rounds.median(0) * 1e3);
    if (hasPeak) {
      appendShare(line, rounds, 0);
    }
    int best = 0;
    for (int i = 0; i < peers.size(); i++) {
      append(line, "  %s %.3f", peers.get(i).peer().label(), rounds.median(1 + i) * 1e3);
      if (hasPeak) {
        appendShare(line, rounds, 1 + i);
      }
      if (rounds.ratios(1 + i, 0).median() < rounds.ratios(1 + best, 0).median()) {
        best = i;
      }
    }
    Quartiles ratio = rounds.ratios(1 + best, 0);
    append(
        line,
        " ms  ratio %.2f (%.2f to %.2f, %s)%s",
        ratio.median(),
        ratio.lower(),
        ratio.upper(),
        peers.get(best).peer().label(),
        rounds.disturbed() ? " others were busy" : "");
    System.out.println(line);
    ratios.add(label.replaceAll(" B=.*", "").replaceAll(" +", " ").strip(), ratio.median());
  }

  /** Prints the geometric mean and the least of all ratios so far. */
  void printSummary() {
    Map.Entry<String, Double> least = ratios.least();
    System.out.println(
        String.format(
            Locale.ROOT,
            "best peer / ours: geometric mean %.2f of %d, least %.2f (%s)",
            ratios.geometricMean().orElseThrow(),
            ratios.size(),
            least.getValue(),
            least.getKey()));
  }

  @SuppressWarnings("AnnotateFormatMethod") // No dependence for an annotation.
  private static void append(StringBuilder line, String format, Object... values) {
    line.append(String.format(Locale.ROOT, format, values));
  }

  /** Appends which share of the peak a contestant reaches. */
  private void appendShare(StringBuilder line, Rounds rounds, int contestant) {
    append(line, " (%.0f %%)", 100 * rounds.ratios(1 + peers.size(), contestant).median());
  }

  @Override
  public void close() {
    peers.forEach(PeerProcess::close);
  }
}
