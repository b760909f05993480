package io.measureflow.cli.bench;

import static io.measureflow.cli.bench.BenchCommand.BATCH;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.error.RunFailedException;
import io.measureflow.cli.bench.peers.Peer;
import io.measureflow.cli.bench.peers.PeerProcess;
import io.measureflow.cli.bench.peers.PeerScripts;
import io.measureflow.cli.bench.timing.Ratios;
import io.measureflow.cli.command.Setting;
import io.measureflow.cli.command.Wiring;
import io.measureflow.config.Networks;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.ParseResult;

/**
 * {@code measureflow bench network}: the time of training steps and predictions of whole networks
 * on random images, and the memory that they take; beside PyTorch in turns. Every case runs in
 * processes of its own, ours too.
 */
final class NetworkBench {

  private static final Choice NETWORKS =
      new Choice("--networks", "NAMES", String.join(",", Peer.NETWORKS), "The networks.");
  private static final Choice SHAPES =
      new Choice(
          "--shapes",
          "NAMES",
          "mnist,cifar",
          "The images of networks: mnist (1x28x28) and cifar (3x32x32).");
  private static final Choice TASKS =
      new Choice(
          "--tasks",
          "NAMES",
          NetworkCase.TRAIN + "," + NetworkCase.PREDICT,
          "What networks do: train (forward, softmax cross-entropy, gradients, Adam) and predict.");

  static final List<Choice> CHOICES = List.of(NETWORKS, SHAPES, TASKS);

  /** The option that makes the command answer requests in place of a person's. */
  static final String SERVE = "--serve";

  private static final Map<String, Integer> CHANNELS = Map.of("mnist", 1, "cifar", 3);
  private static final Map<String, Integer> SIDES = Map.of("mnist", 28, "cifar", 32);
  private static final int CLASSES = 10;

  /** How far the losses of both sides may be apart, relative to them where they are above 1. */
  private static final double TOLERANCE = 1e-4;

  private final Optional<String> python;
  private final PeerScripts scripts;
  private final List<String> arguments;
  private final PeerComparison.Pace pace;
  private final List<Peer> wanted;
  private final Ratios times = new Ratios();
  private final Ratios memory = new Ratios();
  private final Map<String, Ratios> groups = new LinkedHashMap<>();
  private boolean introduced;

  private NetworkBench(
      Optional<String> python,
      PeerScripts scripts,
      List<String> arguments,
      PeerComparison.Pace pace,
      List<Peer> wanted) {
    this.python = python;
    this.scripts = scripts;
    this.arguments = arguments;
    this.pace = pace;
    this.wanted = new ArrayList<>(wanted);
  }

  static void run(ParseResult arguments) {
    Wiring wiring = Wiring.of(Setting.configuration(arguments, Setting.COMPUTING));
    if (arguments.hasMatchedOption(SERVE)) {
      serve(wiring);
      return;
    }
    Optional<String> python = Setting.given(arguments, StepBench.PEERS);
    Optional<String> names = Setting.given(arguments, StepBench.PEER_NAMES.option());
    if (python.isEmpty() && names.isPresent()) {
      throw InvalidRequestException.of(
          StepBench.PEER_NAMES.option(),
          StepBench.PEERS + " beside it",
          "none",
          "Name a Python, or leave it out.");
    }
    List<Peer> wanted =
        List.of(names.orElseGet(() -> Peer.names(Peer.Subject.NETWORK)).split(",", -1)).stream()
            .map(
                name ->
                    Peer.named(Peer.Subject.NETWORK, StepBench.PEER_NAMES.option(), name.strip()))
            .distinct()
            .toList();
    List<NetworkCase> cases = cases(arguments, python.isPresent() ? Peer.NETWORKS : Networks.NAMES);
    cases.forEach(each -> each.model(wiring.extensions()));
    PeerComparison.Pace pace = StepBench.pace(arguments);
    String backendName;
    int threads;
    // Opened once to know what it is, and closed before anything is timed.
    try (Backend backend = wiring.backend()) {
      if (python.isPresent()) {
        StepBench.requireSinglePrecision(backend);
      }
      backendName = backend.description().name();
      threads = backend.description().threads();
    }
    var own = new ArrayList<>(arguments.originalArgs());
    own.add(SERVE);
    var bench = new NetworkBench(python, PeerScripts.write(), own, pace, wanted);
    for (NetworkCase each : cases) {
      bench.time(each, backendName, threads);
    }
    bench.printSummary();
  }

  private static void serve(Wiring wiring) {
    var requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    try (Backend backend = wiring.backend()) {
      NetworkServer.serve(backend, wiring.extensions(), requests, System.out);
    } catch (IOException e) {
      throw new RunFailedException("Requests could not be read (" + e.getMessage() + ")", e);
    }
  }

