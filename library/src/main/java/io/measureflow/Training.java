package io.measureflow;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.data.DatasetRequest.Columns;
import io.measureflow.api.data.DatasetRequest.Missing;
import io.measureflow.api.data.DatasetRequest.Scaling;
import io.measureflow.api.data.DatasetRequest.Split;
import io.measureflow.api.data.Preprocessing;
import io.measureflow.api.data.Schema;
import io.measureflow.api.data.Schema.Target;
import io.measureflow.api.data.SourceColumn;
import io.measureflow.api.data.Table;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.flow.Flow;
import io.measureflow.api.flow.LearningRateSchedule;
import io.measureflow.api.model.Layer;
import io.measureflow.api.model.Loss;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.program.Shape;
import io.measureflow.api.registry.Extensions;
import io.measureflow.config.Defaults;
import io.measureflow.config.ModelConfig;
import io.measureflow.config.RunConfig;
import io.measureflow.config.TrainingConfig;
import io.measureflow.core.augmentation.Augmentation;
import io.measureflow.core.checkpoint.Provenance;
import io.measureflow.core.data.PreparedDataset;
import io.measureflow.core.model.InitialScale;
import io.measureflow.core.model.Initialization;
import io.measureflow.core.training.EpochReport;
import io.measureflow.core.training.Objective;
import io.measureflow.core.training.Trainable;
import io.measureflow.core.training.Trainer;
import io.measureflow.core.training.TrainingListener;
import io.measureflow.core.training.TrainingResult;
import io.measureflow.core.training.TrainingSettings;
import io.measureflow.core.training.TrainingState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.function.Consumer;

/**
 * How to train a model: layers, flow and settings, each with a default. Immutable; every method
 * except {@link #train} returns a changed copy.
 *
 * <pre>{@code
 * TrainedModel model =
 *     Training.of(Mixture.diagonal().components(256))
 *         .flow(Adam.of().beta1(0.5))
 *         .epochs(15)
 *         .train(Datasets.classes(features, labels));
 * }</pre>
 */
public final class Training {

  private final List<LayerBuilder> layers;
  private Optional<Flow> flow = Optional.empty();
  private OptionalDouble learningRate = OptionalDouble.empty();
  private Optional<LearningRateSchedule> schedule = Optional.empty();
  private OptionalInt epochs = OptionalInt.empty();
  private OptionalInt batch = OptionalInt.empty();
  private long seed = 1;
  private boolean shuffle = true;
  private double split;
  private OptionalDouble validation = OptionalDouble.empty();
  private OptionalInt patience = OptionalInt.empty();
  private Optional<Loss> loss = Optional.empty();
  private OptionalDouble secondMoment = OptionalDouble.empty();
  private double entropy;
  private Trainable trainable = Trainable.DEFAULT;
  private InitialScale initialisation = InitialScale.AUTO;
  private Augmentation augmentation = Augmentation.NONE;
  private Optional<Scaling> scaling = Optional.empty();
  private Optional<Scaling> targetScaling = Optional.empty();
  private TrainingListener listener = new TrainingListener() {};
  private Optional<Backend> backend = Optional.empty();

  private Training(List<LayerBuilder> layers) {
    this.layers = List.copyOf(layers);
  }

  /** Starts from a stack of layers, each a {@link Mixture}, a {@link Dense} or your own. */
  public static Training of(LayerBuilder... layers) {
    if (layers.length == 0) {
      throw new IllegalArgumentException("Training: expected at least one layer, found none");
    }
    return new Training(List.of(layers));
  }

  /** One diagonal layer, the default of the command line for tables. */
  public static Training defaults() {
    return of(Mixture.diagonal());
  }

