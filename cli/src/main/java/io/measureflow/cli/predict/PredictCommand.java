package io.measureflow.cli.predict;

import io.measureflow.Datasets;
import io.measureflow.PredictionWriters;
import io.measureflow.TrainedModel;
import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.DatasetProvider;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.data.PredictionWriter;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.program.Shape;
import io.measureflow.cli.command.Command;
import io.measureflow.cli.command.Setting;
import io.measureflow.cli.command.Wiring;
import io.measureflow.cli.terminal.Text;
import io.measureflow.config.RunConfig;
import io.measureflow.core.training.Evaluator;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** {@code measureflow predict}. */
public final class PredictCommand implements Command {

  private static final String INPUT = "--input";
  private static final String OUTPUT = "--output";
  private static final List<String> COLUMNS =
      List.of("--label", "--separator", "--header", "--missing", "--scaling");
  private static final String VARIANCE = "--variance";

  /** Rows of a batch. */
  private static final int BATCH = 512;

  @Override
  public String name() {
    return "predict";
  }

  @Override
  public void describe(CommandSpec spec) {
    spec.usageMessage()
        .description(
            "Applies a model to the rows of a table and writes its outputs (for classes: the"
                + " logits), one row per input row, in columns y0, y1, ... The extension of a file"
                + " names its format: of the rows, one that 'measureflow datasets' lists; of the"
                + " predictions, one of "
                + String.join(", ", PredictionWriters.onClassPath().extensions())
                + ".",
            "",
            "  measureflow predict --model RUN/model.safetensors --input X.csv --output Y.csv");
    spec.addOption(
        Setting.option(EvaluateCommand.MODEL, "FILE", "The checkpoint (safetensors).")
            .required(true)
            .build());
    spec.addOption(
        Setting.option(
                INPUT,
                "FILE",
                "The rows. Every numeric column is a feature, except the label column if there is"
                    + " one.")
            .required(true)
            .build());
    spec.addOption(
        Setting.option(
                OUTPUT,
                "FILE",
                "The predictions. A file of that name is replaced once they are complete.")
            .required(true)
            .build());
    spec.addOption(
        OptionSpec.builder(VARIANCE)
            .type(boolean.class)
            .description(
                "Also write the variance of each output under the measure of the last layer, in"
                    + " columns variance0, variance1, ... This is the variance of one neuron drawn"
                    + " from the layer, not the uncertainty of the prediction; the mean over M"
                    + " drawn neurons has this variance divided by M.")
            .build());
    Setting.addGroup(
        spec,
        "Data:",
        1,
        Setting.DATA.stream().filter(setting -> COLUMNS.contains(setting.option())).toList());
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
    Path input = Path.of(Setting.given(arguments, INPUT).orElseThrow());
    Path output = Path.of(Setting.given(arguments, OUTPUT).orElseThrow());
    boolean variance = arguments.hasMatchedOption(VARIANCE);
    Wiring wiring = Wiring.of(config);
    Datasets datasets = wiring.datasets();
    String format = format(input, datasets);
    PredictionWriter writer = PredictionWriters.of(wiring.extensions()).get(output, OUTPUT);
    TrainedModel model =
        TrainedModel.load(
            Path.of(Setting.given(arguments, EvaluateCommand.MODEL).orElseThrow()),
            wiring.extensions());
    try (Backend backend = wiring.backend();
        Dataset dataset =
            wiring.load(
                model.treatingAlike(
                    DatasetRequest.of(format, Optional.of(input))
                        .withColumns(config.dataset().columns())
                        .withScaling(config.dataset().scaling())
                        .withPrecision(backend.description().precision())
                        .withUse(DatasetRequest.Use.PREDICT)));
        var evaluator = new Evaluator(backend, model.model(), BATCH)) {
      model.requireInputs(dataset);
      int outputs = model.outputs();
      List<String> columns = new ArrayList<>(names("y", outputs));
      if (variance) {
        columns.addAll(names("variance", outputs));
      }
      try (PredictionWriter.Rows rows = writer.open(output, columns)) {
        var checked = new FiniteRows(rows, input, columns);
        if (variance) {
          evaluator.predictWithVariance(
              dataset.train(),
              (batch, variances, size) -> checked.append(sideBySide(batch, variances), size));
        } else {
          evaluator.predict(dataset.train(), checked::append);
        }
        rows.commit();
      }
      System.out.println(
          output
              + ": "
              + Text.count(dataset.train().rows())
              + " rows of "
              + outputs
              + " outputs"
              + (variance ? " and their variances" : ""));
    }
    return 0;
  }

  private static List<String> names(String prefix, int count) {
    return IntStream.range(0, count).mapToObj(j -> prefix + j).toList();
  }

  /** Concatenates two batches [B, p] to one [B, 2p]. */
  private static Tensor sideBySide(Tensor left, Tensor right) {
    int rows = left.shape().dimension(0);
    int width = left.shape().dimension(1);
    Tensor both = Tensor.zeros(Shape.of(rows, 2 * width), left.type());
    for (int row = 0; row < rows; row++) {
      for (int j = 0; j < width; j++) {
        long at = 2L * row * width + j;
        both.set(at, left.get((long) row * width + j));
        both.set(at + width, right.get((long) row * width + j));
      }
    }
    return both;
  }

  private static String format(Path input, Datasets datasets) {
    String extension = extension(input);
    List<String> names =
        datasets.descriptions().stream().map(DatasetProvider.Description::name).toList();
    if (!names.contains(extension)) {
      throw InvalidRequestException.of(
          INPUT + " " + input,
          "a file whose extension is a format that can be read",
          "'" + extension + "'",
          "'measureflow datasets' lists the formats.");
    }
    return extension;
  }

  private static String extension(Path file) {
    String name = file.getFileName() == null ? "" : file.getFileName().toString();
    return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
  }
}
