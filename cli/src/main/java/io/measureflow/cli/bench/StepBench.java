package io.measureflow.cli.bench;

import static io.measureflow.cli.bench.BenchCommand.BATCH;
import static io.measureflow.cli.bench.BenchCommand.COMPONENTS;
import static io.measureflow.cli.bench.BenchCommand.INPUTS;
import static io.measureflow.cli.bench.BenchCommand.OUTPUTS;
import static io.measureflow.cli.bench.BenchCommand.RANK;
import static io.measureflow.cli.bench.BenchCommand.SECONDS;
import static io.measureflow.cli.bench.BenchCommand.WARMUP;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.data.Schema;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.flow.Flow;
import io.measureflow.api.measure.Family;
import io.measureflow.api.model.Loss;
import io.measureflow.api.program.Shape;
import io.measureflow.api.registry.Extensions;
import io.measureflow.api.registry.Registry;
import io.measureflow.cli.bench.peers.Peer;
import io.measureflow.cli.bench.peers.PeerScripts;
import io.measureflow.cli.bench.timing.Ratios;
import io.measureflow.cli.command.Setting;
import io.measureflow.cli.command.Wiring;
import io.measureflow.config.RunConfig;
import io.measureflow.core.flows.Wasserstein;
import io.measureflow.core.losses.Losses;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.ParseResult;

/**
 * {@code measureflow bench step}: the time of a training step (forward, loss, gradients, update) on
 * dense random features, of one mixture layer (relu, without bias) for a grid of families and
 * numbers of components, or of a stack of layers; by default a Wasserstein step under softmax
 * cross-entropy.
 */
final class StepBench {

  private static final Choice FAMILIES =
      new Choice(
          "--families", "NAMES", "dirac,isotropic,diagonal,factored", "The families of steps.");
  static final Choice PEER_NAMES =
      new Choice(
          "--peer-names",
          "NAMES",
          Peer.names(Peer.Subject.STEP),
          "Which of the peers to time; for networks "
              + Peer.names(Peer.Subject.NETWORK)
              + " by default, else as follows.");
  static final Choice ROUNDS =
      new Choice(
          "--rounds",
          "N",
          "5",
          "With peers, or for networks: the number of rounds, in each of which every contestant"
              + " runs for --seconds.");

  /** The option that names the Python of the peers. */
  static final String PEERS = "--peers";

  /** The option that prints plans in place of times. */
  static final String PLAN = "--plan";

  static final List<Choice> CHOICES = List.of(FAMILIES, PEER_NAMES, ROUNDS);

  private static final Setting FLOW =
      new Setting(
          "--flow",
          "training.flow",
          "NAME",
          "How parameters follow the gradient, as for train. Default: wasserstein.");
  private static final Setting LOSS =
      new Setting(
          "--loss",
          "training.loss",
          "NAME",
          "The loss, one for classes or for real targets. Default: softmax_cross_entropy.");
  private static final Setting LAYERS =
      new Setting(
          "--layers",
          "model.layers",
          "LAYERS",
          "A stack of layers, as for train, in place of the grid of families and numbers of"
              + " components.");

  static final List<Setting> SETTINGS = List.of(FLOW, LOSS, LAYERS);

  private StepBench() {}

