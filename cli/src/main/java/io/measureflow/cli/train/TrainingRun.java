package io.measureflow.cli.train;

import io.measureflow.TrainedModel;
import io.measureflow.api.backend.Backend;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.error.DivergedException;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.error.MeasureFlowException;
import io.measureflow.api.error.RunFailedException;
import io.measureflow.api.model.Layer;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.cli.command.MachineLimits;
import io.measureflow.cli.command.Wiring;
import io.measureflow.cli.report.RunReport;
import io.measureflow.cli.run.JudgedRows;
import io.measureflow.cli.run.RunClaim;
import io.measureflow.cli.run.RunFolder;
import io.measureflow.cli.run.RunStart;
import io.measureflow.cli.terminal.Text;
import io.measureflow.config.ModelConfig;
import io.measureflow.config.RunConfig;
import io.measureflow.config.TrainingConfig;
import io.measureflow.core.checkpoint.TrainingCheckpoint;
import io.measureflow.core.metrics.Evaluation;
import io.measureflow.core.training.EpochReport;
import io.measureflow.core.training.Metrics;
import io.measureflow.core.training.TrainingListener;
import io.measureflow.core.training.TrainingResult;
import io.measureflow.core.training.TrainingSettings;
import io.measureflow.core.training.TrainingState;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** A training run from its configuration to the summary. */
final class TrainingRun {

  /** The options of the command that determine the memory of training. */
  private static final List<String> MEMORY_OPTIONS =
      List.of("--batch", "--components", "--storage");

  /** How long the end of the program waits for the report of what there is. */
  private static final int MOST_SECONDS_OF_REPORT = 30;

  private RunConfig config;
  private final boolean bar;
  private final TrainingListener listener;
  private Optional<Path> series = Optional.empty();

  /**
   * @param bar whether progress can be drawn as a bar
   */
  TrainingRun(RunConfig config, boolean bar) {
    this(config, bar, new TrainingListener() {});
  }

  /**
   * @param listener notified of every step and epoch, after all others
   */
  TrainingRun(RunConfig config, boolean bar, TrainingListener listener) {
    this.config = config;
    this.bar = bar;
    this.listener = listener;
  }

  /**
   * Makes this one of several runs in a folder, which is what is resumed, and which ends with a
   * summary of its own.
   */
  TrainingRun inSeries(Path folder) {
    series = Optional.of(folder);
    return this;
  }

  /** Starts a new run in a folder of its own. */
  void startIn(Path folder) {
    Wiring wiring = newRun();
    // An unusable folder is detected before any work is done.
    try (RunClaim claim = RunClaim.ofNewRun(folder)) {
      withData(
          wiring,
          (completed, backend, dataset) -> {
            RunStart start = RunStart.of(completed, wiring.extensions(), backend, dataset);
            train(completed, wiring, backend, dataset, start, claim.folder(), false);
          });
    }
  }

  /** Starts a new run. */
  void start() {
    Wiring wiring = newRun();
    if (config.out().isPresent()) {
      startIn(config.out().get());
    } else {
      withData(
          wiring,
          (completed, backend, dataset) -> {
            RunStart start = RunStart.of(completed, wiring.extensions(), backend, dataset);
            try (RunClaim claim =
                RunClaim.ofNewRunNear(RunFolder.defaultPath(config, start.spec()))) {
              train(completed, wiring, backend, dataset, start, claim.folder(), false);
            }
          });
    }
  }

  /**
   * What the loss decides about the data becomes a part of the settings, and so of a resumed run.
   */
  private Wiring newRun() {
    Wiring wiring = Wiring.of(config);
    config = config.suitedToLoss(wiring.extensions());
    return wiring;
  }

