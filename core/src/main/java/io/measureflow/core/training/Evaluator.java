package io.measureflow.core.training;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.Executable;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.backend.Workspace;
import io.measureflow.api.data.Link;
import io.measureflow.api.data.Schema.Target;
import io.measureflow.api.data.Table;
import io.measureflow.api.error.RunFailedException;
import io.measureflow.api.model.Loss;
import io.measureflow.api.program.Program;
import io.measureflow.core.data.FeatureTransform;
import io.measureflow.core.metrics.ClassificationMeter;
import io.measureflow.core.metrics.Evaluation;
import io.measureflow.core.metrics.RegressionMeter;
import io.measureflow.core.metrics.RegressionMetrics;
import io.measureflow.core.model.Model;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.ObjIntConsumer;

/** Applies a trained model to tables, batch by batch. */
public final class Evaluator implements AutoCloseable {

  private final Model model;
  private final int batch;
  private final Workspace workspace;

  /**
   * Prepares a model for tables.
   *
   * @param batch the number of rows to work on at a time, at least 1
   * @throws IllegalArgumentException if {@code batch} is less than 1
   */
  public Evaluator(Backend backend, Model model, int batch) {
    if (batch < 1) {
      throw new IllegalArgumentException("batch: expected at least 1 row, found " + batch);
    }
    this.model = model;
    this.batch = batch;
    this.workspace = backend.newWorkspace();
  }

  /** Receives predictions in the order of the rows. */
  @FunctionalInterface
  public interface PredictionConsumer {

    /**
     * Receives one batch.
     *
     * @param outputs [rows, p], overwritten by the next batch
     * @param rows the number of rows
     */
    void accept(Tensor outputs, int rows);
  }

  private void requireFinite(double loss, Table table) {
    if (!(Math.abs(loss) < Double.POSITIVE_INFINITY)) {
      throw new RunFailedException(
          "Evaluation: expected a finite loss, found "
              + loss
              + ". "
              + LargestFeature.of(table, model.spec().inputs())
                  .map(
                      largest ->
                          "Feature "
                              + largest.feature()
                              + " of row "
                              + largest.row()
                              + " (both from 0) is "
                              + largest.shown()
                              + ": correct it, leave the row out, or")
                  .orElse("Check the parameters of the model and the targets for large values, or")
              + " compute in float64.");
    }
  }

  /**
   * The loss and all metrics of the model on all rows of a table, in one pass.
   *
   * @param target the classes, or the real targets, of the table
   * @param units how outputs become real targets in their own units, which their metrics are of
   * @throws RunFailedException if the loss or an output is not finite
   */
  public Evaluation assess(Table table, Loss loss, Target target, FeatureTransform units) {
    return switch (target) {
      case Target.Classes(List<String> names) -> {
        var meter = new ClassificationMeter(names);
        double[] logits = new double[model.spec().outputs()];
        double mean =
            assess(
                table,
                loss,
                (outputs, labels, row) -> {
                  row(outputs, row, logits);
                  for (double logit : logits) {
                    requireFinite(logit, "an output");
                  }
                  meter.add(logits, (int) labels.get(row));
                });
        yield new Evaluation(mean, meter.metrics());
      }
      case Target.Real(List<String> names) -> {
        var meter = new RegressionMeter(names, units.link() == Link.LOGISTIC);
        double[] predicted = new double[names.size()];
        double[] wanted = new double[names.size()];
        double mean =
            assess(
                table,
                loss,
                (outputs, targets, row) -> {
                  row(outputs, row, predicted);
                  row(targets, row, wanted);
                  units.predict(predicted);
                  units.invert(wanted);
                  meter.add(predicted, wanted);
                });
        RegressionMetrics metrics = meter.metrics();
        requireFinite(metrics.rmse(), "the RMSE");
        metrics.r2().ifPresent(r2 -> requireFinite(r2, "R²"));
        yield new Evaluation(mean, metrics);
      }
      case Target.None none ->
          throw new IllegalArgumentException("Metrics: expected classes or real targets");
    };
  }

  /** Receives one row of the outputs and targets of a batch. */
  @FunctionalInterface
  private interface RowConsumer {
    void accept(Tensor outputs, Tensor targets, int row);
  }

