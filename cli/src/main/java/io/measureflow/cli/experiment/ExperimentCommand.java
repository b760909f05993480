package io.measureflow.cli.experiment;

import io.measureflow.Versions;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.cli.command.Command;
import io.measureflow.cli.command.Setting;
import io.measureflow.cli.command.Wiring;
import io.measureflow.experiments.Experiments;
import io.measureflow.experiments.request.Environment;
import io.measureflow.experiments.request.Request;
import io.measureflow.experiments.request.Scale;
import java.nio.file.Path;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** {@code measureflow experiment}. */
public final class ExperimentCommand implements Command {

  private static final String QUICK = "--quick";
  private static final String FULL = "--full";
  private static final String DATA = "--data";
  private static final String OUTPUT = "--output";
  private static final String ONLY = "--only";

  @Override
  public String name() {
    return "experiment";
  }

  @Override
  public void describe(CommandSpec spec) {
    spec.usageMessage()
        .description(
            "Runs an experiment and writes its results (CSV) and its report (Markdown, PNG, HTML)"
                + " to a folder. Each result is on the disk before the next run begins, so the same"
                + " command continues an experiment that was stopped.",
            "",
            "  measureflow experiment parity --quick --data DIR")
        .footer(
            "",
            "Experiments:",
            Experiments.descriptions().stream()
                .map(experiment -> "  " + experiment.name() + ": " + experiment.title())
                .collect(Collectors.joining(System.lineSeparator())));
    spec.addPositional(
        PositionalParamSpec.builder()
            .paramLabel("NAME")
            .type(String.class)
            .arity("1")
            .index("0")
            .completionCandidates(
                Experiments.descriptions().stream().map(experiment -> experiment.name()).toList())
            .description("The experiment, one of those listed below.")
            .build());
    spec.addOption(
        OptionSpec.builder(QUICK)
            .type(boolean.class)
            .description("Takes minutes: fewer sizes, seeds and epochs.")
            .build());
    spec.addOption(
        OptionSpec.builder(FULL)
            .type(boolean.class)
            .description("Takes hours: more epochs and seeds than the reports in docs/experiments.")
            .build());
    spec.addOption(
        Setting.option(
                DATA,
                "DIR",
                "The folder with one folder per dataset (mnist, fashion-mnist, cifar10,"
                    + " tables). Default: data, where 'datasets fetch' puts them.")
            .build());
    spec.addOption(
        Setting.option(
                OUTPUT,
                "DIR",
                "The folder for the results. Default: runs/experiment-NAME, with -quick or -full"
                    + " appended.")
            .build());
    spec.addOption(
        Setting.option(
                ONLY,
                "TEXT",
                "Do only the runs whose key contains this text, for example \"dataset=mnist"
                    + " family=dirac\", and write no report.")
            .build());
    Setting.addGroup(spec, "Computing:", 1, Setting.COMPUTING);
    Setting.addConfiguration(spec, 2);
  }

  @Override
  public boolean opensBackend() {
    return true;
  }

  @Override
  public int run(ParseResult arguments) {
    String name = arguments.matchedPositionalValue(0, "");
    Scale scale = scale(arguments);
    Wiring wiring = Wiring.of(Setting.configuration(arguments, Setting.COMPUTING));
    String suffix =
        switch (scale) {
          case QUICK -> "-quick";
          case STANDARD -> "";
          case FULL -> "-full";
        };
    var request =
        new Request(
            name,
            scale,
            Path.of(Setting.given(arguments, DATA).orElse("data")),
            Path.of(Setting.given(arguments, OUTPUT).orElse("runs/experiment-" + name + suffix)),
            Setting.given(arguments, ONLY),
            "measureflow experiment "
                + name
                + switch (scale) {
                  case QUICK -> " " + QUICK;
                  case STANDARD -> "";
                  case FULL -> " " + FULL;
                }
                + Setting.given(arguments, ONLY).map(o -> " --only \"" + o + "\"").orElse("")
                + " --data DIR");
    Path written =
        Experiments.run(
            request,
            new Environment(wiring::backend, wiring::load, Versions.all(), System.err::println));
    System.out.println(written);
    return 0;
  }

  private static Scale scale(ParseResult arguments) {
    boolean quick = arguments.hasMatchedOption(QUICK);
    boolean full = arguments.hasMatchedOption(FULL);
    if (quick && full) {
      throw InvalidRequestException.of(
          QUICK, "one of --quick and --full, or neither", "both", "Omit one of them.");
    }
    return quick ? Scale.QUICK : full ? Scale.FULL : Scale.STANDARD;
  }
}
