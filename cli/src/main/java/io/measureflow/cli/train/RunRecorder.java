package io.measureflow.cli.train;

import io.measureflow.TrainedModel;
import io.measureflow.Versions;
import io.measureflow.api.backend.Backend;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.Preprocessing;
import io.measureflow.api.io.AtomicFile;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.program.Shape;
import io.measureflow.cli.run.MetricsFile;
import io.measureflow.cli.run.MetricsText;
import io.measureflow.cli.run.RunFolder;
import io.measureflow.cli.terminal.Text;
import io.measureflow.config.RunConfig;
import io.measureflow.core.checkpoint.Provenance;
import io.measureflow.core.checkpoint.TrainingCheckpoint;
import io.measureflow.core.metrics.Evaluation;
import io.measureflow.core.model.Model;
import io.measureflow.core.training.EpochReport;
import io.measureflow.core.training.Metrics;
import io.measureflow.core.training.TrainingListener;
import io.measureflow.core.training.TrainingResult;
import io.measureflow.core.training.TrainingState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Writes a run to the disk while it trains. After each epoch it writes, in this order, its row of
 * {@code metrics.csv}, {@code best.safetensors} if it is the best, and {@code last.safetensors}. An
 * epoch counts as complete once the last of them is written; otherwise a resumed run repeats it.
 */
final class RunRecorder implements TrainingListener {

  /** The columns of the names in the summary; more where a metric needs them. */
  private static final int NAME_WIDTH = 16;

  private static final String LONGEST_METRIC = "macro F1";

  private final RunFolder folder;
  private final RunConfig config;
  private final Backend.Description backend;
  private final Dataset dataset;
  private final Preprocessing preprocessing;
  private final ModelSpec spec;
  private final Optional<String> chosen;
  private final boolean resumed;
  private final Path whole;
  private final int firstEpoch;
  private int savedEpochs;
  private @Nullable MetricsFile metrics;

  /**
   * @param config the configuration with every choice made
   * @param preprocessing that of the dataset and the loss, to be kept with the model
   * @param chosen what the run chose for itself, a line
   * @param start the initial state of the run
   * @param resumed whether the run continues an earlier one
   * @param whole the folder to resume: that of the run, or of several runs that it is one of
   */
  RunRecorder(
      RunFolder folder,
      RunConfig config,
      Backend.Description backend,
      Dataset dataset,
      Preprocessing preprocessing,
      ModelSpec spec,
      Optional<String> chosen,
      TrainingState start,
      boolean resumed,
      Path whole) {
    this.folder = folder;
    this.config = config;
    this.backend = backend;
    this.dataset = dataset;
    this.preprocessing = preprocessing;
    this.spec = spec;
    this.chosen = chosen;
    this.resumed = resumed;
    this.whole = whole;
    this.firstEpoch = start.epoch();
    this.savedEpochs = start.epoch();
  }

  /** Opens the files at the first step, so that an invalid request leaves none. */
  private synchronized MetricsFile metrics() {
    MetricsFile opened = metrics;
    if (opened == null) {
      if (!resumed) {
        folder.writeConfig(config.render(), chosen);
      }
      opened = MetricsFile.open(folder.metrics(), firstEpoch);
      metrics = opened;
      // Some datasets compute it on demand, so the end of the epoch need not wait for it.
      var _ = CompletableFuture.supplyAsync(dataset::fingerprint);
    }
    return opened;
  }

  @Override
  public void step(int epoch, int row, int rows, Metrics running) {
    metrics();
  }

  @Override
  public synchronized void epoch(EpochReport report, TrainingState state, boolean best) {
    metrics().append(report);
    Provenance provenance = provenance(report.epoch());
    if (best) {
      TrainedModel.of(Model.of(spec, state.best(), "the best epoch"), preprocessing, provenance)
          .save(folder.best());
    }
    new TrainingCheckpoint(spec, state, dataset.fingerprint())
        .save(folder.last(), preprocessing, provenance);
    savedEpochs = report.epoch();
  }

  /** Writes the result, and returns it. */
  synchronized TrainedModel finish(TrainingResult result) {
    metrics();
    TrainedModel model =
        TrainedModel.of(result.model(), preprocessing, provenance(resultEpoch(result)));
    model.save(folder.model());
    return model;
  }

  /**
   * Writes the metrics of the result.
   *
   * @param part the rows: test, validation or training
   */
  void evaluated(Evaluation evaluation, String part) {
    var about = new LinkedHashMap<String, String>();
    about.put("data", dataset.name());
    about.put("part", part);
    AtomicFile.write(folder.result(), evaluation.json(about));
  }

  /** Returns the epochs so far. */
  List<MetricsFile.Row> rows() {
    return metrics().rows();
  }

  private static int resultEpoch(TrainingResult result) {
    return result.stoppedEarly() ? result.state().bestEpoch() : result.state().epoch();
  }

