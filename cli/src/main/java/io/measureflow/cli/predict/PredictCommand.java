package io.measureflow.cli.predict;

import io.measureflow.Datasets;
import io.measureflow.PredictionWriters;
import io.measureflow.TrainedModel;
import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.DatasetProvider;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.data.PredictionWriter;
import io.measureflow.api.data.PredictionWriter.Kept;
import io.measureflow.api.data.Table;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.io.AtomicFile;
import io.measureflow.cli.command.Command;
import io.measureflow.cli.command.Setting;
import io.measureflow.cli.command.Wiring;
import io.measureflow.cli.terminal.Text;
import io.measureflow.config.RunConfig;
import io.measureflow.core.training.Evaluator;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code measureflow predict}. */
public final class PredictCommand implements Command {

  private static final String INPUT = "--input";
  private static final String OUTPUT = "--output";
  private static final String FORMAT = "--format";
  private static final String KEEP = "--keep";
  private static final String FILE = "file";
  private static final String PART = "--part";
  private static final List<String> DATA =
      List.of(
          "--dataset",
          "--data",
          "--label",
          "--separator",
          "--header",
          "--missing",
          "--scaling",
          "--storage");

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
            "Applies a model to rows and writes a row of predictions for each: for classes the"
                + " name of the most probable and the probability of each, for real targets their"
                + " values in their own units. The rows are a table (--input) or anything that can"
                + " be trained on (--dataset, --data). The extension of a file names its format: of"
                + " a table, one that 'measureflow datasets' lists; of the predictions, one of "
                + String.join(", ", PredictionWriters.onClassPath().extensions())
                + ".",
            "",
            "  measureflow predict --model RUN --input X.csv --output Y.csv",
            "  measureflow predict --model RUN --input X.csv --keep id --output - | head",
            "  measureflow predict --model RUN --dataset images --data DIR --output Y.csv");
    spec.addOption(ModelFile.option());
    spec.addOption(
        Setting.option(
                INPUT,
                "FILE",
                "The rows, a table. Its columns are found by the names that the model was trained"
                    + " with, or every numeric column but the label is a feature.")
            .build());
    spec.addOption(
        Setting.option(
                OUTPUT,
                "FILE",
                "The predictions. A file of that name is replaced once they are complete; a pipe"
                    + " and standard output (-) are written as they are computed.")
            .required(true)
            .build());
    spec.addOption(
        Setting.option(
                PredictionColumns.OPTION,
                "PARTS",
                "What to write, separated by commas. prediction: the class by name, or each real"
                    + " target in its own units. probabilities: one column per class, by name."
                    + " outputs: what the last layer puts out (logits of classes), y0, y1, ..."
                    + " variance: of each output under the measure of the last layer, variance0,"
                    + " variance1, ..., in the units of outputs; it is the variance of one neuron"
                    + " drawn from the layer, not the uncertainty of the prediction. Default:"
                    + " prediction,probabilities for classes, prediction for real targets, outputs"
                    + " for a model that names neither.")
            .build());
    spec.addOption(
        Setting.option(
                KEEP,
                "COLUMNS",
                "Columns of the input table to write before the predictions, by name, separated by"
                    + " commas; for a folder of images: file.")
            .build());
    spec.addOption(
        Setting.option(
                FORMAT,
                "NAME",
                "The format of the predictions, where the name of the file does not say. Default:"
                    + " csv, for a pipe and standard output.")
            .build());
    spec.addOption(
        Setting.option(
                PART,
                "train|test",
                "The rows of a dataset that has both. Default: test, where it has test rows.")
            .completionCandidates(List.of("train", "test"))
            .build());
    Setting.addGroup(
        spec,
        "Data:",
        1,
        Setting.DATA.stream().filter(setting -> DATA.contains(setting.option())).toList());
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
    Path output = Path.of(Setting.given(arguments, OUTPUT).orElseThrow());
    Wiring wiring = Wiring.of(config);
    DatasetRequest source = source(arguments, config, wiring.datasets());
    PredictionWriters writers = PredictionWriters.of(wiring.extensions());
    Optional<String> format = format(arguments, output);
    PredictionWriter writer =
        format.isPresent() ? writers.ofFormat(format.get(), FORMAT) : writers.get(output, OUTPUT);
    TrainedModel model = TrainedModel.load(ModelFile.of(arguments), wiring.extensions());
    try (Backend backend = wiring.backend();
        Dataset dataset =
            wiring.load(
                model.treatingAlike(source.withPrecision(backend.description().precision())));
        var evaluator = new Evaluator(backend, model.model(), BATCH)) {
      model.requireInputs(dataset);
      var columns =
          PredictionColumns.of(
              Setting.given(arguments, PredictionColumns.OPTION),
              model,
              backend.description().precision().elementType());
      boolean test = isTest(arguments, dataset);
      Table table = test ? dataset.test().orElseThrow() : dataset.train();
      Optional<Path> file = test ? source.test() : source.data();
      List<String> files = test ? dataset.testFiles() : dataset.trainFiles();
      Optional<Kept> kept = kept(arguments, source, file);
      if (!files.isEmpty() && kept.map(Kept::columns).equals(Optional.of(List.of(FILE)))) {
        columns.startWithFiles(FILE, files);
        kept = Optional.empty();
      }
      var request = new PredictionWriter.Request(output, format, columns.columns(), kept);
      String from = file.map(Path::toString).orElse(dataset.name());
      try (PredictionWriter.Rows rows = writer.open(request)) {
        var checked = new FiniteRows(rows, columns, from, output);
        if (columns.variance()) {
          evaluator.predictWithVariance(table, checked::append);
        } else {
          evaluator.predict(table, (batch, size) -> checked.append(batch, batch, size));
        }
        rows.commit();
      }
      // The predictions themselves may be on standard output.
      PrintStream out = AtomicFile.isStandardOutput(output) ? System.err : System.out;
      out.println(
          output
              + ": "
              + Text.count(table.rows())
              + " rows of "
              + columns.described()
              + (dataset.test().isPresent()
                  ? ", for the " + (test ? "test" : "training") + " rows of " + dataset.name()
                  : ""));
    }
    return 0;
  }

  /** Returns the request for the rows. */
  private static DatasetRequest source(ParseResult arguments, RunConfig config, Datasets datasets) {
    Optional<Path> input = Setting.given(arguments, INPUT).map(Path::of);
    Optional<String> dataset = Setting.given(arguments, "--dataset");
    if (input.isPresent() && Setting.given(arguments, "--data").isPresent()) {
      throw InvalidRequestException.of(
          "the rows", INPUT + " or --data", "both", "Leave one of them out.");
    }
    if (input.isEmpty()
        && Stream.of("--dataset", "--data", "--config", "--set")
            .noneMatch(arguments::hasMatchedOption)) {
      throw InvalidRequestException.of(
          "the rows",
          INPUT + " FILE, or --dataset NAME --data PATH",
          "neither",
          "Name what to predict for.");
    }
    DatasetRequest rows =
        config
            .dataset()
            .request(Precision.FLOAT32, DatasetRequest.Use.PREDICT)
            .withSplit(DatasetRequest.Split.NONE);
    if (input.isEmpty()) {
      return rows;
    }
    return DatasetRequest.of(dataset.orElseGet(() -> format(input.get(), datasets)), input)
        .withColumns(rows.columns())
        .withScaling(rows.scaling())
        .withStorage(rows.storage())
        .withUse(DatasetRequest.Use.PREDICT);
  }

  /** Returns the format where the name of the output does not say. */
  private static Optional<String> format(ParseResult arguments, Path output) {
    Optional<String> given = Setting.given(arguments, FORMAT);
    boolean silent =
        AtomicFile.isStandardOutput(output)
            || (AtomicFile.isWrittenDirectly(output) && extension(output).isEmpty());
    return given.isEmpty() && silent ? Optional.of("csv") : given;
  }

  private static boolean isTest(ParseResult arguments, Dataset dataset) {
    String part = Setting.given(arguments, PART).orElse("");
    return switch (part) {
      case "" -> dataset.test().isPresent();
      case "train" -> false;
      case "test" -> {
        if (dataset.test().isEmpty()) {
          throw InvalidRequestException.of(
              PART + " test", "data with test rows", "none in " + dataset.name(), "Leave it out.");
        }
        yield true;
      }
      default ->
          throw InvalidRequestException.of(
              PART, "train or test", "'" + part + "'", "Choose one of them.");
    };
  }

  private static Optional<Kept> kept(
      ParseResult arguments, DatasetRequest source, Optional<Path> file) {
    return Setting.given(arguments, KEEP)
        .map(names -> Arrays.stream(names.split(",", -1)).map(String::strip).toList())
        .map(
            names -> {
              DatasetRequest table =
                  DatasetRequest.of(source.name(), file).withColumns(source.columns());
              return new Kept(table, names);
            });
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
          "'measureflow datasets' lists the formats; name one with --dataset.");
    }
    return extension;
  }

  /** Returns the extension of a file, that of the content where it is compressed. */
  private static String extension(Path file) {
    String name = file.getFileName() == null ? "" : file.getFileName().toString();
    String plain = name.toLowerCase(Locale.ROOT);
    if (plain.endsWith(".gz")) {
      plain = plain.substring(0, plain.length() - 3);
    }
    return plain.contains(".") ? plain.substring(plain.lastIndexOf('.') + 1) : "";
  }
}
