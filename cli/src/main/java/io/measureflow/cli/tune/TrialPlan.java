package io.measureflow.cli.tune;

import io.measureflow.api.data.Dataset;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.registry.Extensions;
import io.measureflow.cli.run.RunStart;
import io.measureflow.config.RunConfig;
import io.measureflow.core.training.Trainer;
import io.measureflow.core.training.TrainingSettings;
import io.measureflow.tune.Values;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/**
 * How a trial is trained.
 *
 * @param config its configuration, completed for the data
 * @param spec its model
 * @param settings its training, in full
 */
record TrialPlan(RunConfig config, ModelSpec spec, TrainingSettings settings) {

  private static final String LEARNING_RATE = "training.learning-rate";
  private static final String FLOW = "training.flow";
  private static final String EPOCHS = "training.epochs";

  /**
   * Returns the number of epochs of a full run of any trial: that of a run with the fixed settings.
   *
   * @param space the settings that are varied
   */
  static int epochs(
      RunConfig fixed, SequencedMap<String, Values> space, Extensions extensions, Dataset dataset) {
    var settings = new LinkedHashMap<String, String>();
    if (space.containsKey(FLOW)) {
      settings.put(FLOW, space.get(FLOW).examples().getFirst());
    }
    return of(fixed, settings, extensions, dataset).settings().epochs();
  }

  /**
   * Plans a trial.
   *
   * <p>Whether a run chooses how it trains (docs/defaults.md) is decided by the fixed settings and
   * by whether the flow is varied. A varied learning rate leaves that open, unlike a given one: it
   * is the learning rate of the flow that is chosen.
   *
   * @param fixed the settings of all trials
   * @param varied those of this one, by key
   * @throws io.measureflow.api.error.InvalidRequestException if they do not fit each other or the
   *     data
   */
  static TrialPlan of(
      RunConfig fixed, Map<String, String> varied, Extensions extensions, Dataset dataset) {
    var early = new LinkedHashMap<>(varied);
    var late = new LinkedHashMap<String, String>();
    String rate = early.remove(LEARNING_RATE);
    if (rate != null) {
      late.put(LEARNING_RATE, rate);
    }
    RunConfig config =
        fixed
            .with(early, SearchedSettings.TRY)
            .completed(
                extensions,
                dataset.train().rows(),
                dataset.preprocessing(),
                dataset.schema().sample())
            .with(late, SearchedSettings.TRY);
    ModelSpec spec = RunStart.model(config, extensions, dataset);
    TrainingSettings settings =
        config.training().settings(extensions, spec, dataset.schema().target(), config.seed());
    Trainer.requireFit(spec, dataset.schema(), settings);
    return new TrialPlan(config, spec, settings);
  }

  /** Plans a trial with a given number of epochs of a full run. */
  static TrialPlan of(
      RunConfig fixed,
      Map<String, String> varied,
      int epochs,
      Extensions extensions,
      Dataset dataset) {
    return of(
        fixed.with(Map.of(EPOCHS, String.valueOf(epochs)), "tune"), varied, extensions, dataset);
  }
}