  private Provenance provenance(int epoch) {
    var measured = new LinkedHashMap<String, Double>();
    measured.put("epoch", (double) epoch);
    metrics()
        .row(epoch)
        .ifPresent(
            row -> {
              measured.put("train_loss", row.trainLoss());
              measured.put("train_accuracy", row.trainAccuracy());
              measured.put("validation_loss", row.validationLoss());
              measured.put("validation_accuracy", row.validationAccuracy());
              measured.put("test_loss", row.testLoss());
              measured.put("test_accuracy", row.testAccuracy());
            });
    return new Provenance(
        config.json(),
        config.seed(),
        dataset.name(),
        dataset.fingerprint(),
        backend,
        Versions.all(),
        Instant.now(),
        trainSeconds(),
        measured);
  }

  private double trainSeconds() {
    return rows().stream().mapToDouble(MetricsFile.Row::trainSeconds).sum();
  }

  /** Returns what a failed run leaves on disk, for the end of its message. */
  synchronized String whatIsLeft(boolean diverged) {
    if (metrics != null && !Files.exists(folder.config())) {
      return " The run folder "
          + folder.path()
          + " was moved or deleted during the run."
          + (savedEpochs == 0
              ? ""
              : " If it was moved, it holds the checkpoint of epoch "
                  + savedEpochs
                  + "; continue with: measureflow train --resume NEW-PATH");
    }
    if (savedEpochs == 0) {
      return "";
    }
    return " The checkpoint of epoch "
        + savedEpochs
        + " is intact: "
        + folder.last()
        + (diverged
            // Resumed with the same settings, it would diverge again.
            ? ". To go on from it with other settings: measureflow train --init " + folder.last()
            : ". Continue with: measureflow train --resume " + whole);
  }

  /**
   * Says how to resume when the user ends the program; waits for a file being written.
   *
   * @return whether there is a model to report on
   */
  synchronized boolean sayGoodbye() {
    if (metrics != null) {
      System.err.println(
          System.lineSeparator()
              + "interrupted after epoch "
              + savedEpochs
              + "; continue with: measureflow train --resume "
              + (Files.exists(folder.config()) ? whole : "NEW-PATH, where you moved it to"));
    }
    return metrics != null && savedEpochs > 0 && Files.exists(folder.config());
  }

  /**
   * Returns the result for display.
   *
   * @param part the rows of the evaluation: test, validation or training
   */
  String summary(TrainingResult result, Evaluation evaluation, String part) {
    int epoch = resultEpoch(result);
    var text = new StringBuilder();
    int width = Math.max(NAME_WIDTH, part.length() + 1 + LONGEST_METRIC.length());
    line(text, width, "model", describe(result.model()));
    if (result.stoppedEarly()) {
      line(
          text, width, "stopped early", "the validation loss did not improve; kept epoch " + epoch);
    }
    text.append(MetricsText.lines(evaluation, Text.loss(evaluation.loss()), part + " ", width));
    double seconds = trainSeconds();
    double trained = rows().stream().mapToDouble(MetricsFile.Row::trainRows).sum();
    line(
        text,
        width,
        "time",
        result.state().epoch()
            + (result.state().epoch() == 1 ? " epoch in " : " epochs in ")
            + Text.duration(seconds)
            + " ("
            + Text.count(trained / seconds)
            + " samples/s), backend "
            + backend.name()
            + ", "
            + backend.threads()
            + (backend.threads() == 1 ? " thread" : " threads"));
    line(text, width, "model file", folder.model().toString());
    line(text, width, "report", folder.report().toString());
    line(
        text,
        width,
        "run folder",
        folder.path()
            + " (config.conf, metrics.csv, metrics.json, learning-curves.png, best and last"
            + " checkpoint)");
    return text.append(MetricsText.tables(evaluation)).toString();
  }

  private static void line(StringBuilder text, int width, String name, String value) {
    text.append(String.format(Locale.ROOT, "%-" + width + "s %s%n", name, value));
  }

  /** 1x28x28. */
  private static String shape(Shape shape) {
    return shape.dimensions().stream().map(String::valueOf).collect(Collectors.joining("x"));
  }

  /** 784 -> 64 diagonal relu -> 10, 101 204 parameters. */
  static String describe(Model model) {
    List<Shape> shapes = model.spec().shapes();
    var text = new StringBuilder().append(shape(shapes.getFirst()));
    for (int i = 0; i < model.spec().layers().size(); i++) {
      text.append(" -> ").append(model.spec().layers().get(i).summary());
      if (!shapes.get(i + 1).equals(shapes.get(i))) {
        text.append(" -> ").append(shape(shapes.get(i + 1)));
      }
    }
    return text + ", " + Text.count((double) model.parameterCount()) + " parameters";
  }
}