  static void run(ParseResult arguments) {
    Optional<String> python = Setting.given(arguments, PEERS);
    if (python.isEmpty()) {
      requireAlone(arguments);
    }
    RunConfig config =
        Setting.configuration(
            arguments, Stream.concat(SETTINGS.stream(), Setting.COMPUTING.stream()).toList());
    Wiring wiring = Wiring.of(config);
    var sizes =
        new Sizes(
            BATCH.wholeNumber(arguments),
            INPUTS.wholeNumber(arguments),
            OUTPUTS.wholeNumber(arguments),
            RANK.wholeNumber(arguments));
    Flow flow = config.training().flow(wiring.extensions());
    Loss loss =
        config.training().loss(wiring.extensions(), new Schema.Target.Classes(List.of("any")));
    if (python.isPresent() && arguments.hasMatchedOption(PLAN)) {
      throw InvalidRequestException.of(
          PLAN, "no " + PEERS + " beside it", "both", "Print the plan, or compare times.");
    }
    if (python.isPresent()) {
      requireKnown(arguments, flow, loss);
      compare(arguments, python.get(), wiring, flow, loss, sizes);
      return;
    }
    List<StepCase> cases = cases(arguments, config, wiring.extensions(), sizes);
    String further =
        Stream.of(FLOW, LOSS)
            .filter(setting -> Setting.given(arguments, setting.option()).isPresent())
            .map(setting -> setting.equals(FLOW) ? " flow=" + flow.name() : " loss=" + loss.name())
            .collect(Collectors.joining());
    double seconds = SECONDS.seconds(arguments);
    double warmup = WARMUP.seconds(arguments);
    boolean plan = arguments.hasMatchedOption(PLAN);
    try (Backend backend = wiring.backend()) {
      for (StepCase timed : cases) {
        try (var step = own(backend, timed, flow, loss, sizes)) {
          if (plan) {
            System.out.print(
                label(timed, sizes, backend)
                    + System.lineSeparator()
                    + step.plan().orElse("the backend does not tell its plan\n"));
            continue;
          }
          step.run(warmup);
          long[] nanoseconds = step.run(seconds);
          System.out.print(
              String.format(
                  Locale.ROOT,
                  "%s%s median %.3f ms  min %.3f ms%n",
                  label(timed, sizes, backend),
                  further,
                  nanoseconds[nanoseconds.length / 2] / 1e6,
                  nanoseconds[0] / 1e6));
        }
      }
    }
  }

  private static String label(StepCase timed, Sizes sizes, Backend backend) {
    return String.format(
        Locale.ROOT,
        "%s B=%d d=%d p=%d %-8s threads=%d",
        timed.label(),
        sizes.batch(),
        sizes.inputs(),
        sizes.outputs(),
        backend.description().name(),
        backend.description().threads());
  }

  private static List<StepCase> cases(
      ParseResult arguments, RunConfig config, Extensions extensions, Sizes sizes) {
    Optional<String> layers = Setting.given(arguments, LAYERS.option());
    if (layers.isPresent()) {
      for (Choice choice : List.of(FAMILIES, COMPONENTS, RANK)) {
        if (Setting.given(arguments, choice.option()).isPresent()) {
          throw InvalidRequestException.of(
              LAYERS.option(),
              "no " + choice.option() + " beside it",
              "both",
              "Say in " + LAYERS.option() + " what each layer is.");
        }
      }
      return List.of(
          new StepCase(
              layers.get(),
              config.model().spec(extensions, Shape.of(sizes.inputs()), sizes.outputs())));
    }
    Registry<Family> known = extensions.of(Family.KIND);
    List<Family> families = FAMILIES.texts(arguments).stream().map(known::get).toList();
    List<Integer> components = COMPONENTS.wholeNumbers(arguments);
    return families.stream()
        .flatMap(family -> components.stream().map(k -> StepCase.of(family, k, sizes)))
        .toList();
  }

  private static void compare(
      ParseResult arguments, String python, Wiring wiring, Flow flow, Loss loss, Sizes sizes) {
    List<Peer> peers =
        PEER_NAMES.texts(arguments).stream()
            .map(name -> Peer.named(Peer.Subject.STEP, PEER_NAMES.option(), name))
            .distinct()
            .toList();
    PeerComparison.Pace pace = pace(arguments);
    Registry<Family> known = wiring.extensions().of(Family.KIND);
    List<Integer> components = COMPONENTS.wholeNumbers(arguments);
    List<Family> families =
        FAMILIES.texts(arguments).stream().map(name -> family(known, name)).toList();
    var ratios = new Ratios();
    try (Backend backend = wiring.backend()) {
      requireSinglePrecision(backend);
      int threads = backend.description().threads();
      try (var comparison = new PeerComparison(python, PeerScripts.write(), peers, threads)) {
        System.out.println(comparison.contestants());
        for (Family family : families) {
          for (int k : components) {
            StepCase timed = StepCase.of(family, k, sizes);
            try (var own = own(backend, timed, flow, loss, sizes)) {
              own.run(pace.warmup());
              comparison.prepare(request(family, k, sizes), pace.warmup());
              PeerComparison.Outcome outcome =
                  comparison.time(own, label(timed, sizes, backend), pace);
              System.out.println(outcome.line());
              ratios.add(outcome.key(), outcome.ratio().orElseThrow());
            }
          }
        }
        System.out.println("best peer / ours: " + ratios.summary());
      }
    }
  }

