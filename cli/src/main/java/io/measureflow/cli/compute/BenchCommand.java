package io.measureflow.cli.compute;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Executable;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.backend.Workspace;
import io.measureflow.api.data.Schema;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.error.RunFailedException;
import io.measureflow.api.flow.Flow;
import io.measureflow.api.measure.Family;
import io.measureflow.api.model.Loss;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.registry.Extensions;
import io.measureflow.api.registry.Registry;
import io.measureflow.cli.command.Command;
import io.measureflow.cli.command.Setting;
import io.measureflow.cli.command.Wiring;
import io.measureflow.config.RunConfig;
import io.measureflow.core.activations.Activations;
import io.measureflow.core.layers.MixtureLayer;
import io.measureflow.core.model.Initialization;
import io.measureflow.core.training.Objective;
import io.measureflow.core.training.Trainable;
import io.measureflow.core.training.TrainingPrograms;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/**
 * {@code measureflow bench step}: the time of a training step (forward, loss, gradients, update) on
 * dense random features, of one mixture layer (relu, without bias) for a grid of families and
 * numbers of components, or of a stack of layers; by default a Wasserstein step under softmax
 * cross-entropy.
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

  private static final String LAYERS = "--layers";
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
  private static final List<Setting> STEP_SETTINGS =
      List.of(
          FLOW,
          LOSS,
          new Setting(
              LAYERS,
              "model.layers",
              "LAYERS",
              "A stack of layers, as for train, in place of the grid of families and numbers of"
                  + " components."));

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

  /**
   * What is timed.
   *
   * @param label what the line begins with
   */
  private record Case(String label, ModelSpec model) {

    static Case of(Family family, int components, Sizes sizes) {
      return new Case(
          String.format(Locale.ROOT, "%-10s K=%-5d", family.name(), components),
          new ModelSpec(
              List.of(
                  new MixtureLayer(
                      family,
                      Activations.RELU,
                      false,
                      sizes.inputs(),
                      sizes.outputs(),
                      components,
                      family.rankRule() == Family.RankRule.FREE ? sizes.rank() : 0))));
    }
  }

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
                + " per case. Run it on an idle machine.",
            "",
            "  measureflow bench step",
            "  measureflow bench step --backend tornado --families diagonal --components 64,256",
            "  measureflow bench step --layers gm:diagonal:64x32,dense:10 --flow adam");
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
    Setting.addGroup(spec, "The step:", 1, STEP_SETTINGS);
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
    if (!what.equals(STEP)) {
      throw InvalidRequestException.of(
          "bench",
          STEP,
          what.isEmpty() ? "nothing" : "'" + what + "'",
          "Write: measureflow bench step");
    }
    RunConfig config =
        Setting.configuration(
            arguments, Stream.concat(STEP_SETTINGS.stream(), Setting.COMPUTING.stream()).toList());
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
    List<Case> cases = cases(arguments, config, wiring.extensions(), sizes);
    String further =
        Stream.of(FLOW, LOSS)
            .filter(setting -> Setting.given(arguments, setting.option()).isPresent())
            .map(setting -> setting.equals(FLOW) ? " flow=" + flow.name() : " loss=" + loss.name())
            .collect(Collectors.joining());
    double seconds = SECONDS.seconds(arguments);
    double warmup = WARMUP.seconds(arguments);
    try (Backend backend = wiring.backend()) {
      for (Case timed : cases) {
        time(backend, timed, flow, loss, sizes, further, seconds, warmup);
      }
    }
    return 0;
  }

  private static List<Case> cases(
      ParseResult arguments, RunConfig config, Extensions extensions, Sizes sizes) {
    Optional<String> layers = Setting.given(arguments, LAYERS);
    if (layers.isPresent()) {
      for (Choice choice : List.of(FAMILIES, COMPONENTS, RANK)) {
        if (Setting.given(arguments, choice.option()).isPresent()) {
          throw InvalidRequestException.of(
              LAYERS,
              "no " + choice.option() + " beside it",
              "both",
              "Say in " + LAYERS + " what each layer is.");
        }
      }
      return List.of(
          new Case(layers.get(), config.model().spec(extensions, sizes.inputs(), sizes.outputs())));
    }
    Registry<Family> known = extensions.of(Family.KIND);
    List<Family> families = FAMILIES.texts(arguments).stream().map(known::get).toList();
    List<Integer> components =
        COMPONENTS.texts(arguments).stream().map(COMPONENTS::wholeNumber).toList();
    return families.stream()
        .flatMap(family -> components.stream().map(k -> Case.of(family, k, sizes)))
        .toList();
  }

  private static void time(
      Backend backend,
      Case timed,
      Flow flow,
      Loss loss,
      Sizes sizes,
      String further,
      double seconds,
      double warmup) {
    ModelSpec model = timed.model();
    try (Workspace workspace = backend.newWorkspace();
        Executable step =
            workspace.compile(
                TrainingPrograms.step(
                    model, Objective.of(loss), flow, Trainable.DEFAULT, false, sizes.batch()))) {
      Initialization.parameters(model, 1, backend.description().precision())
          .forEach(workspace::write);
      fill(step, sizes, flow);
      run(step, warmup);
      long[] nanoseconds = run(step, seconds);
      double found = step.output(TrainingPrograms.LOSS).get(0);
      if (!Double.isFinite(found)) {
        throw new RunFailedException(
            timed.label().strip() + ": expected a finite loss, found " + found);
      }
      Arrays.sort(nanoseconds);
      System.out.print(
          String.format(
              Locale.ROOT,
              "%s B=%d d=%d p=%d %-8s threads=%d%s median %.3f ms  min %.3f ms%n",
              timed.label(),
              sizes.batch(),
              sizes.inputs(),
              sizes.outputs(),
              backend.description().name(),
              backend.description().threads(),
              further,
              nanoseconds[nanoseconds.length / 2] / 1e6,
              nanoseconds[0] / 1e6));
    }
  }

  private static void fill(Executable step, Sizes sizes, Flow flow) {
    var random = new SplittableRandom(1);
    Tensor features = step.input(TrainingPrograms.FEATURES);
    for (int i = 0; i < features.shape().size(); i++) {
      features.set(i, random.nextDouble());
    }
    Tensor targets = step.input(TrainingPrograms.TARGETS);
    boolean classes = targets.type() == ElementType.INT32;
    for (int i = 0; i < targets.shape().size(); i++) {
      targets.set(i, classes ? random.nextInt(sizes.outputs()) : random.nextDouble());
    }
    step.input(TrainingPrograms.RATE).set(0, flow.defaultLearningRate(0.1));
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
