package io.measureflow.cli.predict;

import io.measureflow.Origin;
import io.measureflow.TrainedModel;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.data.DatasetRequest.Split;
import io.measureflow.api.data.DatasetRequest.Storage;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.cli.command.Setting;
import io.measureflow.config.DatasetConfig;
import io.measureflow.config.RunConfig;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.ParseResult;

/**
 * Which data a model is evaluated on: those that the options name, or those of its own run, with
 * what the options change.
 *
 * @param config the configuration whose loss and splits matter
 * @param dataset the data
 * @param origin the run that the model is from, if that is known
 * @param ofTheRun whether the data are those of the run, unchanged
 */
record EvaluationData(
    RunConfig config, DatasetConfig dataset, Optional<Origin> origin, boolean ofTheRun) {

  private static final String SECTION = "dataset.";
  private static final String DATASET = "--dataset";
  private static final String DATA = "--data";

  /**
   * Chooses the data.
   *
   * @param config the configuration of the command
   * @throws InvalidRequestException if neither the options nor the model name any
   */
  static EvaluationData of(ParseResult arguments, RunConfig config, TrainedModel model) {
    var typed = new LinkedHashMap<>(Setting.typed(arguments));
    typed.keySet().removeIf(key -> !key.startsWith(SECTION));
    boolean named = typed.containsKey(SECTION + "name") || arguments.hasMatchedOption("--config");
    if (named) {
      return new EvaluationData(config, config.dataset(), known(model), false);
    }
    Origin origin =
        model
            .origin()
            .filter(Origin::namesData)
            .orElseThrow(
                () ->
                    InvalidRequestException.of(
                        "data to evaluate on",
                        DATASET + " NAME and " + DATA + " PATH",
                        "neither, and a model that does not say what it was trained on",
                        "Name them."));
    DatasetConfig own = ofRun(origin.config().dataset(), origin.config().seed(), config.dataset());
    DatasetConfig merged = typed.isEmpty() ? own : changed(own, origin.config(), typed, config);
    boolean same = merged.equals(own);
    return new EvaluationData(origin.config(), merged, Optional.of(origin), same);
  }

  /** The run of a model whose data are named anyway may be unknown, or of another version. */
  private static Optional<Origin> known(TrainedModel model) {
    try {
      return model.origin();
    } catch (InvalidRequestException e) {
      return Optional.empty();
    }
  }

  /** The data of the run, kept where this command says. */
  private static DatasetConfig ofRun(DatasetConfig run, long seed, DatasetConfig given) {
    return new DatasetConfig(
        run.name(),
        run.data(),
        run.test(),
        run.columns(),
        run.scaling(),
        run.targetScaling(),
        new Split(run.split().test(), seed),
        // A checkpoint from elsewhere must not choose where files are written.
        new Storage(run.storage().kind(), given.storage().folder(), run.storage().window()));
  }

  /** The data of the run with what was typed. Other rows are neither split nor have test rows. */
  private static DatasetConfig changed(
      DatasetConfig own, RunConfig run, Map<String, String> typed, RunConfig given) {
    boolean other = typed.containsKey(SECTION + "data") || typed.containsKey(SECTION + "test");
    DatasetConfig changed = run.with(typed, "the command line").dataset();
    return new DatasetConfig(
        changed.name(),
        changed.data(),
        other && !typed.containsKey(SECTION + "test") ? Optional.empty() : changed.test(),
        changed.columns(),
        changed.scaling(),
        changed.targetScaling(),
        typed.keySet().stream().anyMatch(key -> key.startsWith(SECTION + "split"))
            ? given.dataset().split()
            : other ? Split.NONE : own.split(),
        new Storage(
            changed.storage().kind(),
            given.dataset().storage().folder(),
            changed.storage().window()));
  }

  DatasetRequest request(Precision precision) {
    return dataset.request(precision, DatasetRequest.Use.EVALUATE);
  }

  /**
   * Checks that the data of the run are what they were.
   *
   * @throws InvalidRequestException if they changed, so that other rows would be held out
   */
  void requireSame(Dataset loaded) {
    if (ofTheRun) {
      origin.orElseThrow().requireSame(described(), loaded);
    }
  }

  /** Returns whether the rows are those of the run, as far as names tell. */
  boolean mayBeTrainedOn() {
    return origin
        .map(
            run ->
                run.namesData()
                    && run.data().equals(dataset.name())
                    && absolute(run.config().dataset().data()).equals(absolute(dataset.data())))
        .orElse(false);
  }

  private static Optional<Path> absolute(Optional<Path> path) {
    return path.map(each -> each.toAbsolutePath().normalize());
  }

  /** Returns the data in words. */
  String described() {
    return dataset.name()
        + dataset.data().map(path -> " " + path).orElse("")
        + (ofTheRun ? ", as in training" : "");
  }
}
