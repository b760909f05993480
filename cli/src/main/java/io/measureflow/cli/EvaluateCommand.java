package io.measureflow.cli;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.data.Schema;
import io.measureflow.api.data.Table;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.model.Loss;
import io.measureflow.core.checkpoint.Checkpoint;
import io.measureflow.core.config.Backends;
import io.measureflow.core.config.Datasets;
import io.measureflow.core.config.RunConfig;
import io.measureflow.core.config.TrainingConfig;
import io.measureflow.core.model.Model;
import io.measureflow.core.training.Evaluator;
import io.measureflow.core.training.Metrics;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code measureflow evaluate}. */
final class EvaluateCommand implements Command {

  static final String MODEL = "--model";
  static final int BATCH = 512;

  @Override
  public String name() {
    return "evaluate";
  }

  @Override
  public void describe(CommandSpec spec) {
    spec.usageMessage()
        .description(
            "Measures loss and accuracy of a model on the test rows of a dataset, or on all rows"
                + " where there are no test rows.",
            "",
            "  measureflow evaluate --model RUN/model.safetensors --dataset mnist --data DIR");
    spec.addOption(
        Setting.option(MODEL, "FILE", "The checkpoint (safetensors).").required(true).build());
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
    RunConfig config = Setting.configuration(arguments);
    Checkpoint checkpoint = Checkpoint.load(Path.of(Setting.given(arguments, MODEL).orElseThrow()));
    Model model = checkpoint.model();
    try (Backend backend = Backends.onClassPath().open(config.backend());
        Dataset dataset =
            Datasets.onClassPath()
                .load(
                    config
                        .dataset()
                        .request(backend.description().precision(), DatasetRequest.Use.TRAIN)
                        .withPreprocessing(checkpoint.preprocessing()));
        var evaluator = new Evaluator(backend, model, BATCH)) {
      requireFit(model, dataset);
      Loss loss =
          config.training().loss().orElse(TrainingConfig.usualLoss(dataset.schema().target()));
      Table rows = dataset.test().orElse(dataset.train());
      Metrics metrics = evaluator.evaluate(rows, loss);
      line("rows", Text.count(metrics.rows()) + (dataset.test().isPresent() ? " (test)" : ""));
      line("loss", String.valueOf(metrics.loss()));
      if (!Double.isNaN(metrics.accuracy())) {
        line("accuracy", Text.percent(metrics.accuracy()));
      }
    }
    return 0;
  }

  private static void requireFit(Model model, Dataset dataset) {
    requireInputs(model, dataset);
    int needed =
        switch (dataset.schema().target()) {
          case Schema.Target.Classes(List<String> names) -> names.size();
          case Schema.Target.Real(List<String> names) -> names.size();
          case Schema.Target.None none -> 0;
        };
    if (model.spec().outputs() < needed) {
      throw InvalidRequestException.of(
          "outputs of the model",
          "at least " + needed + ", as the target of the data",
          String.valueOf(model.spec().outputs()),
          "Choose the data that the model was made for.");
    }
  }

  static void requireInputs(Model model, Dataset dataset) {
    if (dataset.schema().featureCount() != model.spec().inputs()) {
      throw InvalidRequestException.of(
          dataset.name(),
          model.spec().inputs() + " features, the inputs of the model",
          String.valueOf(dataset.schema().featureCount()),
          "Choose the data that the model was made for.");
    }
  }

  private static void line(String name, String value) {
    System.out.print(String.format(Locale.ROOT, "%-9s %s%n", name, value));
  }
}
