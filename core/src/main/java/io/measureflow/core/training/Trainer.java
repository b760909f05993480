package io.measureflow.core.training;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.Executable;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.backend.Workspace;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.Schema;
import io.measureflow.api.data.Table;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.error.RunFailedException;
import io.measureflow.api.model.Loss;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.core.model.Model;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * Trains a model on a backend. Parameters and what the flow remembers stay on the device; batches
 * go in and metrics come out. A run is a function of its model, start, data and settings: an
 * interrupted run that goes on from the state of any epoch ends with the same bits.
 */
public final class Trainer {

  /** Rows per batch of an evaluation: enough to be efficient, small enough to stay in cache. */
  private static final int EVALUATION_BATCH = 512;

  private final Backend backend;

  /** A trainer on this backend, which it does not close. */
  public Trainer(Backend backend) {
    this.backend = backend;
  }

  /**
   * Trains until {@code settings.epochs()} are done or patience runs out.
   *
   * @param start the state to go on from: {@link TrainingState#initial} or that of an earlier epoch
   * @throws InvalidRequestException if model, data and settings do not fit each other
   * @throws RunFailedException if the loss is no longer finite
   */
  public TrainingResult train(
      ModelSpec spec,
      TrainingState start,
      Dataset dataset,
      TrainingSettings settings,
      TrainingListener listener) {
    requireFit(spec, dataset.schema(), settings);
    try (var run = new Run(backend.newWorkspace(), spec, start, dataset, settings, listener)) {
      return run.train();
    }
  }

