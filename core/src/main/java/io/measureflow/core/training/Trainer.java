package io.measureflow.core.training;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.Executable;
import io.measureflow.api.backend.HeldRows;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.backend.Workspace;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.DatasetRequest.TargetKind;
import io.measureflow.api.data.Schema;
import io.measureflow.api.data.Table;
import io.measureflow.api.error.DivergedException;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.measure.ParameterSpec;
import io.measureflow.api.model.Layer;
import io.measureflow.api.model.Loss;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.core.augmentation.ImageAugmenter;
import io.measureflow.core.data.StratifiedSplit;
import io.measureflow.core.losses.LossTargets;
import io.measureflow.core.losses.Losses;
import io.measureflow.core.model.Model;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Trains a model on a backend. Parameters and the memory of the flow stay on the device; batches go
 * in and metrics come out. A run depends only on its model, initial state, data and settings: a run
 * resumed from the state of any epoch ends with the same bits.
 */
public final class Trainer {

  /** Rows per batch of an evaluation: enough to be efficient, small enough to stay in cache. */
  private static final int EVALUATION_BATCH = 512;

  /** A loss of this many times the first has diverged; a first loss below 1 counts as 1. */
  private static final double MOST_GROWTH = 1e4;

  private final Backend backend;
  private final Prefetch prefetch;

  /** Creates a trainer on this backend, which it does not close. */
  public Trainer(Backend backend) {
    this(backend, Prefetch.AUTO);
  }

  /**
   * Creates a trainer on this backend, which it does not close.
   *
   * @param prefetch whether batches are prefetched
   */
  public Trainer(Backend backend, Prefetch prefetch) {
    this.backend = backend;
    this.prefetch = prefetch;
  }

  /**
   * Trains until {@code settings.epochs()} are done or patience runs out.
   *
   * @param start the initial state: {@link TrainingState#initial} or that of an earlier epoch
   * @throws InvalidRequestException if model, data and settings do not match
   * @throws DivergedException if the loss is no longer finite, or has grown to more than 10,000
   *     times the loss of the first step, or to more than 10,000 where that is below 1
   */
  public TrainingResult train(
      ModelSpec spec,
      TrainingState start,
      Dataset dataset,
      TrainingSettings settings,
      TrainingListener listener) {
    requireFit(spec, dataset.schema(), settings);
    return train(
        spec,
        start,
        dataset,
        validationSplit(dataset, settings.validation(), settings.seed()),
        settings,
        settings.epochs(),
        listener);
  }

  /**
   * Trains with given validation rows, and no further than an epoch: the next call continues from
   * the state of the result, as if there had been no pause.
   *
   * @param parts the rows to train on and those to validate on; empty to train on all
   * @param lastEpoch the epoch after which to pause; the schedule of the learning rate remains that
   *     of {@code settings.epochs()}
   * @throws InvalidRequestException as {@link #train(ModelSpec, TrainingState, Dataset,
   *     TrainingSettings, TrainingListener)}
   * @throws DivergedException likewise
   */
  public TrainingResult train(
      ModelSpec spec,
      TrainingState start,
      Dataset dataset,
      Optional<StratifiedSplit> parts,
      TrainingSettings settings,
      int lastEpoch,
      TrainingListener listener) {
    requireFit(spec, dataset.schema(), settings);
    Loss loss = settings.objective().loss();
    LossTargets.requireInRange(loss, dataset, dataset.train());
    dataset.test().ifPresent(rows -> LossTargets.requireInRange(loss, dataset, rows));
    try (var run =
        new Run(
            backend.newWorkspace(), spec, start, dataset, parts, settings, prefetch, listener)) {
      return run.train(Math.min(lastEpoch, settings.epochs()));
    }
  }

  /**
   * Returns how the training rows of a dataset are split for validation: a run of the same fraction
   * and seed trains on the kept rows and validates on the held ones.
   *
   * @param fraction the fraction to hold out, from 0 to below 1
   * @return empty for fraction 0
   */
  public static Optional<StratifiedSplit> validationSplit(
      Dataset dataset, double fraction, long seed) {
    return fraction > 0
        ? Optional.of(
            StratifiedSplit.of(
                "validation", dataset.train(), dataset.schema().target(), fraction, seed))
        : Optional.empty();
  }