  private Training with(Consumer<Training> change) {
    var copy = new Training(layers);
    copy.flow = flow;
    copy.learningRate = learningRate;
    copy.schedule = schedule;
    copy.epochs = epochs;
    copy.batch = batch;
    copy.seed = seed;
    copy.shuffle = shuffle;
    copy.split = split;
    copy.validation = validation;
    copy.patience = patience;
    copy.loss = loss;
    copy.secondMoment = secondMoment;
    copy.entropy = entropy;
    copy.trainable = trainable;
    copy.initialisation = initialisation;
    copy.augmentation = augmentation;
    copy.scaling = scaling;
    copy.targetScaling = targetScaling;
    copy.listener = listener;
    copy.backend = backend;
    change.accept(copy);
    return copy;
  }

  /**
   * How the parameters move: {@code Wasserstein}, {@code Momentum}, {@code Adam}... Default: Adam
   * at a rate that suits most data (docs/defaults.md); {@code Wasserstein} where a learning rate is
   * given or rows are not shuffled.
   */
  public Training flow(Flow other) {
    return with(copy -> copy.flow = Optional.of(other));
  }

  /** Sets the learning rate h, above 0. Default: chosen for layers and flow. */
  public Training learningRate(double h) {
    require("learning rate", h > 0 && h < Double.POSITIVE_INFINITY, "a number above 0", h);
    return with(copy -> copy.learningRate = OptionalDouble.of(h));
  }

  /** The factor on the learning rate along training. Default: a cosine, or constant with a flow. */
  public Training schedule(LearningRateSchedule other) {
    return with(copy -> copy.schedule = Optional.of(other));
  }

  /** The number of passes over the training rows. Default: by the number of rows, or 12. */
  public Training epochs(int number) {
    require("epochs", number >= 1, "at least 1", number);
    return with(copy -> copy.epochs = OptionalInt.of(number));
  }

  /** The number of rows of a batch. Default: by the number of rows, or 128. */
  public Training batch(int rows) {
    require("batch", rows >= 1, "at least 1", rows);
    return with(copy -> copy.batch = OptionalInt.of(rows));
  }

  /** Sets the seed of initialization, order of rows and splits. Default: 1. */
  public Training seed(long number) {
    return with(copy -> copy.seed = number);
  }

  /** Sets whether each epoch visits the rows in a new random order. Default: true. */
  public Training shuffle(boolean whether) {
    return with(copy -> copy.shuffle = whether);
  }

  /** Sets the fraction of the rows held out as test rows, stratified by class. Default: 0. */
  public Training split(double fraction) {
    require("split", fraction >= 0 && fraction < 1, "a number from 0 to below 1", fraction);
    return with(copy -> copy.split = fraction);
  }

  /**
   * Holds out a fraction of the training rows for validation, stops after this many epochs without
   * a lower validation loss, and keeps the best epoch.
   *
   * @param fraction above 0 and below 1
   * @param epochsWithout at least 1
   */
  public Training earlyStopping(double fraction, int epochsWithout) {
    require("validation", fraction > 0 && fraction < 1, "above 0 and below 1", fraction);
    require("patience", epochsWithout >= 1, "at least 1", epochsWithout);
    return with(
        copy -> {
          copy.validation = OptionalDouble.of(fraction);
          copy.patience = OptionalInt.of(epochsWithout);
        });
  }

  /**
   * Sets the loss, one of {@link io.measureflow.core.losses.Losses} or your own. Default: softmax
   * cross-entropy for classes, half the squared error for reals.
   */
  public Training loss(Loss other) {
    return with(copy -> copy.loss = Optional.of(other));
  }

  /**
   * Sets lambda, the weight of the second moment of the measure in the objective. Default: 0, or
   * the reciprocal of the number of rows where they are few ({@link Defaults}).
   */
  public Training secondMoment(double lambda) {
    require("second moment", lambda >= 0, "at least 0", lambda);
    return with(copy -> copy.secondMoment = OptionalDouble.of(lambda));
  }

  /** Sets tau, the temperature of the entropy of the components. Default: 0. */
  public Training entropy(double tau) {
    require("entropy", tau >= 0, "at least 0", tau);
    return with(copy -> copy.entropy = tau);
  }

