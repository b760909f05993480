package io.measureflow.cli.predict;

import io.measureflow.TrainedModel;
import io.measureflow.api.backend.Backend;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.model.Loss;
import io.measureflow.cli.command.Command;
import io.measureflow.cli.command.Setting;
import io.measureflow.cli.command.Wiring;
import io.measureflow.cli.terminal.Text;
import io.measureflow.config.RunConfig;
import io.measureflow.core.metrics.Evaluation;
import java.util.Locale;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code measureflow evaluate}. */
public final class EvaluateCommand implements Command {

  @Override
  public String name() {
    return "evaluate";
  }

  @Override
  public void describe(CommandSpec spec) {
    spec.usageMessage()
        .description(
            "Measures the loss and accuracy of a model on the test rows of a dataset, or on all"
                + " rows if it has no test rows.",
            "",
            "  measureflow evaluate --model RUN/model.safetensors --dataset mnist --data DIR");
    spec.addOption(ModelFile.option());
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
    Wiring wiring = Wiring.of(config);
    TrainedModel model = TrainedModel.load(ModelFile.of(arguments), wiring.extensions());
    try (Backend backend = wiring.backend();
        Dataset dataset =
            wiring.load(
                model.treatingAlike(
                    config
                        .dataset()
                        .request(
                            backend.description().precision(), DatasetRequest.Use.EVALUATE)))) {
      Loss loss = config.training().loss(wiring.extensions(), dataset.schema().target());
      Evaluation metrics = model.evaluate(dataset, loss, backend);
      line("rows", Text.count(metrics.rows()) + (dataset.test().isPresent() ? " (test)" : ""));
      line("loss", String.valueOf(metrics.loss()));
      if (!Double.isNaN(metrics.accuracy())) {
        line("accuracy", Text.percent(metrics.accuracy()));
      }
    }
    return 0;
  }

  private static void line(String name, String value) {
    System.out.print(String.format(Locale.ROOT, "%-9s %s%n", name, value));
  }
}
