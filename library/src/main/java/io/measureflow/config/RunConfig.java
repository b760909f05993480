package io.measureflow.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValueFactory;
import io.measureflow.api.backend.Backend;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.registry.Extensions;
import io.measureflow.core.training.TrainingSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A complete configuration, typed and checked. {@code reference.conf} lists every key with its
 * default and its meaning; a file, system properties and the command line override it in this
 * order. Programs make one from {@link #defaults} and its withers, or from a section of their own
 * configuration ({@link #of(Config)}).
 *
 * @param backend what computes
 * @param dataset which data to load
 * @param model which model to train
 * @param training how to train it
 * @param fetch where datasets are downloaded from
 * @param modules the names of classes of Guice modules that bind further extensions
 * @param seed the seed of initialisation and order of rows
 * @param init the checkpoint to start from
 * @param out the folder of the run
 * @param modelGiven whether anything but the defaults says what the model is
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

  /** The key under which all settings lie. */
  public static final String ROOT = "measureflow";

  /** Copies the list. */
  public RunConfig {
    modules = List.copyOf(modules);
  }

  /** The defaults. */
  public static RunConfig defaults() {
    return of(ConfigFactory.empty());
  }

  /**
   * A section of an application's own configuration: what it does not say has its default.
   *
   * @param section the settings without the prefix {@code measureflow}; resolved
   * @throws io.measureflow.api.error.InvalidRequestException if a key is unknown or a value does
   *     not fit; the message names the key and where it was set
   */
  public static RunConfig of(Config section) {
    return ConfigSources.read(section.atKey(ROOT));
  }

  /**
   * Puts a configuration together from the defaults, a file, system properties {@code
   * measureflow.*} and the command line, weakest first. A file is bounded and never reaches beyond
   * the files that it includes by name: neither network nor class path, nor the environment.
   *
   * @param file a HOCON file
   * @param commandLine settings by key, with or without the prefix {@code measureflow.}
   * @throws io.measureflow.api.error.InvalidRequestException if a key is unknown or a value does
   *     not fit; the message names the key and where it was set
   */
  public static RunConfig load(Optional<Path> file, Map<String, String> commandLine) {
    return load(file, commandLine, Environment.HIDDEN);
  }

  /** Whether substitutions such as {@code ${HOME}} may take variables of the environment. */
  public enum Environment {
    /** They may not: files of strangers could otherwise copy secrets into a run's folder. */
    HIDDEN,
    /** They may. */
    VISIBLE
  }

  /** As {@link #load(Optional, Map)}, where a file may be allowed to see the environment. */
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

  /** The same with another backend. */
  public RunConfig withBackend(BackendConfig other) {
    return new RunConfig(
        other, dataset, model, training, fetch, modules, seed, init, out, modelGiven);
  }

  /** The same with other data. */
  public RunConfig withDataset(DatasetConfig other) {
    return new RunConfig(
        backend, other, model, training, fetch, modules, seed, init, out, modelGiven);
  }

  /** The same with another model. */
  public RunConfig withModel(ModelConfig other) {
    return new RunConfig(backend, dataset, other, training, fetch, modules, seed, init, out, true);
  }

  /** The same, trained otherwise. */
  public RunConfig withTraining(TrainingConfig other) {
    return new RunConfig(
        backend, dataset, model, other, fetch, modules, seed, init, out, modelGiven);
  }

  /** The same with another seed. */
  public RunConfig withSeed(long other) {
    return new RunConfig(
        backend, dataset, model, training, fetch, modules, other, init, out, modelGiven);
  }

  /**
   * This configuration with what it leaves open about model and training chosen for these data
   * (docs/defaults.md). Where a flow, its step, or batches in the order of the rows are asked for,
   * nothing is chosen, and the values of {@link Defaults#PLAIN} hold.
   *
   * @param rows the number of training rows
   * @param features the number of features
   */
  public RunConfig completed(Extensions extensions, int rows, int features) {
    if (!training.leftOpen()) {
      return this;
    }
    Defaults chosen = Defaults.forRows(rows, training.epochs(), training.batch(), training.validation());
    return new RunConfig(
        backend,
        dataset,
        init.isPresent() && !modelGiven
            ? model
            : model.completed(extensions, chosen.family(), features),
        training.or(chosen),
        fetch,
        modules,
        seed,
        init,
        out,
        modelGiven);
  }

  /**
   * Looks up every name but that of the backend, so that a wrong one is found before anything is
   * opened or loaded.
   *
   * @throws io.measureflow.api.error.InvalidRequestException if there is none of a name
   */
  public void check(Extensions extensions) {
    if (init.isEmpty() || modelGiven) {
      model.check(extensions);
    }
    training.check(extensions);
  }

  /**
   * This configuration with every choice made that it left open: what a run with these settings on
   * this data and backend did, to be repeated anywhere.
   *
   * @param spec the model
   * @param settings how it is trained
   * @param opened what computes
   * @param extensions what the run had
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
        init.isPresent() && !modelGiven
            ? model.withLayers(LayerSyntax.format(spec, extensions))
            : model.orPlain(),
        training.resolved(settings),
        fetch,
        modules,
        seed,
        init.map(path -> path.toAbsolutePath().normalize()),
        Optional.empty(),
        true);
  }

  /** The whole configuration as HOCON, to be read again by {@link #load}. */
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

  /** The whole configuration as one JSON object, for provenance. */
  public String json() {
    return config().root().render(ConfigRenderOptions.concise());
  }

  /** All settings but those of downloads, which decide nothing in a run. */
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
              ConfigUtil.joinPath(setting.getKey().split("\\.")),
              ConfigValueFactory.fromAnyRef(setting.getValue()));
    }
    return config;
  }
}