  private static List<NetworkCase> cases(ParseResult arguments, List<String> known) {
    List<String> networks = named(NETWORKS, arguments, known);
    List<String> shapes = named(SHAPES, arguments, List.of("mnist", "cifar"));
    List<String> tasks = named(TASKS, arguments, List.of(NetworkCase.TRAIN, NetworkCase.PREDICT));
    int batch = BATCH.wholeNumber(arguments);
    var cases = new ArrayList<NetworkCase>();
    for (String network : networks) {
      for (String shape : shapes) {
        for (String task : tasks) {
          cases.add(
              new NetworkCase(
                  network,
                  CHANNELS.getOrDefault(shape, 1),
                  SIDES.getOrDefault(shape, 1),
                  CLASSES,
                  batch,
                  task));
        }
      }
    }
    return cases;
  }

  private static List<String> named(Choice choice, ParseResult arguments, List<String> known) {
    List<String> names = choice.texts(arguments);
    for (String name : names) {
      if (!known.contains(name)) {
        throw InvalidRequestException.of(
            choice.option(),
            "names of " + String.join(", ", known),
            "'" + name + "'",
            "Correct the name.");
      }
    }
    return names.stream().distinct().toList();
  }

  private void time(NetworkCase network, String backend, int threads) {
    String label =
        String.format(
            Locale.ROOT,
            "%-8s %-5s %-7s B=%d %-8s threads=%d",
            network.network(),
            network.channels() == 1 ? "mnist" : "cifar",
            network.task(),
            network.batch(),
            backend,
            threads);
    try (var own = new OwnProcess(arguments, scripts);
        PeerComparison comparison =
            python.isPresent()
                ? new PeerComparison(python.get(), scripts, wanted, threads)
                : new PeerComparison(threads)) {
      if (python.isPresent() && !introduced) {
        introduced = true;
        System.out.println(comparison.contestants());
      }
      own.prepare(network, pace.warmup());
      if (python.isPresent()) {
        comparison.prepare(network.request(), pace.warmup());
        List<String> present = comparison.peers().stream().map(PeerProcess::label).toList();
        wanted.removeIf(peer -> !present.contains(peer.label()));
        requireSame(label, own.process(), comparison.peers());
      }
      PeerComparison.Outcome outcome = comparison.time(own, label, pace);
      Memory ours = Memory.of(own.process());
      Optional<Memory> theirs = outcome.best().map(Memory::of);
      System.out.println(
          outcome.line() + ours.text("ours") + theirs.map(best -> best.text("peer")).orElse(""));
      outcome
          .ratio()
          .ifPresent(
              ratio -> {
                times.add(outcome.key(), ratio);
                groups.computeIfAbsent(group(network), _ -> new Ratios()).add(outcome.key(), ratio);
              });
      theirs
          .map(best -> best.growth() / ours.growth())
          .filter(ratio -> ratio > 0 && Double.isFinite(ratio))
          .ifPresent(ratio -> memory.add(outcome.key(), ratio));
    }
  }

  private static String group(NetworkCase network) {
    return network.network().startsWith("gm-") ? "gm-lenet" : "convolutions (lenet, resnet8)";
  }

  /** Checks that all compute the same: numbers of parameters, and losses for the same numbers. */
  private static void requireSame(String label, PeerProcess own, List<PeerProcess> peers) {
    double parameters = own.value("parameters");
    Path file = temporaryFile();
    try {
      double loss = own.value("loss " + file);
      for (PeerProcess peer : peers) {
        require(label + ", parameters", parameters, peer, peer.value("parameters"), 0);
        double found = peer.value("loss " + file);
        require(label + ", loss", loss, peer, found, TOLERANCE * Math.max(1, Math.abs(loss)));
      }
    } finally {
      delete(file);
    }
  }

  private static void require(
      String what, double ours, PeerProcess peer, double found, double tolerance) {
    if (!(Math.abs(found - ours) <= tolerance)) {
      throw new RunFailedException(
          what
              + ": expected "
              + ours
              + ", as ours, found "
              + found
              + " of "
              + peer.label()
              + ". Times of different networks are no comparison; leave the network out.");
    }
  }

  private static Path temporaryFile() {
    try {
      return Files.createTempFile("measureflow-network", ".safetensors");
    } catch (IOException e) {
      throw new RunFailedException(
          "No temporary file could be made (" + e + "). Make room, or set -Djava.io.tmpdir.", e);
    }
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      file.toFile().deleteOnExit();
    }
  }

  /**
   * What a process takes, in bytes.
   *
   * @param growth the peak less what was resident before the network was made
   * @param peak the largest resident memory
   */
  private record Memory(double growth, double peak) {

    static Memory of(PeerProcess process) {
      double peak = process.value("memory_peak");
      return new Memory(peak - process.value("memory_before"), peak);
    }

    String text(String whose) {
      return Double.isNaN(growth)
          ? ""
          : String.format(Locale.ROOT, "  %s +%.0f of %.0f MB", whose, growth * 1e-6, peak * 1e-6);
    }
  }

  private void printSummary() {
    if (times.size() == 0) {
      return;
    }
    System.out.println("best peer / ours: " + times.summary());
    if (groups.size() > 1) {
      groups.forEach((name, ratios) -> System.out.println(name + ": " + ratios.summary()));
    }
    if (memory.size() > 0) {
      System.out.println("memory, best peer / ours: " + memory.summary());
    }
  }
}
