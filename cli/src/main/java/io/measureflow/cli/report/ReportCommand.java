package io.measureflow.cli.report;

import io.measureflow.Origin;
import io.measureflow.TrainedModel;
import io.measureflow.api.backend.Backend;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.error.RunFailedException;
import io.measureflow.api.model.Loss;
import io.measureflow.cli.command.Command;
import io.measureflow.cli.command.Setting;
import io.measureflow.cli.command.Wiring;
import io.measureflow.cli.run.JudgedRows;
import io.measureflow.cli.run.RunFolder;
import io.measureflow.config.RunConfig;
import io.measureflow.core.metrics.Evaluation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** {@code measureflow report}. */
public final class ReportCommand implements Command {

  private static final System.Logger LOG = System.getLogger(ReportCommand.class.getName());
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
        folder
            .modelSoFar()
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
                trained.treatingAlike(
                    config
                        .dataset()
                        .request(
                            backend.description().precision(), DatasetRequest.Use.EVALUATE)))) {
      Optional<Origin> origin = trained.origin();
      if (origin.isPresent() && !arguments.hasMatchedOption("--test")) {
        origin.get().requireSame("report " + name, dataset);
      }
      JudgedRows judged =
          JudgedRows.of(dataset, config.training().validation().orElse(0), config.seed());
      RunReport.write(
          folder,
          config.dataset().title(),
          trained,
          dataset,
          judged,
          evaluation(
              trained,
              dataset,
              judged,
              config.training().loss(wiring.extensions(), dataset.schema().target()),
              backend),
          backend,
          file);
    }
    System.out.println(file);
    return 0;
  }

  /** A page is of use as well for a model that predicts numbers that are not finite. */
  private static Optional<Evaluation> evaluation(
      TrainedModel model, Dataset dataset, JudgedRows judged, Loss loss, Backend backend) {
    try {
      return Optional.of(model.evaluate(dataset, judged.table(), loss, backend));
    } catch (RunFailedException e) {
      LOG.log(System.Logger.Level.WARNING, "The report shows no predictions: {0}", e.getMessage());
      return Optional.empty();
    }
  }
}
