package io.measureflow.cli.compute;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.Executable;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.backend.Workspace;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.error.RunFailedException;
import io.measureflow.api.measure.Family;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.registry.Registry;
import io.measureflow.cli.command.Command;
import io.measureflow.cli.command.Setting;
import io.measureflow.cli.command.Wiring;
import io.measureflow.core.activations.Activations;
import io.measureflow.core.flows.Wasserstein;
import io.measureflow.core.layers.MixtureLayer;
import io.measureflow.core.losses.Losses;
import io.measureflow.core.model.Initialization;
import io.measureflow.core.training.Objective;
import io.measureflow.core.training.Trainable;
import io.measureflow.core.training.TrainingPrograms;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/**
 * {@code measureflow bench step}: the time of a training step (forward, loss, gradients,
 * Wasserstein step) of one mixture layer under softmax cross-entropy, relu, without bias, on dense
 * random features, for a grid of families and numbers of components.
 */
public final class BenchCommand implements Command {

  private static final String STEP = "step";
  private static final Choice FAMILIES =
      new Choice("--families", "NAMES", "dirac,isotropic,diagonal,factored", "The families.");
  private static final Choice COMPONENTS =
      new Choice("--components", "LIST", "16,64,256,1024", "The numbers of components.");
  private static final Choice BATCH = new Choice("--batch", "B", "128", "Rows per batch.");
  private static final Choice INPUTS =
      new Choice("--inputs", "D", "784", "The number of features.");
  private static final Choice OUTPUTS =
      new Choice("--outputs", "P", "10", "The number of classes.");
  private static final Choice RANK =
      new Choice("--rank", "R", "4", "The rank, for families with a free rank.");
  private static final Choice SECONDS =
      new Choice("--seconds", "S", "1", "The time to measure each case.");
  private static final Choice WARMUP =
      new Choice("--warmup", "S", "2", "The time to run each case before that.");

  /**
   * An option with a default.
   *
   * @param option its name
   * @param label the name of its value in the help
   * @param defaultValue its default
   * @param description its description in the help
   */
  private record Choice(String option, String label, String defaultValue, String description) {

    void addTo(CommandSpec spec) {
      spec.addOption(
          Setting.option(option, label, description + " Default: " + defaultValue + ".").build());
    }

    String text(ParseResult arguments) {
      return Setting.given(arguments, option).orElse(defaultValue);
    }

    List<String> texts(ParseResult arguments) {
      return List.of(text(arguments).strip().split("\\s*,\\s*", -1));
    }

    int wholeNumber(ParseResult arguments) {
      return wholeNumber(text(arguments));
    }

    int wholeNumber(String text) {
      if (!text.matches("0*[1-9][0-9]{0,6}")) {
        throw wrong("a whole number of at least 1", text);
      }
      return Integer.parseInt(text);
    }

    double seconds(ParseResult arguments) {
      String text = text(arguments);
      if (!text.matches("[0-9]{1,4}(\\.[0-9]*)?")) {
        throw wrong("a number of seconds", text);
      }
      return Double.parseDouble(text);
    }

    private InvalidRequestException wrong(String expected, String found) {
      return InvalidRequestException.of(option, expected, "'" + found + "'", "Correct the value.");
    }
  }

  /** The minimum number of runs, however long they take. */
  private static final int LEAST_RUNS = 10;

  /**
   * The sizes of a step.
   *
   * @param batch B
   * @param inputs d
   * @param outputs p
   * @param rank r, for families with a free rank
   */
  private record Sizes(int batch, int inputs, int outputs, int rank) {}

  @Override
  public String name() {
    return "bench";
  }

  @Override
  public void describe(CommandSpec spec) {
    spec.usageMessage()
        .description(
            "Times one training step of a mixture layer (relu, softmax cross-entropy, dense random"
                + " features) for each family and number of components, and prints one line per"
                + " case. Run it on an idle machine.",
            "",
            "  measureflow bench step",
            "  measureflow bench step --backend tornado --families diagonal --components 64,256");
    spec.addPositional(
        PositionalParamSpec.builder()
            .paramLabel("WHAT")
            .type(String.class)
            .arity("1")
            .index("0")
            .completionCandidates(List.of(STEP))
            .description("What to time: step.")
            .build());
    for (Choice choice :
        List.of(FAMILIES, COMPONENTS, BATCH, INPUTS, OUTPUTS, RANK, SECONDS, WARMUP)) {
      choice.addTo(spec);
    }
    Setting.addGroup(spec, "Computing:", 1, Setting.COMPUTING);
    Setting.addConfiguration(spec, 2);
  }