  private static void requireFit(ModelSpec spec, Schema schema, TrainingSettings settings) {
    if (schema.featureCount() != spec.inputs()) {
      throw InvalidRequestException.of(
          "model inputs",
          schema.featureCount() + ", the number of features of the data",
          String.valueOf(spec.inputs()),
          "Give the first layer as many inputs as the data has features.");
    }
    switch (schema.target()) {
      case Schema.Target.Classes(List<String> names) -> {
        requireLoss(settings, Loss.SOFTMAX_CROSS_ENTROPY, "classes");
        if (spec.outputs() < names.size()) {
          throw InvalidRequestException.of(
              "model outputs",
              "at least " + names.size() + ", the number of classes of the data",
              String.valueOf(spec.outputs()),
              "Give the last layer one output per class.");
        }
      }
      case Schema.Target.Real(List<String> names) -> {
        requireLoss(settings, Loss.HALF_SQUARED_ERROR, "real numbers");
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
    if (settings.patience() > 0 && settings.validation() == 0) {
      throw InvalidRequestException.of(
          "patience",
          "a validation fraction above 0 to stop early by",
          "validation 0",
          "Hold out some training rows, or set patience to 0.");
    }
  }

  private static void requireLoss(TrainingSettings settings, Loss loss, String targets) {
    if (settings.objective().loss() != loss) {
      throw InvalidRequestException.of(
          "loss",
          loss.key() + " for targets that are " + targets,
          settings.objective().loss().key(),
          "Choose the loss that fits the data.");
    }
  }

  /** One run: its programs, its rows and where it stands. */
  private static final class Run implements AutoCloseable {

    private final Workspace workspace;
    private final ModelSpec spec;
    private final TrainingState start;
    private final TrainingSettings settings;
    private final TrainingListener listener;
    private final Table table;
    private final Optional<Table> testTable;
    private final int[] trainRows;
    private final int[] validationRows;
    private final Batches steps;
    private final Batches evaluations;
    private long step;

    Run(
        Workspace workspace,
        ModelSpec spec,
        TrainingState start,
        Dataset dataset,
        TrainingSettings settings,
        TrainingListener listener) {
      this.workspace = workspace;
      this.spec = spec;
      this.start = start;
      this.settings = settings;
      this.listener = listener;
      this.table = dataset.train();
      this.testTable = dataset.test();
      int rows = table.rows();
      int held = (int) (rows * settings.validation() + 0.5);
      if (rows - held < 1 || (settings.validation() > 0 && held < 1)) {
        throw InvalidRequestException.of(
            "validation",
            "a fraction that leaves rows on both sides",
            settings.validation() + " of " + rows + " rows",
            "Choose another fraction, or 0.");
      }
      int[] all = RowOrder.identity(rows);
      if (held > 0) {
        // Epochs count from 1, so the stream of epoch 0 is free for the split.
        RowOrder.shuffle(all, settings.seed(), 0);
      }
      this.validationRows = Arrays.copyOf(all, held);
      this.trainRows = Arrays.copyOfRange(all, held, rows);
      Arrays.sort(validationRows);
      Arrays.sort(trainRows);
      this.steps =
          new Batches(
              workspace,
              size ->
                  TrainingPrograms.step(
                      spec,
                      settings.objective(),
                      settings.flow(),
                      settings.motion(),
                      settings.report(),
                      size));
      this.evaluations =
          new Batches(
              workspace,
              size -> TrainingPrograms.evaluation(spec, settings.objective().loss(), size));
      this.step = start.step();
    }

    TrainingResult train() {
      steps.of(Math.min(settings.batch(), trainRows.length));
      start.tensors().forEach(workspace::write);
      try (var meter =
          settings.report() ? new FlowMeter(workspace, spec, settings.objective()) : null) {
        return train(meter);
      }
    }

    private TrainingResult train(@Nullable FlowMeter meter) {
      TrainingState state = start;
      var reports = new ArrayList<EpochReport>();
      boolean stoppedEarly = false;
      for (int epoch = start.epoch() + 1; epoch <= settings.epochs() && !stoppedEarly; epoch++) {
        EpochReport report = epoch(epoch, meter);
        reports.add(report);
        boolean best = report.monitoredLoss() < state.bestLoss();
        SequencedMap<String, Tensor> tensors = readStates();
        state =
            new TrainingState(
                tensors,
                epoch,
                step,
                best ? parametersOf(tensors) : state.best(),
                best ? epoch : state.bestEpoch(),
                best ? report.monitoredLoss() : state.bestLoss());
        listener.epoch(report, state, best);
        stoppedEarly = settings.patience() > 0 && epoch - state.bestEpoch() >= settings.patience();
      }
      Map<String, Tensor> result = stoppedEarly ? state.best() : state.tensors();
      return new TrainingResult(Model.of(spec, result, "training"), reports, state, stoppedEarly);
    }

    private EpochReport epoch(int epoch, @Nullable FlowMeter meter) {
      int[] order = trainRows.clone();
      if (settings.shuffle()) {
        RowOrder.shuffle(order, settings.seed(), epoch);
      }
      int batch = settings.batch();
      long stepsPerEpoch = (order.length + (long) batch - 1) / batch;
      long totalSteps = stepsPerEpoch * settings.epochs();
      var running = new RunningMetrics(settings.objective().loss());
      double rate = 0;
      long begin = System.nanoTime();
      for (int from = 0; from < order.length; from += batch) {
        int size = Math.min(batch, order.length - from);
        rate = settings.learningRate() * settings.schedule().factor(step, totalSteps);
        step++;
        Executable executable = steps.of(size);
        table.features(order, from, executable.input(TrainingPrograms.FEATURES));
        table.targets(order, from, executable.input(TrainingPrograms.TARGETS));
        executable.input(TrainingPrograms.RATE).set(0, rate);
        executable.input(TrainingPrograms.STEP).set(0, (double) step);
        executable.run();
        double loss = running.add(executable, size);
        if (!(Math.abs(loss) < Double.POSITIVE_INFINITY)) {
          throw new RunFailedException(
              "Training diverged: expected a finite loss, found "
                  + loss
                  + " at step "
                  + step
                  + " (epoch "
                  + epoch
                  + "). Choose a learning rate below "
                  + settings.learningRate()
                  + ".");
        }
        if (meter != null) {
          meter.step(executable, size, rate);
        }
        listener.step(epoch, from + size, order.length, running.metrics());
      }
      long trained = System.nanoTime();
      Optional<Metrics> validation =
          validationRows.length == 0
              ? Optional.empty()
              : Optional.of(evaluate(table, validationRows));
      Optional<Metrics> test =
          testTable.map(rows -> evaluate(rows, RowOrder.identity(rows.rows())));
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

    private Metrics evaluate(Table rows, int[] order) {
      return Evaluator.evaluate(
          rows, order, settings.objective().loss(), EVALUATION_BATCH, Batches::of, evaluations);
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