  /**
   * Checks that model, data and settings match, as every run does before its first step.
   *
   * @throws InvalidRequestException if they do not
   */
  public static void requireFit(ModelSpec spec, Schema schema, TrainingSettings settings) {
    if (schema.featureCount() != spec.inputs()) {
      throw InvalidRequestException.of(
          "model inputs",
          schema.featureCount() + ", the number of features of the data",
          String.valueOf(spec.inputs()),
          "Give the first layer as many inputs as the data has features.");
    }
    requireParameters(spec, settings.trainable().rateFactors());
    settings.augmentation().requireFit(schema);
    switch (schema.target()) {
      case Schema.Target.Classes(List<String> names) -> {
        requireLoss(settings, TargetKind.CLASSES, "classes", Losses.SOFTMAX_CROSS_ENTROPY);
        if (spec.outputs() < names.size()) {
          throw InvalidRequestException.of(
              "model outputs",
              "at least " + names.size() + ", the number of classes of the data",
              String.valueOf(spec.outputs()),
              "Give the last layer one output per class.");
        }
      }
      case Schema.Target.Real(List<String> names) -> {
        requireLoss(settings, TargetKind.REAL, "real numbers", Losses.HALF_SQUARED_ERROR);
        if (spec.outputs() != names.size()) {
          throw InvalidRequestException.of(
              "model outputs",
              names.size() + ", the number of targets of the data",
              String.valueOf(spec.outputs()),
              "Give the last layer one output per target.");
        }
      }
      case Schema.Target.None none ->
          throw InvalidRequestException.of(
              "training data", "labels or targets", "none", "Name the label column.");
    }
    TrainingPrograms.requireLoss(settings.objective().loss(), spec.outputs());
    if (settings.patience() > 0 && settings.validation() == 0) {
      throw InvalidRequestException.of(
          "patience",
          "a validation fraction above 0 to stop early by",
          "validation 0",
          "Hold out some training rows, or set patience to 0.");
    }
  }

  private static void requireParameters(ModelSpec spec, Map<String, Double> rateFactors) {
    var known = new TreeSet<String>();
    for (Layer layer : spec.byPath().values()) {
      for (ParameterSpec parameter : layer.parameters()) {
        Trainable.names(layer, parameter).forEach(known::add);
      }
    }
    for (String name : rateFactors.keySet()) {
      if (!known.contains(name)) {
        throw InvalidRequestException.of(
            "training.rate-factors",
            "parameters and types of layers of the model: " + String.join(", ", known),
            "'" + name + "'",
            "Correct the name, or leave it out.");
      }
    }
  }

  private static void requireLoss(
      TrainingSettings settings, TargetKind target, String targets, Loss defaultLoss) {
    Loss loss = settings.objective().loss();
    if (loss.target() != target) {
      throw InvalidRequestException.of(
          "loss",
          defaultLoss.name() + ", or another for targets that are " + targets,
          loss.name() + ", which is for " + loss.target().name().toLowerCase(Locale.ROOT),
          "Choose a loss that fits the data, or leave it out.");
    }
  }

  /** One run: its programs, its rows and its state. */
  private static final class Run implements AutoCloseable {

    private final Workspace workspace;
    private final ModelSpec spec;
    private final TrainingState start;
    private final TrainingSettings settings;
    private final TrainingListener listener;
    private final Prefetch prefetch;
    private final ResidentTables residentTables;
    private final Schema schema;
    private final Optional<ImageAugmenter> augmenter;
    private final Table trainRows;
    private final Optional<Table> validationRows;
    private final Optional<Table> testRows;
    private final Batches steps;
    private final Batches evaluations;
    private long step;
    private double firstLoss;

