package io.measureflow.cli.bench;

import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.error.RunFailedException;
import io.measureflow.cli.bench.peers.Peer;
import io.measureflow.cli.bench.peers.PeerProcess;
import io.measureflow.cli.bench.peers.PeerScripts;
import io.measureflow.cli.bench.timing.OtherProcesses;
import io.measureflow.cli.bench.timing.PeakRate;
import io.measureflow.cli.bench.timing.Quartiles;
import io.measureflow.cli.bench.timing.Rounds;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Ours and what the peers run, in turns: in each round every contestant runs for one burst, so all
 * of them meet the same states of the machine.
 *
 * <p>A peer that waits for its turn reads its input and uses no processor. Threads of a library may
 * spin for some milliseconds after its last step (those of OpenMP do). To keep them from it ({@code
 * OMP_WAIT_POLICY}, {@code KMP_BLOCKTIME}) would slow its own steps down, so each burst begins with
 * steps that do not count instead, and is long.
 */
final class PeerComparison implements AutoCloseable {

  /** The shortest burst that the spinning of others does not matter for. */
  static final double LEAST_SECONDS = 0.3;

  private final int threads;
  private final List<PeerProcess> peers = new ArrayList<>();
  private final List<String> missing = new ArrayList<>();

  /**
   * What came out for a case.
   *
   * @param line its line
   * @param key what its line begins with, in short
   * @param ratio the time of the best peer through ours; empty without peers
   * @param best the best peer; empty without peers
   */
  record Outcome(String line, String key, OptionalDouble ratio, Optional<PeerProcess> best) {}

  /** Compares with nobody. */
  PeerComparison(int threads) {
    this.threads = threads;
  }

  /**
   * Starts the peers whose library is there.
   *
   * @throws InvalidRequestException if the interpreter is none, or has none of the libraries
   */
  PeerComparison(String python, PeerScripts scripts, List<Peer> wanted, int threads) {
    this(threads);
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
  }

  /** Returns which peers there are, in one line. */
  String contestants() {
    return "peers: "
        + peers.stream()
            .map(peer -> peer.label() + " (" + peer.version() + ")")
            .collect(Collectors.joining(", "))
        + (missing.isEmpty() ? "" : "; left out: " + String.join(", ", missing));
  }

  /** Returns the peers that take part. */
  List<PeerProcess> peers() {
    return List.copyOf(peers);
  }

  /** Times what is prepared, in turns. */
  Outcome time(Own own, String label, Pace pace) {
    var others =
        new OtherProcesses(
            Stream.concat(own.processes().stream(), peers.stream().map(PeerProcess::id)).toList());
    var rounds = new Rounds((pace.rounds() + 1) / 2);
    // The first call is the one that the JVM compiles.
    boolean hasPeak = PeakRate.gigaflops(threads).isPresent();
    for (int round = 0; round < pace.rounds(); round++) {
      double[] seconds = new double[(hasPeak ? 2 : 1) + peers.size()];
      others.start();
      seconds[0] = own.burst(pace.seconds());
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
    return outcome(label, rounds, hasPeak);
  }

  /**
   * How long to time.
   *
   * @param seconds the length of a burst
   * @param warmup the time to run each contestant before the first round
   * @param rounds the number of rounds
   */
  record Pace(double seconds, double warmup, int rounds) {}

  /**
   * Makes and warms up what the peers run. A peer that cannot is left out; a line on standard
   * output says so.
   *
   * @param what the words of the request
   * @throws RunFailedException if no peer is left
   */
  void prepare(String what, double warmup) {
    for (Iterator<PeerProcess> rest = peers.iterator(); rest.hasNext(); ) {
      PeerProcess peer = rest.next();
      try {
        peer.prepare(what, warmup);
      } catch (PeerProcess.LeftOut e) {
        System.out.println("left out from here on: " + peer.label() + " (" + e.getMessage() + ")");
        rest.remove();
        peer.close();
      }
    }
    if (peers.isEmpty()) {
      throw new RunFailedException(
          "No peer is left to compare with: all of them failed. Correct what they name above.");
    }
  }

  private Outcome outcome(String label, Rounds rounds, boolean hasPeak) {
    var line = new StringBuilder(label);
    append(line, " ours %.3f", rounds.median(0) * 1e3);
    if (hasPeak) {
      appendShare(line, rounds, 0);
    }
    int best = 0;
    for (int i = 0; i < peers.size(); i++) {
      append(line, "  %s %.3f", peers.get(i).label(), rounds.median(1 + i) * 1e3);
      if (hasPeak) {
        appendShare(line, rounds, 1 + i);
      }
      if (rounds.ratios(1 + i, 0).median() < rounds.ratios(1 + best, 0).median()) {
        best = i;
      }
    }
    line.append(" ms");
    String key = label.replaceAll(" B=.*", "").replaceAll(" +", " ").strip();
    String busy = rounds.disturbed() ? " others were busy" : "";
    if (peers.isEmpty()) {
      return new Outcome(
          line.append(busy).toString(), key, OptionalDouble.empty(), Optional.empty());
    }
    Quartiles ratio = rounds.ratios(1 + best, 0);
    append(
        line,
        "  ratio %.2f (%.2f to %.2f, %s)%s",
        ratio.median(),
        ratio.lower(),
        ratio.upper(),
        peers.get(best).label(),
        busy);
    return new Outcome(
        line.toString(), key, OptionalDouble.of(ratio.median()), Optional.of(peers.get(best)));
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
