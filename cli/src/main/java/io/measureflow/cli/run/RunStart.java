package io.measureflow.cli.run;

import io.measureflow.TrainedModel;
import io.measureflow.api.backend.Backend;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.data.Schema;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.program.Shape;
import io.measureflow.api.registry.Extensions;
import io.measureflow.config.RunConfig;
import io.measureflow.core.model.Initialization;
import io.measureflow.core.model.Model;
import io.measureflow.core.training.TrainingState;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What training starts from.
 *
 * @param spec the model
 * @param state the state to train from
 */
public record RunStart(ModelSpec spec, TrainingState state) {

  private static final String INIT = "--init";

  /**
   * Returns the request for the data of a run. One that starts from a model treats them as those
   * that the model was trained on, or takes them as they are where its checkpoint says nothing.
   */
  public static DatasetRequest data(RunConfig config, Extensions extensions, Backend backend) {
    DatasetRequest request =
        config.dataset().request(backend.description().precision(), DatasetRequest.Use.TRAIN);
    Optional<TrainedModel> initial =
        initial(config).map(file -> TrainedModel.load(file, extensions));
    if (initial.isEmpty() || request.scaling().isPresent()) {
      return request;
    }
    return initial.get().preprocessing().isPresent()
        ? initial.get().treatingAlike(request)
        : request.withUse(DatasetRequest.Use.EVALUATE);
  }

  /**
   * Returns the start of a new run: random parameters, or those of a checkpoint.
   *
   * @param config the configuration, completed for the data
   * @throws InvalidRequestException if the model is not that of the checkpoint, or the data have no
   *     target
   */
  public static RunStart of(
      RunConfig config, Extensions extensions, Backend backend, Dataset dataset) {
    ModelSpec spec = model(config, extensions, dataset);
    return new RunStart(
        spec,
        TrainingState.initial(
            initial(config)
                .map(file -> TrainedModel.load(file, extensions).model().parameters())
                .orElseGet(
                    () ->
                        Initialization.parameters(
                            spec,
                            config.training().initialisation(),
                            config.seed(),
                            backend.description().precision()))));
  }

  /** Returns the model of a new run, as {@link #of}, without its parameters. */
  public static ModelSpec model(RunConfig config, Extensions extensions, Dataset dataset) {
    Shape input = dataset.schema().sample();
    int outputs = outputs(dataset.schema().target());
    Optional<Path> initial = initial(config);
    if (initial.isEmpty()) {
      return config.model().spec(extensions, input, outputs);
    }
    Path file = initial.get();
    Model model = TrainedModel.load(file, extensions).model();
    if (config.modelGiven()) {
      ModelSpec asked = config.model().spec(extensions, input, outputs);
      if (!asked.equals(model.spec())) {
        throw InvalidRequestException.of(
            INIT + " " + file,
            "a checkpoint with the model of the options, " + asked.layers(),
            model.spec().layers().toString(),
            "Leave the options of the model out: the checkpoint describes it.");
      }
    }
    return model.spec();
  }

  /** Returns the checkpoint to start from: a file, or that of a run folder. */
  private static Optional<Path> initial(RunConfig config) {
    return config.init().map(named -> RunFolder.checkpoint(INIT, named));
  }

  private static int outputs(Schema.Target target) {
    if (target instanceof Schema.Target.None) {
      throw InvalidRequestException.of(
          "data", "a target to predict", "none", "Name its column with --label.");
    }
    return target.outputs();
  }
}
