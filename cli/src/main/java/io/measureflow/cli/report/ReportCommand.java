package io.measureflow.cli.report;

import io.measureflow.TrainedModel;
import io.measureflow.api.backend.Backend;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.cli.command.Command;
import io.measureflow.cli.command.Setting;
import io.measureflow.cli.command.Wiring;
import io.measureflow.cli.run.RunFolder;
import io.measureflow.config.RunConfig;
import io.measureflow.core.training.TrainingSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** {@code measureflow report}. */
public final class ReportCommand implements Command {

  private static final String OUTPUT = "--output";

  @Override
  public String name() {
    return "report";
  }

  @Override
  public void describe(CommandSpec spec) {
    spec.usageMessage()
        .description(
            "Writes report.html, a page about a run: learning curves, mistakes, and the measure"
                + " that was learned. Training writes it as well; this command is for runs that"
                + " were interrupted or moved. It reads the data of the run again.",
            "",
            "  measureflow report runs/first");
    spec.addPositional(
        PositionalParamSpec.builder()
            .paramLabel("RUN")
            .type(String.class)
            .arity("1")
            .index("0")
            .description("The run folder.")
            .build());
    spec.addOption(
        Setting.option(OUTPUT, "FILE", "The page. Default: report.html in the run folder.")
            .build());
    Setting.addGroup(
        spec,
        "Data, if they were moved:",
        1,
        Setting.DATA.stream()
            .filter(setting -> List.of("--data", "--test").contains(setting.option()))
            .toList());
    Setting.addGroup(spec, "Computing:", 2, Setting.COMPUTING);
  }

  @Override
  public boolean opensBackend() {
    return true;
  }

  @Override
  public int run(ParseResult arguments) {
    String name = arguments.matchedPositionalValue(0, "");
    var folder = new RunFolder(Path.of(name));
    if (!Files.isRegularFile(folder.config())) {
      throw InvalidRequestException.of(
          "report " + name,
          "a run folder, with a file " + folder.config().getFileName(),
          Files.isDirectory(folder.path()) ? "a folder without one" : "no such folder",
          "Check the path.");
    }
    Path model =
        Stream.of(folder.model(), folder.best(), folder.last())
            .filter(Files::isRegularFile)
            .findFirst()
            .orElseThrow(
                () ->
                    InvalidRequestException.of(
                        "report " + name,
                        "a run with a model",
                        "none, as it has finished no epoch",
                        "Continue it with: measureflow train --resume " + name));
    Path file = Setting.given(arguments, OUTPUT).map(Path::of).orElse(folder.report());
    RunConfig config = Setting.configuration(arguments, Optional.of(folder.config()), Map.of());
    Wiring wiring = Wiring.of(config);
    TrainedModel trained = TrainedModel.load(model, wiring.extensions());
    try (Backend backend = wiring.backend();
        Dataset dataset =
            wiring.load(
                config
                    .dataset()
                    .request(backend.description().precision(), DatasetRequest.Use.TRAIN))) {
      TrainingSettings settings =
          config
              .completed(wiring.extensions(), dataset.train().rows(), dataset.preprocessing())
              .training()
              .settings(
                  wiring.extensions(),
                  trained.model().spec(),
                  dataset.schema().target(),
                  config.seed());
      RunReport.write(folder, config.dataset().title(), trained, dataset, settings, backend, file);
    }
    System.out.println(file);
    return 0;
  }
}