  /** Sets what is trained and how gradients are clipped. Default: means and spread, no clipping. */
  public Training trainable(Trainable other) {
    return with(copy -> copy.trainable = other);
  }

  /** How large the outputs of mixture layers are at first. Default: by the model. */
  public Training initialisation(InitialScale other) {
    return with(copy -> copy.initialisation = other);
  }

  /** How the images of training rows are changed at random, anew in each epoch. Default: not. */
  public Training augment(Augmentation other) {
    return with(copy -> copy.augmentation = other);
  }

  /**
   * How features are scaled. Default: standardised, where the dataset has not scaled them itself:
   * less their mean over the training rows, over their standard deviation, both of which are kept
   * with the model.
   */
  public Training scaling(Scaling other) {
    return with(copy -> copy.scaling = Optional.of(other));
  }

  /**
   * How real targets are scaled: {@link Scaling#STANDARDISE} or {@link Scaling#NONE}. Predictions
   * are in their own units either way. Default: as features, or none for a loss that takes targets
   * in their own units.
   */
  public Training targetScaling(Scaling other) {
    require("target scaling", other != Scaling.UNIT, "STANDARDISE or NONE", other);
    return with(copy -> copy.targetScaling = Optional.of(other));
  }

  /** Sets a listener for every step and epoch, called on the training thread. */
  public Training listener(TrainingListener other) {
    return with(copy -> copy.listener = other);
  }

  /** Sets the backend, which stays open. Default: {@link Backends#open()}. */
  public Training backend(Backend other) {
    return with(copy -> copy.backend = Optional.of(other));
  }

  private static void require(String what, boolean holds, String expected, Object found) {
    if (!holds) {
      throw InvalidRequestException.of(what, expected, String.valueOf(found), "Correct the value.");
    }
  }

  /**
   * Trains a model.
   *
   * @param dataset the rows; stays open
   * @throws InvalidRequestException if layers, data and settings do not match
   * @throws io.measureflow.api.error.DivergedException if the loss is no longer finite
   */
  public TrainedModel train(Dataset dataset) {
    if (backend.isPresent()) {
      return train(dataset, backend.get());
    }
    try (Backend opened = Backends.open()) {
      return train(dataset, opened);
    }
  }

  private TrainedModel train(Dataset source, Backend on) {
    var request =
        DatasetRequest.of(source.name(), Optional.empty())
            .withScaling(
                scaling.isPresent() || source.preprocessing().scaling() != Scaling.NONE
                    ? scaling
                    : Optional.of(Scaling.STANDARDISE))
            .withTargetScaling(
                source.preprocessing().targetMean().isEmpty()
                        && (targetScaling.isPresent() || loss.flatMap(Loss::targetRange).isEmpty())
                    ? targetScaling
                    : Optional.of(Scaling.NONE))
            // Where values may be missing, the dataset has been loaded so.
            .withColumns(Columns.DEFAULT.withMissing(Missing.REFUSE))
            .withSplit(split == 0 ? Split.NONE : new Split(split, seed))
            .withPrecision(on.description().precision());
    // Not closed: its memory belongs to the source, and that to the caller.
    Dataset dataset = PreparedDataset.load(request, asked -> new Borrowed(source));
    ModelSpec spec = spec(dataset.schema());
    TrainingSettings settings = settings(spec, dataset);
    TrainingState start =
        TrainingState.initial(
            Initialization.parameters(spec, initialisation, seed, on.description().precision()));
    TrainingResult result = new Trainer(on).train(spec, start, dataset, settings, listener);
    return TrainedModel.of(
        result.model(),
        dataset.preprocessing().withLink(settings.objective().loss().link()),
        provenance(dataset, on, spec, settings, result));
  }

