package io.measureflow.cli.predict;

import io.measureflow.Origin;
import io.measureflow.TrainedModel;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.data.DatasetRequest.Columns;
import io.measureflow.api.data.DatasetRequest.Split;
import io.measureflow.api.data.DatasetRequest.Storage;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.config.DatasetConfig;
import io.measureflow.config.RunConfig;
import java.nio.file.Path;
import java.util.List;
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

  private static final String DATASET = "--dataset";
  private static final String DATA = "--data";
  private static final String TEST = "--test";

  /**
   * Chooses the data.
   *
   * @param config the configuration of the command
   * @throws InvalidRequestException if neither the options nor the model name any
   */
  static EvaluationData of(ParseResult arguments, RunConfig config, TrainedModel model) {
    boolean named =
        arguments.hasMatchedOption(DATASET)
            || arguments.hasMatchedOption("--config")
            || arguments.<List<String>>matchedOptionValue("--set", List.of()).stream()
                .anyMatch(change -> change.strip().matches("(measureflow\\.)?dataset\\.name *=.*"));
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
    boolean other = arguments.hasMatchedOption(DATA) || arguments.hasMatchedOption(TEST);
    DatasetConfig merged = merged(arguments, config.dataset(), origin.config(), other);
    boolean same = merged.equals(merged(origin.config(), config.dataset()));
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
  private static DatasetConfig merged(RunConfig run, DatasetConfig given) {
    DatasetConfig base = run.dataset();
    return new DatasetConfig(
        base.name(),
        base.data(),
        base.test(),
        base.columns(),
        base.scaling(),
        base.targetScaling(),
        new Split(base.split().test(), run.seed()),
        // A checkpoint from elsewhere must not choose where files are written.
        new Storage(base.storage().kind(), given.storage().folder(), base.storage().window()));
  }

  private static DatasetConfig merged(
      ParseResult arguments, DatasetConfig given, RunConfig run, boolean other) {
    DatasetConfig base = merged(run, given);
    Columns said = given.columns();
    Columns columns = base.columns();
    boolean split = arguments.hasMatchedOption("--split");
    return new DatasetConfig(
        base.name(),
        arguments.hasMatchedOption(DATA) ? given.data() : base.data(),
        other ? given.test() : base.test(),
        new Columns(
            arguments.hasMatchedOption("--label") ? said.labels() : columns.labels(),
            arguments.hasMatchedOption("--separator") ? said.separator() : columns.separator(),
            arguments.hasMatchedOption("--header") ? said.header() : columns.header(),
            arguments.hasMatchedOption("--missing") ? said.missing() : columns.missing(),
            arguments.hasMatchedOption("--target") ? said.target() : columns.target(),
            // How columns are encoded is kept with the model.
            columns.mostCategories(),
            columns.categories(),
            columns.dates()),
        base.scaling(),
        base.targetScaling(),
        split ? given.split() : other ? Split.NONE : base.split(),
        arguments.hasMatchedOption("--storage") ? given.storage() : base.storage());
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