  /** Passes all rows to the consumer and returns their mean loss. */
  private double assess(Table table, Loss loss, RowConsumer consumer) {
    var running = new RunningMetrics(loss);
    pass(
        table,
        true,
        size -> TrainingPrograms.assessment(model.spec(), loss, size),
        (executable, size) -> {
          requireFinite(running.add(executable, size), table);
          Tensor outputs = executable.output(TrainingPrograms.OUTPUT);
          Tensor targets = executable.input(TrainingPrograms.TARGETS);
          for (int row = 0; row < size; row++) {
            consumer.accept(outputs, targets, row);
          }
        });
    return running.metrics().loss();
  }

  private static void row(Tensor batch, int row, double[] into) {
    int width = batch.shape().dimension(1);
    for (int j = 0; j < into.length; j++) {
      into[j] = batch.get((long) row * width + j);
    }
  }

  private static void requireFinite(double value, String what) {
    if (!Double.isFinite(value)) {
      throw new RunFailedException(
          "Evaluation: expected a finite number for "
              + what
              + ", found "
              + value
              + ". Check the parameters of the model and the rows for large values, or compute in"
              + " float64.");
    }
  }

  /** Passes the outputs of the last layer for all rows of a table to the consumer. */
  public void predict(Table table, PredictionConsumer consumer) {
    pass(
        table,
        false,
        size -> TrainingPrograms.prediction(model.spec(), size),
        (executable, size) -> consumer.accept(executable.output(TrainingPrograms.OUTPUT), size));
  }

  /** Receives predictions and their variances in the order of the rows. */
  @FunctionalInterface
  public interface UncertaintyConsumer {

    /**
     * Receives one batch.
     *
     * @param outputs [rows, p], overwritten by the next batch
     * @param variances [rows, p], overwritten by the next batch
     * @param rows the number of rows
     */
    void accept(Tensor outputs, Tensor variances, int rows);
  }

  /**
   * Passes the outputs of the last layer for all rows of a table to the consumer, with the variance
   * of each under the last layer's own measure, Var_rho[a sigma(w.x)]: exact if the square of the
   * activation has moments in closed form, else by quadrature. A network of M neurons sampled from
   * the measure ({@link io.measureflow.core.measures.NeuronSampling}) has these outputs as its
   * means and these variances divided by M.
   *
   * @throws io.measureflow.api.error.InvalidRequestException if the last layer's family is not
   *     Gaussian
   */
  public void predictWithVariance(Table table, UncertaintyConsumer consumer) {
    pass(
        table,
        false,
        size -> TrainingPrograms.uncertainty(model.spec(), size),
        (executable, size) ->
            consumer.accept(
                executable.output(TrainingPrograms.OUTPUT),
                executable.output(TrainingPrograms.VARIANCE),
                size));
  }

  /**
   * Runs a program of the model on all rows.
   *
   * @param targets whether it takes targets as well
   */
  private void pass(
      Table table,
      boolean targets,
      IntFunction<Program> program,
      ObjIntConsumer<Executable> afterBatch) {
    try (var programs = new Batches(workspace, program)) {
      pass(table, targets, batch, Prefetch.AUTO, size -> load(programs, size), afterBatch);
    }
  }

  /** Runs the program for each batch of a table, in order. */
  private static void pass(
      Table table,
      boolean targets,
      int batch,
      Prefetch prefetch,
      IntFunction<Executable> programs,
      ObjIntConsumer<Executable> afterBatch) {
    try (var feed = new BatchFeed(table, RowOrder.sequential(), batch, targets, prefetch)) {
      for (int size = feed.nextSize(); size > 0; size = feed.nextSize()) {
        Executable executable = programs.apply(size);
        feed.fill(executable);
        executable.run();
        afterBatch.accept(executable, size);
      }
    }
  }

  /** Compiling creates the states, so the parameters can be written only after it. */
  private Executable load(Batches programs, int size) {
    boolean first = workspace.states().isEmpty();
    Executable executable = programs.of(size);
    if (first) {
      model.parameters().forEach(workspace::write);
    }
    return executable;
  }

  /**
   * The mean loss and the accuracy on all rows of a table.
   *
   * @param programs the program for each batch size
   */
  static Metrics evaluate(
      Table table, Loss loss, int batch, Prefetch prefetch, IntFunction<Executable> programs) {
    var running = new RunningMetrics(loss);
    pass(table, true, batch, prefetch, programs, running::add);
    return running.metrics();
  }

  @Override
  public void close() {
    workspace.close();
  }
}
