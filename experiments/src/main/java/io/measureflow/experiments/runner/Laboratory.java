package io.measureflow.experiments.runner;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.Dataset;
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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** Where runs are done: a backend, and datasets that are loaded when a run first asks for them. */
public final class Laboratory implements AutoCloseable {

  private final Backend backend;
  private final Function<String, Dataset> loader;
  private final SequencedMap<String, Dataset> loaded = new LinkedHashMap<>();

  /**
   * @param backend what computes; closed with this
   * @param loader loads a dataset by its name
   */
  public Laboratory(Backend backend, Function<String, Dataset> loader) {
    this.backend = backend;
    this.loader = loader;
  }

  public Backend backend() {
    return backend;
  }

  /** A dataset, kept until the end. */
  public Dataset dataset(String name) {
    return loaded.computeIfAbsent(name, loader);
  }

  /** A dataset that is computed from others, kept until the end. */
  public Dataset derived(String name, Supplier<Dataset> computed) {
    return loaded.computeIfAbsent(name, _ -> computed.get());
  }

  /** The dataset of a run. */
  public Dataset dataset(Run run) {
    return dataset(run.setting(Recipe.DATASET));
  }

  /** The classes of a dataset. */
  public static int classes(Dataset dataset) {
    if (dataset.schema().target() instanceof Schema.Target.Classes(List<String> names)) {
      return names.size();
    }
    throw InvalidRequestException.of(
        dataset.name(), "classes to predict", "none", "Choose a dataset of classes.");
  }

  /** The test rows of a dataset. */
  public static Table test(Dataset dataset) {
    return dataset
        .test()
        .orElseThrow(
            () ->
                InvalidRequestException.of(
                    dataset.name(),
                    "rows to test on",
                    "none",
                    "Put the files of the test rows beside the others."));
  }

  /**
   * A training that is over.
   *
   * @param spec the model
   * @param epochs the reports of the epochs that were finished
   * @param model the model at the end; empty where the loss was no longer finite before it
   */
  public record Trained(ModelSpec spec, List<EpochReport> epochs, Optional<Model> model) {

    public boolean diverged() {
      return model.isEmpty();
    }
  }

  /** The model of a run for its dataset. */
  public ModelSpec spec(Run run, Dataset dataset) {
    return Recipe.config(run)
        .model()
        .spec(Extensions.onClassPath(), dataset.schema().featureCount(), classes(dataset));
  }

  /** The parameters that a run begins with. */
  public SequencedMap<String, Tensor> parameters(ModelSpec spec, Run run) {
    return Initialization.parameters(spec, run.seed(), backend.description().precision());
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

  /** A dataset without its test rows, for whoever must not see them. */
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
      // The whole is closed by its owner.
    }
  }

  @Override
  public void close() {
    // Those that were computed from others are closed before them.
    loaded.sequencedValues().reversed().forEach(Dataset::close);
    backend.close();
  }
}