    Run(
        Workspace workspace,
        ModelSpec spec,
        TrainingState start,
        Dataset dataset,
        Optional<StratifiedSplit> parts,
        TrainingSettings settings,
        Prefetch prefetch,
        TrainingListener listener) {
      this.workspace = workspace;
      this.spec = spec;
      this.start = start;
      this.settings = settings;
      this.listener = listener;
      this.prefetch = prefetch;
      this.schema = dataset.schema();
      this.augmenter =
          schema
              .image()
              .filter(image -> !settings.augmentation().isNone())
              .map(
                  image ->
                      new ImageAugmenter(
                          settings.augmentation(),
                          image,
                          dataset.preprocessing(),
                          settings.seed()));
      this.residentTables = new ResidentTables(workspace, prefetch);
      this.testRows = dataset.test();
      this.trainRows = parts.map(StratifiedSplit::kept).orElseGet(dataset::train);
      this.validationRows = parts.map(StratifiedSplit::held);
      this.steps =
          new Batches(
              workspace,
              size ->
                  TrainingPrograms.step(
                      spec,
                      settings.objective(),
                      settings.flow(),
                      settings.trainable(),
                      settings.report(),
                      settings.seed(),
                      size));
      this.evaluations =
          new Batches(
              workspace,
              size -> TrainingPrograms.evaluation(spec, settings.objective().loss(), size));
      this.step = start.step();
      this.firstLoss = start.firstLoss();
    }

    TrainingResult train(int lastEpoch) {
      steps.of(Math.min(settings.batch(), trainRows.rows()), heldForSteps());
      start.tensors().forEach(workspace::write);
      try (var meter =
          settings.report()
              ? new FlowMeter(workspace, spec, settings.objective(), settings.seed())
              : null) {
        return train(lastEpoch, meter);
      }
    }

    /** The table from which steps draw their batches; images that change are fed to them. */
    private Map<String, HeldRows> heldForSteps() {
      return augmenter.isPresent() ? Map.of() : residentTables.of(trainRows);
    }

    private TrainingResult train(int lastEpoch, @Nullable FlowMeter meter) {
      TrainingState state = start;
      var reports = new ArrayList<EpochReport>();
      boolean stoppedEarly = false;
      for (int epoch = start.epoch() + 1; epoch <= lastEpoch && !stoppedEarly; epoch++) {
        EpochReport report = epoch(epoch, meter);
        reports.add(report);
        boolean best = report.monitoredLoss() < state.bestLoss();
        if (best && report.validation().isEmpty()) {
          requireSettled(epoch);
        }
        SequencedMap<String, Tensor> tensors = readStates();
        state =
            new TrainingState(
                tensors,
                epoch,
                step,
                best ? parametersOf(tensors) : state.best(),
                best ? epoch : state.bestEpoch(),
                best ? report.monitoredLoss() : state.bestLoss(),
                firstLoss);
        listener.epoch(report, state, best);
        stoppedEarly = settings.patience() > 0 && epoch - state.bestEpoch() >= settings.patience();
      }
      Map<String, Tensor> result = settings.patience() > 0 ? state.best() : state.tensors();
      return new TrainingResult(Model.of(spec, result, "training"), reports, state, stoppedEarly);
    }

    /**
     * The loss of an epoch is that before each step. Whether the last steps have led astray shows
     * on some rows after them.
     */
    private void requireSettled(int epoch) {
      int[] some = new int[Math.min(EVALUATION_BATCH, trainRows.rows())];
      for (int i = 0; i < some.length; i++) {
        some[i] = i;
      }
      Executable executable = evaluations.of(some.length);
      trainRows.features(some, 0, executable.input(TrainingPrograms.FEATURES));
      trainRows.targets(some, 0, executable.input(TrainingPrograms.TARGETS));
      executable.run();
      double loss = executable.output(TrainingPrograms.LOSS).get(0);
      if (!(Math.abs(loss) <= bound())) {
        throw diverged(loss, "the training rows after epoch " + epoch, trainRows);
      }
    }

