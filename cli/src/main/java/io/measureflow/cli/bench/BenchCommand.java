package io.measureflow.cli.bench;

import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.cli.command.Command;
import io.measureflow.cli.command.Setting;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/**
 * {@code measureflow bench}: the time of training steps or whole networks, or the speed of matrix
 * products.
 */
public final class BenchCommand implements Command {

  private static final String STEP = "step";
  private static final String NETWORK = "network";
  private static final String PRODUCT = "product";

  static final Choice COMPONENTS =
      new Choice("--components", "LIST", "16,64,256,1024", "The numbers of components.");
  static final Choice BATCH = new Choice("--batch", "B", "128", "Rows per batch.");
  static final Choice INPUTS = new Choice("--inputs", "D", "784", "The number of features.");
  static final Choice OUTPUTS = new Choice("--outputs", "P", "10", "The number of classes.");
  static final Choice RANK =
      new Choice("--rank", "R", "4", "The rank, for families with a free rank.");
  static final Choice SECONDS =
      new Choice("--seconds", "S", "1", "The time to measure each case, or each burst of it.");
  static final Choice WARMUP =
      new Choice("--warmup", "S", "2", "The time to run each case before that.");

  private static final List<Choice> SHARED =
      List.of(COMPONENTS, BATCH, INPUTS, OUTPUTS, RANK, SECONDS, WARMUP);

  /** {@code --threads} is a number for steps, but may be several for products. */
  static final String THREADS = "--threads";

  @Override
  public String name() {
    return "bench";
  }

  @Override
  public void describe(CommandSpec spec) {
    spec.usageMessage()
        .description(
            "Times one training step of a mixture layer (relu, dense random features) for each"
                + " family and number of components, or of a stack of layers, and prints one line"
                + " per case; with --peers in turns with PyTorch and JAX. Or times training and"
                + " prediction of whole networks, with --peers in turns with PyTorch, and says what"
                + " memory they take. Or times the matrix products of steps in turns with OpenBLAS."
                + " Run it on an idle machine.",
            "",
            "  measureflow bench step",
            "  measureflow bench step --backend tornado --families diagonal --components 64,256",
            "  measureflow bench step --layers gm:diagonal:64x32,dense:10 --flow adam",
            "  measureflow bench step --threads 2 --peers venv/bin/python",
            "  measureflow bench network --threads 2 --peers venv/bin/python",
            "  measureflow bench product --threads 1,2");
    spec.addPositional(
        PositionalParamSpec.builder()
            .paramLabel("WHAT")
            .type(String.class)
            .arity("1")
            .index("0")
            .completionCandidates(List.of(STEP, NETWORK, PRODUCT))
            .description("What to time: step, network or product.")
            .build());
    SHARED.forEach(choice -> choice.addTo(spec));
    StepBench.CHOICES.forEach(choice -> choice.addTo(spec));
    spec.addOption(
        Setting.option(
                StepBench.PEERS,
                "PYTHON",
                "Time steps in turns with PyTorch and JAX, or networks in turns with PyTorch, as"
                    + " far as this Python interpreter has them.")
            .build());
    spec.addOption(
        OptionSpec.builder(StepBench.PLAN)
            .description("Print how the backend computes the step, in place of its time.")
            .build());
    NetworkBench.CHOICES.forEach(choice -> choice.addTo(spec));
    spec.addOption(
        OptionSpec.builder(NetworkBench.SERVE)
            .hidden(true)
            .description("Answer the requests of another bench.")
            .build());
    ProductBench.CHOICES.forEach(choice -> choice.addTo(spec));
    Setting.addGroup(spec, "The step:", 1, StepBench.SETTINGS);
    Setting.addGroup(spec, "Computing:", 2, Setting.COMPUTING);
    Setting.addConfiguration(spec, 3);
  }

  @Override
  public boolean opensBackend() {
    return true;
  }

  @Override
  public int run(ParseResult arguments) {
    String what = arguments.matchedPositionalValue(0, "");
    refuseOthers(arguments, what);
    switch (what) {
      case STEP -> StepBench.run(arguments);
      case NETWORK -> NetworkBench.run(arguments);
      case PRODUCT -> ProductBench.run(arguments);
      default ->
          throw InvalidRequestException.of(
              "bench",
              STEP + ", " + NETWORK + " or " + PRODUCT,
              what.isEmpty() ? "nothing" : "'" + what + "'",
              "Write: measureflow bench step, measureflow bench network, or measureflow bench"
                  + " product");
    }
    return 0;
  }

  /** Returns the words that take an option, for those that not all take. */
  private static Map<String, List<String>> words() {
    var words = new LinkedHashMap<String, List<String>>();
    Stream.of(COMPONENTS, INPUTS, OUTPUTS, RANK)
        .forEach(choice -> words.put(choice.option(), List.of(STEP, PRODUCT)));
    StepBench.CHOICES.forEach(choice -> words.put(choice.option(), List.of(STEP)));
    StepBench.SETTINGS.forEach(setting -> words.put(setting.option(), List.of(STEP)));
    words.put(StepBench.PLAN, List.of(STEP));
    Stream.of(StepBench.PEERS, StepBench.PEER_NAMES.option(), StepBench.ROUNDS.option())
        .forEach(option -> words.put(option, List.of(STEP, NETWORK)));
    NetworkBench.CHOICES.forEach(choice -> words.put(choice.option(), List.of(NETWORK)));
    words.put(NetworkBench.SERVE, List.of(NETWORK));
    ProductBench.CHOICES.forEach(choice -> words.put(choice.option(), List.of(PRODUCT)));
    return words;
  }

  /** Refuses the options of what is timed by another word. */
  private static void refuseOthers(ParseResult arguments, String what) {
    List<String> given = arguments.matchedOptions().stream().map(OptionSpec::longestName).toList();
    words()
        .forEach(
            (option, takers) -> {
              if (given.contains(option) && !takers.contains(what)) {
                throw InvalidRequestException.of(
                    option,
                    takers.stream().map("bench "::concat).collect(Collectors.joining(" or ")),
                    "bench " + what,
                    "Leave the option out.");
              }
            });
  }
}