  /** Continues an earlier run after its last epoch, or from the beginning if it finished none. */
  void resume(RunFolder folder) {
    Wiring wiring = Wiring.of(config);
    withData(
        wiring,
        (completed, backend, dataset) -> {
          RunStart start;
          if (Files.exists(folder.last())) {
            TrainingCheckpoint last =
                TrainingCheckpoint.load(
                    folder.last(),
                    completed.training().flow(wiring.extensions()),
                    completed.training().trainable(),
                    wiring.extensions());
            if (!last.fingerprint().equals(dataset.fingerprint())) {
              throw InvalidRequestException.of(
                  "--resume " + folder.path(),
                  "the data that the run began with, of fingerprint " + last.fingerprint(),
                  "data of fingerprint " + dataset.fingerprint(),
                  "Restore the data, or start a new run from the model with --init "
                      + folder.last()
                      + ".");
            }
            start = new RunStart(last.spec(), last.state());
          } else {
            start = RunStart.of(completed, wiring.extensions(), backend, dataset);
          }
          System.err.println("resuming " + folder.path() + " after epoch " + start.state().epoch());
          train(completed, wiring, backend, dataset, start, folder, true);
        });
  }

  /** What to do while backend and data are open, under a configuration completed for the data. */
  @FunctionalInterface
  private interface Work {
    void run(RunConfig completed, Backend backend, Dataset dataset);
  }

  private void withData(Wiring wiring, Work work) {
    try (Backend backend = wiring.backend();
        Dataset dataset = wiring.load(RunStart.data(config, wiring.extensions(), backend))) {
      RunConfig completed =
          config.completed(
              wiring.extensions(),
              dataset.train().rows(),
              dataset.preprocessing(),
              dataset.schema().sample());
      work.run(completed, backend, dataset);
    }
  }

  private void train(
      RunConfig completed,
      Wiring wiring,
      Backend backend,
      Dataset dataset,
      RunStart start,
      RunFolder folder,
      boolean resumed) {
    TrainingSettings settings =
        completed
            .training()
            .settings(wiring.extensions(), start.spec(), dataset.schema().target(), config.seed());
    RunConfig resolved =
        completed.resolved(start.spec(), settings, backend.description(), wiring.extensions());
    Optional<String> chosen =
        config.training().equals(completed.training())
            ? Optional.empty()
            : Optional.of(chosen(config, start.spec(), settings));
    var recorder =
        new RunRecorder(
            folder,
            resolved,
            backend.description(),
            dataset,
            dataset.preprocessing().withLink(settings.objective().loss().link()),
            start.spec(),
            chosen,
            start.state(),
            resumed,
            series.orElse(folder.path()));
    DataSummary.lines(dataset).forEach(System.err::println);
    chosen.ifPresent(System.err::println);
    var progress = new Progress(System.err, bar, settings.epochs());
    var curves =
        new CurvesInTraining(recorder::rows, completed.dataset().title(), folder.learningCurves());
    var interruption = new Interruption();
    var reported = new CountDownLatch(1);
    Thread goodbye = new Thread(() -> sayGoodbye(recorder, interruption, reported), "goodbye");
    Runtime.getRuntime().addShutdownHook(goodbye);
    TrainingResult result;
    TrainedModel model;
    Evaluation evaluation;
    JudgedRows judged;
    try {
      result =
          wiring
              .trainer()
              .train(
                  start.spec(),
                  start.state(),
                  dataset,
                  settings,
                  new Listeners(List.of(interruption, progress, recorder, curves, listener)));
      model = recorder.finish(result);
      judged = JudgedRows.of(dataset, settings.validation(), settings.seed());
      evaluation = model.evaluate(dataset, judged.table(), settings.objective().loss(), backend);
      recorder.evaluated(evaluation, judged.part());
    } catch (Interruption.Interrupted e) {
      curves.finish();
      reportSoFar(completed, wiring, backend, dataset, settings, recorder, folder);
      return;
    } catch (RunFailedException e) {
      throw new RunFailedException(
          e.getMessage() + recorder.whatIsLeft(e instanceof DivergedException), e);
    } catch (RuntimeException | Error e) {
      Optional<RunFailedException> limit = MachineLimits.explain(e, MEMORY_OPTIONS);
      if (limit.isEmpty()) {
        throw e;
      }
      throw new RunFailedException(limit.get().getMessage() + recorder.whatIsLeft(false), e);
    } finally {
      curves.await();
      reported.countDown();
      forget(goodbye);
    }
    if (series.isEmpty()) {
      System.out.print(recorder.summary(result, evaluation, judged.part()));
      System.out.flush();
    }
    curves.finish();
    RunReport.afterTraining(
        folder, completed.dataset().title(), model, dataset, judged, evaluation, backend);
  }

