package io.measureflow.cli.predict;

import io.measureflow.TrainedModel;
import io.measureflow.api.backend.Backend;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.io.AtomicFile;
import io.measureflow.api.model.Loss;
import io.measureflow.cli.command.Command;
import io.measureflow.cli.command.Setting;
import io.measureflow.cli.command.Wiring;
import io.measureflow.cli.run.JudgedRows;
import io.measureflow.cli.run.MetricsText;
import io.measureflow.cli.terminal.Text;
import io.measureflow.config.RunConfig;
import io.measureflow.core.metrics.Evaluation;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code measureflow evaluate}. */
public final class EvaluateCommand implements Command {

  private static final String METRICS = "--metrics";
  private static final String ALL = "all";
  private static final int WIDTH = 9;

  @Override
  public String name() {
    return "evaluate";
  }

  @Override
  public void describe(CommandSpec spec) {
    spec.usageMessage()
        .description(
            "Measures a model on the test rows of a dataset, or on all rows if it has no test rows:"
                + " for classes accuracy, log loss, calibration error (ECE), precision, recall and"
                + " F1, the confusion matrix, and the area under the ROC curve of two; for real"
                + " targets RMSE, MAE and R2 in their own units. Without --dataset the data are"
                + " those that the model was trained on, and the rows those that the run held out.",
            "",
            "  measureflow evaluate --model RUN",
            "  measureflow evaluate --model RUN --data NEW.csv",
            "  measureflow evaluate --model RUN/best.safetensors --dataset mnist --data DIR");
    spec.addOption(ModelFile.option());
    spec.addOption(
        Setting.option(METRICS, "FILE", "Also write everything as JSON (docs/metrics.md).")
            .build());
    Setting.addGroup(spec, "Data:", 1, Setting.DATA);
    Setting.addGroup(spec, "Computing:", 2, Setting.COMPUTING);
    Setting.addConfiguration(spec, 3);
  }

  @Override
  public boolean opensBackend() {
    return true;
  }

  @Override
  public int run(ParseResult arguments) {
    // The option --model is a file here, and not the setting of that name.
    RunConfig config =
        Setting.configuration(
            arguments, Stream.concat(Setting.DATA.stream(), Setting.COMPUTING.stream()).toList());
    Wiring wiring = Wiring.of(config);
    TrainedModel model = TrainedModel.load(ModelFile.of(arguments), wiring.extensions());
    EvaluationData data = EvaluationData.of(arguments, config, model);
    try (Backend backend = wiring.backend();
        Dataset dataset =
            wiring.load(model.treatingAlike(data.request(backend.description().precision())))) {
      data.requireSame(dataset);
      Loss loss = data.config().training().loss(wiring.extensions(), dataset.schema().target());
      boolean all = dataset.test().isEmpty() && !data.ofTheRun();
      RunConfig run = data.config();
      JudgedRows rows =
          all
              ? new JudgedRows(dataset.train(), ALL)
              : JudgedRows.of(dataset, run.training().validation().orElse(0), run.seed());
      Evaluation evaluation = model.evaluate(dataset, rows.table(), loss, backend);
      line("data", data.described());
      line("rows", Text.count((double) evaluation.rows()) + remark(data, rows));
      System.out.print(MetricsText.lines(evaluation, String.valueOf(evaluation.loss()), "", WIDTH));
      System.out.print(MetricsText.tables(evaluation));
      Optional<Path> file = Setting.given(arguments, METRICS).map(Path::of);
      file.ifPresent(
          path -> {
            var about = new LinkedHashMap<String, String>();
            about.put("data", dataset.name());
            about.put("part", rows.part());
            AtomicFile.write(path, evaluation.json(about));
          });
    }
    return 0;
  }

  /** Says which rows these are. */
  private static String remark(EvaluationData data, JudgedRows rows) {
    return switch (rows.part()) {
      case JudgedRows.TRAINING -> " (the training rows: the run held out none)";
      case ALL ->
          data.mayBeTrainedOn() ? " (all, including those that the model was trained on)" : "";
      default -> " (" + rows.part() + ")";
    };
  }

  private static void line(String name, String value) {
    System.out.print(String.format(Locale.ROOT, "%-" + WIDTH + "s %s%n", name, value));
  }
}