  private ModelSpec spec(Schema schema) {
    if (schema.target() instanceof Target.None) {
      throw InvalidRequestException.of(
          "training data",
          "labels or targets",
          "none",
          "Make the dataset with Datasets.classes(...) or Datasets.real(...).");
    }
    int outputs = schema.target().outputs();
    var built = new ArrayList<Layer>();
    Shape shape = schema.sample();
    for (int i = 0; i < layers.size(); i++) {
      Layer layer = layers.get(i).build(shape, i == layers.size() - 1 ? outputs : 0);
      built.add(layer);
      shape = layer.outputShape(shape);
    }
    return built.getFirst().inputShape().isPresent()
        ? new ModelSpec(built)
        : new ModelSpec(schema.sample(), built);
  }

  private TrainingSettings settings(ModelSpec spec, Dataset dataset) {
    Defaults defaults =
        Defaults.leftOpen(flow, learningRate, shuffle)
            ? Defaults.forRows(
                    dataset.train().rows(), dataset.preprocessing(), epochs, batch, validation)
                .forModel(spec)
            : Defaults.PLAIN;
    Flow chosen = flow.orElseGet(() -> Extensions.onClassPath().of(Flow.KIND).get(defaults.flow()));
    return new TrainingSettings(
        new Objective(
            loss.orElseGet(() -> TrainingConfig.defaultLoss(dataset.schema().target())),
            secondMoment.orElse(defaults.secondMoment()),
            entropy),
        chosen,
        trainable.rateFactors().isEmpty()
            ? trainable.withRateFactors(Defaults.applicable(defaults.rateFactors(), spec))
            : trainable,
        false,
        schedule.orElse(defaults.schedule()),
        learningRate.orElse(
            defaults
                .learningRate()
                .orElseGet(() -> TrainingConfig.defaultLearningRate(spec, chosen, initialisation))),
        epochs.orElse(defaults.epochs()),
        batch.orElse(defaults.batch()),
        seed,
        shuffle,
        validation.orElse(defaults.validation()),
        patience.orElse(defaults.patience()),
        augmentation);
  }

  private Provenance provenance(
      Dataset dataset,
      Backend on,
      ModelSpec spec,
      TrainingSettings settings,
      TrainingResult result) {
    RunConfig config =
        RunConfig.defaults()
            .withTraining(TrainingConfig.of(settings, initialisation))
            .withModel(ModelConfig.of(spec, Extensions.onClassPath()))
            .withSeed(seed);
    double seconds = result.epochs().stream().mapToDouble(EpochReport::trainSeconds).sum();
    return new Provenance(
        config.json(),
        seed,
        dataset.name(),
        dataset.fingerprint(),
        on.description(),
        Versions.all(),
        Instant.now(),
        seconds,
        metrics(result));
  }

  private static SequencedMap<String, Double> metrics(TrainingResult result) {
    var metrics = new LinkedHashMap<String, Double>();
    EpochReport last = result.epochs().getLast();
    metrics.put("epoch", (double) last.epoch());
    metrics.put("train_loss", last.train().loss());
    metrics.put("train_accuracy", last.train().accuracy());
    last.validation().ifPresent(v -> metrics.put("validation_loss", v.loss()));
    last.test().ifPresent(t -> metrics.put("test_loss", t.loss()));
    last.test().ifPresent(t -> metrics.put("test_accuracy", t.accuracy()));
    return metrics;
  }

  /** A dataset that stays open when a dataset made from it is closed. */
  private record Borrowed(Dataset source) implements Dataset {

    @Override
    public String name() {
      return source.name();
    }

    @Override
    public Schema schema() {
      return source.schema();
    }

    @Override
    public Table train() {
      return source.train();
    }

    @Override
    public Optional<Table> test() {
      return source.test();
    }

    @Override
    public String fingerprint() {
      return source.fingerprint();
    }

    @Override
    public Preprocessing preprocessing() {
      return source.preprocessing();
    }

    @Override
    public List<SourceColumn> columns() {
      return source.columns();
    }

    @Override
    public void close() {}
  }
}