  /** Runs while the program ends: lets training stop, and waits for a report on what there is. */
  private static void sayGoodbye(
      RunRecorder recorder, Interruption interruption, CountDownLatch reported) {
    interruption.request();
    if (recorder.sayGoodbye()) {
      try {
        if (!reported.await(MOST_SECONDS_OF_REPORT, TimeUnit.SECONDS)) {
          System.err.println("the report takes longer: measureflow report writes it");
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Judges the model that an interrupted run has so far. */
  private static void reportSoFar(
      RunConfig completed,
      Wiring wiring,
      Backend backend,
      Dataset dataset,
      TrainingSettings settings,
      RunRecorder recorder,
      RunFolder folder) {
    Optional<Path> file = folder.modelSoFar();
    if (file.isEmpty()) {
      return;
    }
    try {
      TrainedModel model = TrainedModel.load(file.get(), wiring.extensions());
      JudgedRows judged = JudgedRows.of(dataset, settings.validation(), settings.seed());
      Evaluation evaluation =
          model.evaluate(dataset, judged.table(), settings.objective().loss(), backend);
      recorder.evaluated(evaluation, judged.part());
      RunReport.afterTraining(
          folder, completed.dataset().title(), model, dataset, judged, evaluation, backend);
    } catch (MeasureFlowException e) {
      System.err.println("there is no report: " + e.getMessage());
    }
  }

  /** What the run chose for itself, in one line; what was given is left out. */
  private static String chosen(RunConfig given, ModelSpec spec, TrainingSettings settings) {
    var parts = new ArrayList<String>();
    ModelConfig model = given.model();
    if (given.init().isEmpty()
        && model.layers().isEmpty()
        && model.network().isEmpty()
        && (model.family().isEmpty() || model.components().isEmpty())) {
      parts.add(spec.layers().stream().map(Layer::summary).collect(Collectors.joining(", ")));
    }
    var flow =
        new StringBuilder(settings.flow().name()).append(" at ").append(settings.learningRate());
    new TreeMap<>(settings.trainable().rateFactors())
        .forEach(
            (name, factor) ->
                flow.append(", ").append(name).append(" x ").append(Text.plain(factor)));
    parts.add(flow.toString());
    TrainingConfig training = given.training();
    if (training.epochs().isEmpty()) {
      parts.add(Text.count(settings.epochs(), "epoch"));
    }
    if (training.batch().isEmpty()) {
      parts.add("batches of " + settings.batch());
    }
    if (settings.validation() > 0 && training.validation().isEmpty()) {
      parts.add(Math.round(100 * settings.validation()) + " % of the rows held out");
    }
    if (settings.patience() > 0 && training.patience().isEmpty()) {
      parts.add("stop after " + Text.count(settings.patience(), "epoch") + " without progress");
    }
    double moment = settings.objective().secondMoment();
    if (moment > 0 && training.secondMoment().isEmpty()) {
      parts.add(
          "second moment weighted by "
              + Text.plain(new BigDecimal(moment).round(new MathContext(2)).doubleValue()));
    }
    return "chosen by the number of rows: " + String.join("; ", parts) + " (docs/defaults.md)";
  }

  private static void forget(Thread goodbye) {
    try {
      Runtime.getRuntime().removeShutdownHook(goodbye);
    } catch (IllegalStateException e) {
      // The program is already ending, and the shutdown hook runs.
    }
  }

  /** Notifies several listeners, in order. */
  private record Listeners(List<TrainingListener> all) implements TrainingListener {

    @Override
    public void step(int epoch, int row, int rows, Metrics running) {
      all.forEach(one -> one.step(epoch, row, rows, running));
    }

    @Override
    public void epoch(EpochReport report, TrainingState state, boolean best) {
      all.forEach(one -> one.epoch(report, state, best));
    }
  }
}
