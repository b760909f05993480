package io.measureflow.cli.tune;

import io.measureflow.TrainedModel;
import io.measureflow.Versions;
import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.Preprocessing;
import io.measureflow.api.error.DivergedException;
import io.measureflow.api.error.RunFailedException;
import io.measureflow.cli.command.Wiring;
import io.measureflow.cli.run.RunStart;
import io.measureflow.core.checkpoint.Provenance;
import io.measureflow.core.checkpoint.TrainingCheckpoint;
import io.measureflow.core.data.StratifiedSplit;
import io.measureflow.core.metrics.Evaluation;
import io.measureflow.core.metrics.RegressionMetrics;
import io.measureflow.core.model.Model;
import io.measureflow.core.training.TrainingListener;
import io.measureflow.core.training.TrainingState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/**
 * Trains trials, each from where it paused, and judges them. A trial is a run of {@code train} with
 * its settings: it keeps the epoch that such a run keeps, and stops where such a run stops.
 */
final class TrialRunner {

  private final Wiring wiring;
  private final Backend backend;
  private final Dataset dataset;
  private final List<StratifiedSplit> parts;
  private final JudgedBy metric;
  private final TuneFolder folder;

  /**
   * @param dataset the data, without test rows
   * @param parts how the training rows are divided, once for each fold
   */
  TrialRunner(
      Wiring wiring,
      Backend backend,
      Dataset dataset,
      List<StratifiedSplit> parts,
      JudgedBy metric,
      TuneFolder folder) {
    this.wiring = wiring;
    this.backend = backend;
    this.dataset = dataset;
    this.parts = parts;
    this.metric = metric;
    this.folder = folder;
  }

  /** Where training has come to, and how good that is. */
  private record Judged(TrainingState state, int kept, Evaluation evaluation) {}

  /**
   * Trains a trial until so many epochs are done, and judges it.
   *
   * @param round the index of the round
   * @param trial the index of the trial
   */
  TrialRow train(int round, int trial, TrialPlan plan, int epochs) {
    double kept = 0;
    double score = 0;
    double loss = 0;
    double further = 0;
    for (int part = 0; part < parts.size(); part++) {
      Optional<Judged> judged = advance(trial, part, plan, epochs);
      if (judged.isEmpty()) {
        return TrialRow.diverged(round, trial, epochs);
      }
      Evaluation evaluation = judged.get().evaluation();
      kept += (double) judged.get().kept() / parts.size();
      score += metric.of(evaluation) / parts.size();
      loss += evaluation.loss() / parts.size();
      further +=
          evaluation.regression().map(RegressionMetrics::rmse).orElseGet(evaluation::accuracy)
              / parts.size();
    }
    return new TrialRow(round, trial, epochs, kept, score, loss, further);
  }

  private Optional<Judged> advance(int trial, int part, TrialPlan plan, int epochs) {
    Path file = folder.checkpoint(trial, part);
    TrainingState start = start(file, plan, epochs);
    Judged judged;
    try {
      TrainingState state =
          start.epoch() == epochs || hasStopped(start, plan)
              ? start
              : wiring
                  .trainer()
                  .train(
                      plan.spec(),
                      start,
                      dataset,
                      Optional.of(parts.get(part)),
                      plan.settings(),
                      epochs,
                      new TrainingListener() {})
                  .state();
      judged = judge(state, plan, part);
    } catch (DivergedException e) {
      return Optional.empty();
    }
    // A trial without a finite prediction or parameter has diverged as well.
    if (!Double.isFinite(metric.of(judged.evaluation())) || !isFinite(judged.state())) {
      return Optional.empty();
    }
    new TrainingCheckpoint(plan.spec(), judged.state(), dataset.fingerprint())
        .save(file, preprocessing(plan, dataset), provenance(plan, judged.state().epoch()));
    return Optional.of(judged);
  }

  /** Returns where the trial paused; the beginning if it did not, or later than it should have. */
  private TrainingState start(Path file, TrialPlan plan, int epochs) {
    if (Files.exists(file)) {
      TrainingState paused =
          TrainingCheckpoint.load(
                  file, plan.settings().flow(), plan.settings().trainable(), wiring.extensions())
              .state();
      if (paused.epoch() <= epochs) {
        return paused;
      }
    }
    return RunStart.of(plan.config(), wiring.extensions(), backend, dataset).state();
  }

  private static Preprocessing preprocessing(TrialPlan plan, Dataset dataset) {
    return dataset.preprocessing().withLink(plan.settings().objective().loss().link());
  }

  private static boolean hasStopped(TrainingState state, TrialPlan plan) {
    int patience = plan.settings().patience();
    return patience > 0 && state.epoch() > 0 && state.epoch() - state.bestEpoch() >= patience;
  }

  private Judged judge(TrainingState state, TrialPlan plan, int part) {
    boolean best = plan.settings().patience() > 0;
    Model model =
        Model.of(plan.spec(), best ? state.best() : state.tensors(), "a trial of the search");
    int kept = best ? state.bestEpoch() : state.epoch();
    try {
      Evaluation evaluation =
          TrainedModel.of(model, preprocessing(plan, dataset), provenance(plan, kept))
              .evaluate(
                  dataset, parts.get(part).held(), plan.settings().objective().loss(), backend);
      return new Judged(state, kept, evaluation);
    } catch (RunFailedException e) {
      var diverged = new DivergedException(String.valueOf(e.getMessage()));
      diverged.initCause(e);
      throw diverged;
    }
  }

  private static boolean isFinite(TrainingState state) {
    for (Tensor tensor : state.tensors().values()) {
      for (long i = 0; i < tensor.shape().size(); i++) {
        if (!Double.isFinite(tensor.get(i))) {
          return false;
        }
      }
    }
    return true;
  }

  private Provenance provenance(TrialPlan plan, int epoch) {
    var metrics = new LinkedHashMap<String, Double>();
    metrics.put("epoch", (double) epoch);
    return new Provenance(
        plan.config().json(),
        plan.config().seed(),
        dataset.name(),
        dataset.fingerprint(),
        backend.description(),
        Versions.all(),
        Instant.now(),
        0,
        metrics);
  }
}
