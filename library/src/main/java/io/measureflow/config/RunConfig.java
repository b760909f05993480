package io.measureflow.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValueFactory;
import io.measureflow.api.backend.Backend;
import io.measureflow.api.data.Preprocessing;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.program.Shape;
import io.measureflow.api.registry.Extensions;
import io.measureflow.core.training.TrainingSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A complete, typed and checked configuration. {@code reference.conf} lists every key with its
 * default and its meaning; a file, system properties and the command line override it in this
 * order. Programs make one from {@link #defaults} and its {@code with} methods, or from a section
 * of their own configuration ({@link #of(Config)}).
 *
 * @param backend what to compute on
 * @param dataset which data to load
 * @param model which model to train
 * @param training how to train it
 * @param fetch where to download datasets from
 * @param modules the class names of Guice modules that bind further extensions
 * @param seed the seed of initialization and order of rows
 * @param init the checkpoint to start from
 * @param out the folder of the run
 * @param modelGiven whether anything but the defaults sets the model
 */
public record RunConfig(
    BackendConfig backend,
    DatasetConfig dataset,
    ModelConfig model,
    TrainingConfig training,
    FetchConfig fetch,
    List<String> modules,
    long seed,
    Optional<Path> init,
    Optional<Path> out,
    boolean modelGiven) {

  /** The key that contains all settings. */
  public static final String ROOT = "measureflow";

  /** Copies the list. */
  public RunConfig {
    modules = List.copyOf(modules);
  }

  /** Returns the defaults. */
  public static RunConfig defaults() {
    return of(ConfigFactory.empty());
  }

  /**
   * Reads a section of an application's own configuration; missing settings have their defaults.
   *
   * @param section the settings without the prefix {@code measureflow}; resolved
   * @throws io.measureflow.api.error.InvalidRequestException if a key is unknown or a value is
   *     invalid; the message names the key and where it was set
   */
  public static RunConfig of(Config section) {
    return ConfigSources.read(section.atKey(ROOT));
  }

  /**
   * Merges the defaults, a file, system properties {@code measureflow.*} and the command line,
   * weakest first. A file is bounded and can include only files by name: neither network, class
   * path nor environment.
   *
   * @param file a HOCON file
   * @param commandLine settings by key, with or without the prefix {@code measureflow.}
   * @throws io.measureflow.api.error.InvalidRequestException if a key is unknown or a value is
   *     invalid; the message names the key and where it was set
   */
  public static RunConfig load(Optional<Path> file, Map<String, String> commandLine) {
    return load(file, commandLine, Environment.HIDDEN);
  }

  /** Whether substitutions such as {@code ${HOME}} may read environment variables. */
  public enum Environment {
    /** They may not: an untrusted file could otherwise copy secrets into the folder of a run. */
    HIDDEN,
    /** They may. */
    VISIBLE
  }

  /** Merges as {@link #load(Optional, Map)}; the file may optionally read the environment. */
  public static RunConfig load(
      Optional<Path> file, Map<String, String> commandLine, Environment environment) {
    return ConfigSources.load(file, commandLine, environment);
  }

  static RunConfig read(ConfigReader reader, boolean modelGiven) {
    return new RunConfig(
        BackendConfig.read(reader),
        DatasetConfig.read(reader),
        ModelConfig.read(reader),
        TrainingConfig.read(reader),
        FetchConfig.read(reader),
        reader.texts("modules"),
        reader.wholeNumber("seed"),
        reader.path("init"),
        reader.path("out"),
        modelGiven);
  }

  /** Returns a copy with another backend. */
  public RunConfig withBackend(BackendConfig other) {
    return new RunConfig(
        other, dataset, model, training, fetch, modules, seed, init, out, modelGiven);
  }

  /** Returns a copy with another dataset. */
  public RunConfig withDataset(DatasetConfig other) {
    return new RunConfig(
        backend, other, model, training, fetch, modules, seed, init, out, modelGiven);
  }

  /** Returns a copy with another model. */
  public RunConfig withModel(ModelConfig other) {
    return new RunConfig(backend, dataset, other, training, fetch, modules, seed, init, out, true);
  }

  /** Returns a copy with other training settings. */
  public RunConfig withTraining(TrainingConfig other) {
    return new RunConfig(
        backend, dataset, model, other, fetch, modules, seed, init, out, modelGiven);
  }

  /** Returns a copy with another seed. */
  public RunConfig withSeed(long other) {
    return new RunConfig(
        backend, dataset, model, training, fetch, modules, other, init, out, modelGiven);
  }

  /**
   * Returns a copy with other values of some settings.
   *
   * @param settings values as on the command line, by key
   * @param origin what sets them, for messages: {@code "the command line"}
   * @throws io.measureflow.api.error.InvalidRequestException if a key is unknown or a value is
   *     invalid
   */
  public RunConfig with(Map<String, String> settings, String origin) {
    Config given = config();
    if (init.isPresent() && !modelGiven) {
      // The model is that of the checkpoint, not these defaults.
      given = given.withoutPath("model");
    }
    RunConfig changed = ConfigSources.change(given.atKey(ROOT), settings, origin);
    return settings.containsKey("backend")
        ? changed
        : changed.withBackend(changed.backend.withSetBy(backend.setBy()));
  }

  /** Returns a copy whose paths hold in every working directory. */
  public RunConfig withAbsolutePaths() {
    return new RunConfig(
        backend,
        dataset.absolute(),
        model,
        training,
        fetch,
        modules,
        seed,
        init.map(path -> path.toAbsolutePath().normalize()),
        out,
        modelGiven);
  }

  /**
   * This configuration with what it leaves open about model and training chosen for these data
   * (docs/defaults.md). Where a flow, its step, or batches in the order of the rows are asked for,
   * nothing is chosen, and the values of {@link Defaults#PLAIN} hold.
   *
   * @param rows the number of training rows
   * @param data their features and target
   * @param sample the shape of a row: [d], or [C, H, W] of an image
   */
  public RunConfig completed(Extensions extensions, int rows, Preprocessing data, Shape sample) {
    if (!training.leftOpen()) {
      return this;
    }
    Defaults chosen =
        Defaults.forRows(rows, data, training.epochs(), training.batch(), training.validation());
    boolean ownModel = init.isEmpty() || modelGiven;
    ModelConfig completed =
        ownModel ? model.completed(extensions, chosen.family(), data.featureCount()) : model;
    return new RunConfig(
        backend,
        dataset,
        completed,
        training.or(
            ownModel
                ? chosen.forModel(completed.spec(extensions, sample, data.target().outputs()))
                : chosen),
        fetch,
        modules,
        seed,
        init,
        out,
        modelGiven);
  }

  /**
   * Returns a copy whose data suit the loss that is named, where it is left open how targets are
   * read and scaled: as real numbers for a loss of real targets, and not standardised for one that
   * takes them in their own units. A new run begins with it; one that is resumed has it already.
   *
   * @throws io.measureflow.api.error.InvalidRequestException if the loss is unknown
   */
  public RunConfig suitedToLoss(Extensions extensions) {
    return training
        .namedLoss(extensions)
        .map(loss -> withDataset(dataset.suitedTo(loss)))
        .orElse(this);
  }

  /**
   * Looks up every name but that of the backend, so that a wrong one is found before anything is
   * opened or loaded.
   *
   * @throws io.measureflow.api.error.InvalidRequestException if a name is unknown
   */
  public void check(Extensions extensions) {
    if (init.isEmpty() || modelGiven) {
      model.check(extensions);
    }
    training.check(extensions);
  }

  /**
   * Returns a copy with every open choice made: what a run with these settings on this data and
   * backend did, so that it can be repeated anywhere.
   *
   * @param spec the model
   * @param settings how it is trained
   * @param opened the backend that computes
   * @param extensions the extensions of the run
   */
  public RunConfig resolved(
      ModelSpec spec,
      TrainingSettings settings,
      Backend.Description opened,
      Extensions extensions) {
    return new RunConfig(
        new BackendConfig(
            opened.name(),
            "the choices of a run",
            backend.candidates(),
            OptionalInt.of(opened.threads()),
            Optional.of(opened.precision()),
            backend.sections()),
        dataset.absolute(),
        init.isPresent() && !modelGiven ? ModelConfig.of(spec, extensions) : model.orPlain(),
        training.resolved(settings),
        fetch,
        modules,
        seed,
        init.map(path -> path.toAbsolutePath().normalize()),
        Optional.empty(),
        true);
  }

  /** Returns the whole configuration as HOCON, which {@link #load} reads. */
  public String render() {
    return config()
        .atKey(ROOT)
        .root()
        .render(
            ConfigRenderOptions.defaults()
                .setOriginComments(false)
                .setComments(false)
                .setJson(false));
  }

  /** Returns the whole configuration as one JSON object, for provenance. */
  public String json() {
    return config().root().render(ConfigRenderOptions.concise());
  }

  /** Returns all settings except downloads, which have no effect on a run. */
  private Config config() {
    var writer = new ConfigWriter();
    backend.write(writer);
    dataset.write(writer);
    model.write(writer);
    training.write(writer);
    writer.put("modules", modules);
    writer.put("seed", seed);
    writer.putPath("init", init, "");
    writer.putPath("out", out, ConfigWriter.AUTO);
    Config config = ConfigFactory.empty();
    for (Map.Entry<String, Object> setting : writer.settings().entrySet()) {
      config =
          config.withValue(
              setting.getKey(),
              ConfigValueFactory.fromAnyRef(setting.getValue(), "the settings of the run"));
    }
    return config;
  }
}