  /** Returns how long to time in turns. */
  static PeerComparison.Pace pace(ParseResult arguments) {
    var pace =
        new PeerComparison.Pace(
            SECONDS.seconds(arguments), WARMUP.seconds(arguments), ROUNDS.wholeNumber(arguments));
    if (Setting.given(arguments, PEERS).isPresent()
        && pace.seconds() < PeerComparison.LEAST_SECONDS) {
      throw InvalidRequestException.of(
          SECONDS.option(),
          "at least " + PeerComparison.LEAST_SECONDS + " beside " + PEERS,
          SECONDS.text(arguments),
          "In shorter bursts the threads of other contestants are still awake.");
    }
    return pace;
  }

  private static OwnStep own(Backend backend, StepCase timed, Flow flow, Loss loss, Sizes sizes) {
    return OwnStep.training(backend, timed, flow, loss, flow.defaultLearningRate(0.1), sizes);
  }

  private static String request(Family family, int components, Sizes sizes) {
    return String.format(
        Locale.ROOT,
        "%s %d %d %d %d %d",
        family.name(),
        components,
        sizes.batch(),
        sizes.inputs(),
        sizes.outputs(),
        sizes.rank());
  }

  /** Refuses a backend that computes in another precision than the peers. */
  static void requireSinglePrecision(Backend backend) {
    if (backend.description().precision() != Precision.FLOAT32) {
      throw InvalidRequestException.of(
          PEERS,
          "a backend in float32, as the peers",
          backend.description().name() + " in " + backend.description().precision(),
          "Pass --precision float32, or another --backend.");
    }
  }

  private static Family family(Registry<Family> known, String name) {
    Family family = known.get(name);
    if (!Peer.FAMILIES.contains(family.name())) {
      throw InvalidRequestException.of(
          FAMILIES.option(),
          String.join(", ", Peer.FAMILIES) + " beside " + PEERS,
          "'" + name + "'",
          "Leave it out.");
    }
    return family;
  }

  /** Refuses what the peers' step has not. */
  private static void requireKnown(ParseResult arguments, Flow flow, Loss loss) {
    if (Setting.given(arguments, LAYERS.option()).isPresent()) {
      throw InvalidRequestException.of(
          PEERS,
          "no " + LAYERS.option() + " beside it",
          "both",
          "Peers know steps of one mixture layer; choose them with " + FAMILIES.option() + ".");
    }
    requireSame(FLOW, Wasserstein.of().name(), flow.name());
    requireSame(LOSS, Losses.SOFTMAX_CROSS_ENTROPY.name(), loss.name());
  }

  private static void requireSame(Setting setting, String ofPeers, String found) {
    if (!found.equals(ofPeers)) {
      throw InvalidRequestException.of(
          setting.option(),
          ofPeers + " beside " + PEERS,
          found,
          "Peers know no other; leave it out.");
    }
  }

  /** Refuses what only a comparison with peers has. */
  private static void requireAlone(ParseResult arguments) {
    for (Choice choice : List.of(PEER_NAMES, ROUNDS)) {
      if (Setting.given(arguments, choice.option()).isPresent()) {
        throw InvalidRequestException.of(
            choice.option(), PEERS + " beside it", "none", "Name a Python, or leave it out.");
      }
    }
  }
}