  @Override
  public boolean opensBackend() {
    return true;
  }

  @Override
  public int run(ParseResult arguments) {
    String what = arguments.matchedPositionalValue(0, "");
    if (!what.equals(STEP)) {
      throw InvalidRequestException.of(
          "bench",
          STEP,
          what.isEmpty() ? "nothing" : "'" + what + "'",
          "Write: measureflow bench step");
    }
    Wiring wiring = Wiring.of(Setting.configuration(arguments, Setting.COMPUTING));
    Registry<Family> known = wiring.extensions().of(Family.KIND);
    List<Family> families = FAMILIES.texts(arguments).stream().map(known::get).toList();
    List<Integer> components =
        COMPONENTS.texts(arguments).stream().map(COMPONENTS::wholeNumber).toList();
    var sizes =
        new Sizes(
            BATCH.wholeNumber(arguments),
            INPUTS.wholeNumber(arguments),
            OUTPUTS.wholeNumber(arguments),
            RANK.wholeNumber(arguments));
    double seconds = SECONDS.seconds(arguments);
    double warmup = WARMUP.seconds(arguments);
    try (Backend backend = wiring.backend()) {
      for (Family family : families) {
        for (int k : components) {
          time(backend, family, k, sizes, seconds, warmup);
        }
      }
    }
    return 0;
  }

  private static void time(
      Backend backend, Family family, int components, Sizes sizes, double seconds, double warmup) {
    var model =
        new ModelSpec(
            List.of(
                new MixtureLayer(
                    family,
                    Activations.RELU,
                    false,
                    sizes.inputs(),
                    sizes.outputs(),
                    components,
                    family.rankRule() == Family.RankRule.FREE ? sizes.rank() : 0)));
    try (Workspace workspace = backend.newWorkspace();
        Executable step =
            workspace.compile(
                TrainingPrograms.step(
                    model,
                    Objective.of(Losses.SOFTMAX_CROSS_ENTROPY),
                    Wasserstein.of(),
                    Trainable.DEFAULT,
                    false,
                    sizes.batch()))) {
      Initialization.parameters(model, 1, backend.description().precision())
          .forEach(workspace::write);
      fill(step, sizes);
      run(step, warmup);
      long[] nanoseconds = run(step, seconds);
      double loss = step.output(TrainingPrograms.LOSS).get(0);
      if (!Double.isFinite(loss)) {
        throw new RunFailedException(
            family.name() + " K=" + components + ": expected a finite loss, found " + loss);
      }
      Arrays.sort(nanoseconds);
      System.out.print(
          String.format(
              Locale.ROOT,
              "%-10s K=%-5d B=%d d=%d p=%d %-8s threads=%d median %.3f ms  min %.3f ms%n",
              family.name(),
              components,
              sizes.batch(),
              sizes.inputs(),
              sizes.outputs(),
              backend.description().name(),
              backend.description().threads(),
              nanoseconds[nanoseconds.length / 2] / 1e6,
              nanoseconds[0] / 1e6));
    }
  }

  private static void fill(Executable step, Sizes sizes) {
    var random = new SplittableRandom(1);
    Tensor features = step.input(TrainingPrograms.FEATURES);
    for (int i = 0; i < features.shape().size(); i++) {
      features.set(i, random.nextDouble());
    }
    Tensor targets = step.input(TrainingPrograms.TARGETS);
    for (int row = 0; row < sizes.batch(); row++) {
      targets.set(row, random.nextInt(sizes.outputs()));
    }
    step.input(TrainingPrograms.RATE).set(0, 0.1);
    step.input(TrainingPrograms.STEP).set(0, 1);
  }

  /** Runs the step for some time and returns the time of each run. */
  private static long[] run(Executable step, double seconds) {
    long[] nanoseconds = new long[1024];
    int count = 0;
    long end = System.nanoTime() + (long) (seconds * 1e9);
    for (long start = System.nanoTime(); start < end || count < LEAST_RUNS; ) {
      step.run();
      long now = System.nanoTime();
      if (count == nanoseconds.length) {
        nanoseconds = Arrays.copyOf(nanoseconds, 2 * count);
      }
      nanoseconds[count++] = now - start;
      start = System.nanoTime();
    }
    return Arrays.copyOf(nanoseconds, count);
  }
}
