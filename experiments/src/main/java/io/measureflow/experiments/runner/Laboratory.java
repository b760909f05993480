package io.measureflow.experiments.runner;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.data.Schema;
import io.measureflow.api.data.Table;
import io.measureflow.api.error.DivergedException;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.registry.Extensions;
import io.measureflow.config.RunConfig;
import io.measureflow.core.model.Initialization;
import io.measureflow.core.model.Model;
import io.measureflow.core.training.EpochReport;
import io.measureflow.core.training.Trainer;
import io.measureflow.core.training.TrainingListener;
import io.measureflow.core.training.TrainingSettings;
import io.measureflow.core.training.TrainingState;
import io.measureflow.experiments.results.Run;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** Trains the models of runs on one backend; loads each dataset when a run first needs it. */
public final class Laboratory implements AutoCloseable {

  private final Backend backend;
  private final Function<String, Path> folders;
  private final Function<DatasetRequest, Dataset> loader;
  private final SequencedMap<String, Dataset> loaded = new LinkedHashMap<>();

  /**
   * Creates a laboratory.
   *
   * @param backend the backend; closed with the laboratory
   * @param folders finds the folder of a dataset by name
   * @param loader loads a dataset
   */
  public Laboratory(
      Backend backend, Function<String, Path> folders, Function<DatasetRequest, Dataset> loader) {
    this.backend = backend;
    this.folders = folders;
    this.loader = loader;
  }

  /** The backend. */
  public Backend backend() {
    return backend;
  }

  /** Returns a dataset by name; it stays loaded until the laboratory is closed. */
  public Dataset dataset(String name) {
    return loaded.computeIfAbsent(
        name, _ -> load(DatasetRequest.of(name, Optional.of(folder(name)))));
  }

  /** Returns the folder of a dataset. */
  public Path folder(String name) {
    return folders.apply(name);
  }

  /** Loads a dataset; the caller closes it. */
  public Dataset load(DatasetRequest request) {
    return loader.apply(request);
  }

  /** Returns a dataset that is computed from others; it is computed once and kept. */
  public Dataset derived(String name, Supplier<Dataset> computed) {
    return loaded.computeIfAbsent(name, _ -> computed.get());
  }

  /** Returns the dataset of a run. */
  public Dataset dataset(Run run) {
    return dataset(run.setting(Recipe.DATASET));
  }

  /**
   * Returns the number of classes of a dataset.
   *
   * @throws InvalidRequestException if its target is not a class
   */
  public static int classes(Dataset dataset) {
    if (dataset.schema().target() instanceof Schema.Target.Classes(List<String> names)) {
      return names.size();
    }
    throw InvalidRequestException.of(
        dataset.name(), "classes to predict", "none", "Choose a dataset with classes.");
  }

  /**
   * Returns the test rows of a dataset.
   *
   * @throws InvalidRequestException if it has none
   */
  public static Table test(Dataset dataset) {
    return dataset
        .test()
        .orElseThrow(
            () ->
                InvalidRequestException.of(
                    dataset.name(),
                    "test rows",
                    "none",
                    "Put the files with the test rows beside the others."));
  }

  /**
   * The result of a training.
   *
   * @param spec the model
   * @param epochs the reports of all completed epochs
   * @param model the trained model; empty if the loss became NaN or infinite
   */
  public record Trained(ModelSpec spec, List<EpochReport> epochs, Optional<Model> model) {

    /** Whether the loss became NaN or infinite. */
    public boolean diverged() {
      return model.isEmpty();
    }
  }

  /** Returns the model that a run trains on a dataset. */
  public ModelSpec spec(Run run, Dataset dataset) {
    return Recipe.config(run)
        .model()
        .spec(Extensions.onClassPath(), dataset.schema().sample(), classes(dataset));
  }

  /** Returns the initial parameters of a run. */
  public SequencedMap<String, Tensor> parameters(ModelSpec spec, Run run) {
    return Initialization.parameters(
        spec,
        Recipe.config(run).training().initialisation(),
        run.seed(),
        backend.description().precision());
  }

  /** Trains as {@code measureflow train} does with the settings of the run. */
  public Trained train(Run run) {
    return train(run, dataset(run), UnaryOperator.identity());
  }

  /**
   * Trains with the settings of a run.
   *
   * @param dataset what to train on
   * @param start changes the parameters that the run begins with
   */
  public Trained train(
      Run run, Dataset dataset, UnaryOperator<SequencedMap<String, Tensor>> start) {
    RunConfig config = Recipe.config(run);
    ModelSpec spec = spec(run, dataset);
    TrainingSettings settings =
        config
            .training()
            .settings(Extensions.onClassPath(), spec, dataset.schema().target(), run.seed());
    var epochs = new ArrayList<EpochReport>();
    var listener =
        new TrainingListener() {
          @Override
          public void epoch(EpochReport report, TrainingState state, boolean best) {
            epochs.add(report);
          }
        };
    try {
      var result =
          new Trainer(backend)
              .train(
                  spec,
                  TrainingState.initial(start.apply(parameters(spec, run))),
                  dataset,
                  settings,
                  listener);
      return new Trained(spec, epochs, Optional.of(result.model()));
    } catch (DivergedException e) {
      return new Trained(spec, epochs, Optional.empty());
    }
  }

  /** Returns the dataset without its test rows, for tuning. */
  public static Dataset withoutTest(Dataset dataset) {
    return new TrainOnly(dataset);
  }

  private record TrainOnly(Dataset whole) implements Dataset {

    @Override
    public String name() {
      return whole.name();
    }

    @Override
    public Schema schema() {
      return whole.schema();
    }

    @Override
    public Table train() {
      return whole.train();
    }

    @Override
    public Optional<Table> test() {
      return Optional.empty();
    }

    @Override
    public String fingerprint() {
      return whole.fingerprint();
    }

    @Override
    public void close() {
      // The owner of the whole dataset closes it.
    }
  }

  @Override
  public void close() {
    // Derived datasets are closed before those they were computed from.
    loaded.sequencedValues().reversed().forEach(Dataset::close);
    backend.close();
  }
}