    private EpochReport epoch(int epoch, @Nullable FlowMeter meter) {
      int rows = trainRows.rows();
      RowOrder order =
          settings.shuffle()
              ? RowOrder.shuffled(trainRows, settings.seed(), epoch)
              : RowOrder.sequential();
      int batch = settings.batch();
      long stepsPerEpoch = (rows + (long) batch - 1) / batch;
      long totalSteps = stepsPerEpoch * settings.epochs();
      var running = new RunningMetrics(settings.objective().loss());
      Map<String, HeldRows> held = heldForSteps();
      BatchFeed.Change change =
          augmenter
              .<BatchFeed.Change>map(
                  images -> (features, position) -> images.apply(features, epoch, position))
              .orElse(BatchFeed.Change.NONE);
      double rate = 0;
      long begin = System.nanoTime();
      try (var feed = new BatchFeed(trainRows, order, batch, true, prefetch, change)) {
        for (int size = feed.nextSize(); size > 0; size = feed.nextSize()) {
          rate = settings.learningRate() * settings.schedule().factor(step, totalSteps);
          step++;
          Executable executable = steps.of(size, held);
          feed.fill(executable);
          executable.input(TrainingPrograms.RATE).set(0, rate);
          executable.input(TrainingPrograms.STEP).set(0, (double) step);
          executable.run();
          double loss = running.add(executable, size);
          firstLoss = Double.isNaN(firstLoss) ? loss : firstLoss;
          if (!(Math.abs(loss) <= bound())) {
            throw diverged(loss, "step " + step + " (epoch " + epoch + ")", trainRows);
          }
          if (meter != null) {
            meter.step(executable, size, held, rate);
          }
          listener.step(epoch, feed.done(), rows, running.metrics());
        }
      }
      long trained = System.nanoTime();
      Optional<Metrics> validation =
          validationRows.map(table -> evaluate(table, "the validation rows after epoch " + epoch));
      Optional<Metrics> test =
          testRows.map(table -> evaluate(table, "the test rows after epoch " + epoch));
      long evaluated = System.nanoTime();
      return new EpochReport(
          epoch,
          rate,
          running.metrics(),
          validation,
          test,
          Optional.ofNullable(meter).map(FlowMeter::report),
          (trained - begin) * 1e-9,
          (evaluated - trained) * 1e-9);
    }

    /** What no loss may exceed: a finite number, unless there is no first loss. */
    private double bound() {
      return Math.min(Double.MAX_VALUE, MOST_GROWTH * Math.max(1, Math.abs(firstLoss)));
    }

    /**
     * The error for a loss that is not finite, or too large.
     *
     * @param place where it was found
     * @param rows the rows among which the cause may lie
     */
    private DivergedException diverged(double loss, String place, Table rows) {
      return new DivergedException(
          "Training diverged: expected a "
              + (Double.isFinite(loss)
                  ? "loss of at most "
                      + bound()
                      + " (10,000 times the first loss, "
                      + firstLoss
                      + ", or 10,000 if that is below 1)"
                  : "finite loss")
              + ", found "
              + loss
              + " at "
              + place
              + ". "
              + LargestFeature.of(rows, spec.inputs())
                  .map(
                      largest ->
                          "Feature "
                              + largest.name(schema)
                              + " reaches "
                              + largest.shown()
                              + LargestFeature.REMEDY)
                  .orElse(
                      "Choose a learning rate below "
                          + settings.learningRate()
                          + ", for example a tenth of it"
                          + (settings.trainable().clip() < Double.POSITIVE_INFINITY
                              ? "."
                              : ", or limit the norm of the gradient (--set training.clip=1).")));
    }

    private Metrics evaluate(Table rows, String place) {
      Metrics metrics =
          Evaluator.evaluate(
              rows,
              settings.objective().loss(),
              EVALUATION_BATCH,
              prefetch,
              size -> evaluations.of(size, residentTables.of(rows)));
      if (!(Math.abs(metrics.loss()) < Double.POSITIVE_INFINITY)) {
        throw diverged(metrics.loss(), place, rows);
      }
      return metrics;
    }

    private SequencedMap<String, Tensor> readStates() {
      var tensors = new LinkedHashMap<String, Tensor>();
      workspace.states().forEach(name -> tensors.put(name, workspace.read(name)));
      return tensors;
    }

    private SequencedMap<String, Tensor> parametersOf(Map<String, Tensor> tensors) {
      return new LinkedHashMap<>(Model.of(spec, tensors, "training").parameters());
    }

    @Override
    public void close() {
      workspace.close();
    }
  }
}
