package io.measureflow.core.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigSyntax;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.Device;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.flow.Schedule;
import io.measureflow.api.measure.ParameterSpec;
import io.measureflow.api.model.Loss;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.core.activations.Activations;
import io.measureflow.core.flows.Flows;
import io.measureflow.core.training.Motion;
import io.measureflow.core.training.Prefetch;
import io.measureflow.core.training.TrainingSettings;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeSet;

/**
 * A complete configuration, typed and checked. {@code reference.conf} lists every key with its
 * default and its meaning; a file, system properties and the command line override it in this
 * order.
 *
 * @param backend what computes
 * @param dataset which data to load
 * @param model which model to train
 * @param training how to train it
 * @param fetch where datasets are downloaded from
 * @param seed the seed of initialisation and order of rows
 * @param init the checkpoint to start from
 * @param out the folder of the run
 * @param source the settings as they were read, for {@link #render} and {@link #json}
 */
public record RunConfig(
    BackendConfig backend,
    DatasetConfig dataset,
    ModelConfig model,
    TrainingConfig training,
    FetchConfig fetch,
    long seed,
    Optional<Path> init,
    Optional<Path> out,
    Source source) {

  /** The key under which all settings lie. */
  static final String ROOT = "measureflow";

  private static final String COMMAND_LINE = "the command line";
  private static final String REFERENCE = "reference.conf";

  /** What is said about downloads decides nothing in a run. */
  private static final String FETCH = "fetch";

  private static final String FETCH_FROM = "from.";
  private static final List<String> FLOW_OPTIONS =
      List.of("momentum", "beta1", "beta2", "epsilon", "weight-decay");

  /** The settings behind a configuration. */
  public static final class Source {
    private final Config config;
    private final boolean modelGiven;

    private Source(Config config, boolean modelGiven) {
      this.config = config;
      this.modelGiven = modelGiven;
    }
  }

  /** Whether anything but the defaults says what the model is. */
  public boolean modelGiven() {
    return source.modelGiven;
  }

  /**
   * This configuration with every choice made that it left open: what a run with these settings on
   * this data and backend did, to be repeated anywhere.
   *
   * @param spec the model
   * @param settings how it is trained
   * @param opened what computes
   */
  public RunConfig resolved(ModelSpec spec, TrainingSettings settings, Backend.Description opened) {
    var choices = new LinkedHashMap<String, Object>();
    choices.put("backend", opened.name());
    choices.put("threads", opened.threads());
    choices.put("precision", opened.precision().key());
    choices.put("training.learning-rate", settings.learningRate());
    choices.put("training.loss", settings.objective().loss().key());
    choices.put("out", "auto");
    absolute("init", init, choices);
    absolute("dataset.data", dataset.data(), choices);
    absolute("dataset.test", dataset.test(), choices);
    absolute("dataset.cache", dataset.storage().folder(), choices);
    if (init.isPresent() && !modelGiven()) {
      choices.put("model.layers", String.join(",", LayerSyntax.format(spec)));
    }
    Config changed = source.config;
    for (Map.Entry<String, Object> choice : choices.entrySet()) {
      changed =
          changed.withValue(
              choice.getKey(),
              ConfigValueFactory.fromAnyRef(choice.getValue(), "the choices of a run"));
    }
    return of(changed, true);
  }

  private static void absolute(String key, Optional<Path> path, Map<String, Object> choices) {
    path.ifPresent(given -> choices.put(key, given.toAbsolutePath().normalize().toString()));
  }

  /** The defaults. */
  public static RunConfig defaults() {
    return load(Optional.empty(), Map.of(), Set.of());
  }

  /**
   * Puts a configuration together from the defaults, a file, system properties {@code
   * measureflow.*} and the command line, weakest first.
   *
   * @param file a HOCON file
   * @param commandLine settings by key, with or without the prefix {@code measureflow.}
   * @param backends the names of the backends that may have a section of their own
   * @throws InvalidRequestException if a key is unknown or a value does not fit; the message names
   *     the key and where it was set
   */
  public static RunConfig load(
      Optional<Path> file, Map<String, String> commandLine, Set<String> backends) {
    Config reference = reference();
    try {
      Config given =
          parse(commandLine, COMMAND_LINE)
              .withFallback(systemProperties())
              .withFallback(file.map(RunConfig::parse).orElseGet(ConfigFactory::empty));
      requireKnown(given, reference, backends);
      return of(
          given.withFallback(reference).resolve().getConfig(ROOT), given.hasPath(ROOT + ".model"));
    } catch (ConfigException e) {
      throw new InvalidRequestException("configuration: " + e.getMessage(), e);
    }
  }

  /** The whole configuration as HOCON, to be read again by {@link #load}. */
  public String render() {
    return source
        .config
        .withoutPath(FETCH)
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
    return source.config.withoutPath(FETCH).root().render(ConfigRenderOptions.concise());
  }

  private static Config reference() {
    try (InputStream stream =
            Objects.requireNonNull(RunConfig.class.getResourceAsStream("/" + REFERENCE));
        Reader reader = new InputStreamReader(stream, StandardCharsets.UTF_8)) {
      // Read here, and not by the library, which would name the jar's path wherever it names a
      // default.
      return ConfigFactory.parseReader(
          reader, ConfigParseOptions.defaults().setOriginDescription(REFERENCE));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Config parse(Path file) {
    if (!Files.isRegularFile(file)) {
      throw InvalidRequestException.of(
          file.toString(),
          "a configuration file",
          Files.isDirectory(file) ? "a folder" : "nothing of that name",
          "Check the path.");
    }
    Config config =
        ConfigFactory.parseFile(
            file.toFile(), ConfigParseOptions.defaults().setSyntax(ConfigSyntax.CONF));
    // Settings that lie elsewhere would go unread.
    for (Map.Entry<String, ConfigValue> entry : config.root().entrySet()) {
      if (!entry.getKey().equals(ROOT)) {
        throw InvalidRequestException.of(
            entry.getValue().origin().description(),
            "settings under '" + ROOT + "' only",
            "'" + entry.getKey() + "'",
            "Put it inside " + ROOT + " { }.");
      }
    }
    return config;
  }

  private static Config systemProperties() {
    var values = new LinkedHashMap<String, String>();
    for (String name : System.getProperties().stringPropertyNames()) {
      if (name.startsWith(ROOT + ".")) {
        values.put(name, System.getProperty(name, ""));
      }
    }
    return parse(values, "a system property");
  }

  private static Config parse(Map<String, String> values, String origin) {
    Config config = ConfigFactory.empty(origin);
    for (Map.Entry<String, String> entry : values.entrySet()) {
      String key =
          entry.getKey().startsWith(ROOT + ".") ? entry.getKey() : ROOT + "." + entry.getKey();
      config = config.withValue(key, value(key, entry.getValue(), origin));
    }
    return config;
  }

  /** A plain text, or a list or object in HOCON. */
  private static ConfigValue value(String key, String text, String origin) {
    if (!text.startsWith("[") && !text.startsWith("{")) {
      return ConfigValueFactory.fromAnyRef(plain(text), origin);
    }
    return ConfigFactory.parseString(
            "value = " + text,
            ConfigParseOptions.defaults().setOriginDescription(origin + ", " + key))
        .getValue("value");
  }

  /** A number, where the text is the way to write one, so that it needs no quotes in a file. */
  private static Object plain(String text) {
    try {
      Number number =
          text.matches("-?\\d+") ? (Number) Long.valueOf(text) : (Number) Double.valueOf(text);
      return number.toString().equals(text) ? number : text;
    } catch (NumberFormatException e) {
      return text;
    }
  }

  private static void requireKnown(Config given, Config reference, Set<String> backends) {
    for (Map.Entry<String, ConfigValue> entry : given.entrySet()) {
      String key = entry.getKey();
      List<String> parts = ConfigUtil.splitPath(key);
      boolean ofBackend = parts.size() > 2 && backends.contains(parts.get(1));
      if (ofBackend || isSetting(reference, key)) {
        continue;
      }
      throw new InvalidRequestException(
          "Unknown setting "
              + key
              + " (set by "
              + entry.getValue().origin().description()
              + "). Did you mean "
              + nearest(key, reference)
              + "? Every setting is described in reference.conf.");
    }
  }

  /** Whether the defaults have a value, and not a section, under a key. */
  private static boolean isSetting(Config reference, String key) {
    try {
      return reference.hasPath(key) && !(reference.getValue(key) instanceof ConfigObject);
    } catch (ConfigException.WrongType e) {
      return false;
    }
  }

  private static String nearest(String key, Config reference) {
    String nearest = ROOT;
    int least = Integer.MAX_VALUE;
    var keys = new TreeSet<String>();
    reference.entrySet().forEach(entry -> keys.add(entry.getKey()));
    for (String known : keys) {
      int distance =
          Math.min(editDistance(key, known), editDistance(lastPart(key), lastPart(known)) + 1);
      if (distance < least) {
        least = distance;
        nearest = known;
      }
    }
    return nearest;
  }

  private static String lastPart(String key) {
    return key.substring(key.lastIndexOf('.') + 1);
  }

  /** The number of letters to insert, delete or replace [levenshtein1966]. */
  private static int editDistance(String a, String b) {
    int[] row = new int[b.length() + 1];
    Arrays.setAll(row, j -> j);
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[b.length()];
  }

  private static RunConfig of(Config config, boolean modelGiven) {
    var reader = new ConfigReader(config);
    return new RunConfig(
        backend(reader),
        dataset(reader),
        model(reader),
        training(reader),
        fetch(reader),
        reader.wholeNumber("seed"),
        reader.path("init"),
        reader.path("out"),
        new Source(config, modelGiven));
  }

  private static BackendConfig backend(ConfigReader reader) {
    var candidates = new ArrayList<BackendConfig.Candidate>();
    for (String text : reader.texts("auto-backends")) {
      candidates.add(candidate(text, reader));
    }
    String name = reader.text("backend");
    var sections = new LinkedHashMap<String, SequencedMap<String, String>>();
    sections.put(name, reader.section(name));
    candidates.forEach(c -> sections.put(c.name(), reader.section(c.name())));
    return new BackendConfig(
        name,
        reader.origin("backend"),
        candidates,
        reader.integerOrAuto("threads", 1),
        reader.choiceOrAuto("precision", Precision.class),
        sections);
  }

  private static BackendConfig.Candidate candidate(String text, ConfigReader reader) {
    List<String> parts = List.of(text.split(":", -1));
    List<String> kinds = keys(Device.Kind.values());
    if (parts.size() > 2 || (parts.size() == 2 && !kinds.contains(parts.getLast()))) {
      throw reader.wrong(
          "auto-backends",
          "names of backends, each alone or with a kind of device behind it ("
              + String.join(", ", kinds)
              + "), as in tornado:gpu",
          "Correct '" + text + "'.");
    }
    return new BackendConfig.Candidate(
        parts.getFirst(),
        parts.size() == 1
            ? Optional.empty()
            : Optional.of(Device.Kind.valueOf(parts.getLast().toUpperCase(Locale.ROOT))));
  }

  private static DatasetConfig dataset(ConfigReader reader) {
    List<String> labels = reader.texts("dataset.label");
    if (labels.isEmpty() || labels.contains("")) {
      throw reader.wrong(
          "dataset.label", "the name or the number of at least one column", "Name one.");
    }
    return new DatasetConfig(
        reader.text("dataset.name"),
        reader.path("dataset.data"),
        reader.path("dataset.test"),
        new DatasetRequest.Columns(
            labels,
            reader.choice("dataset.header", DatasetRequest.Header.class),
            reader.choice("dataset.missing", DatasetRequest.Missing.class),
            reader.choiceOrAuto("dataset.target", DatasetRequest.TargetKind.class)),
        reader.choiceOrAuto("dataset.scaling", DatasetRequest.Scaling.class),
        new DatasetRequest.Split(reader.number("dataset.split", 0, 1), reader.wholeNumber("seed")),
        new DatasetRequest.Storage(
            reader.choice("dataset.storage", DatasetRequest.Storage.Kind.class),
            reader.path("dataset.cache"),
            reader.integerOrAuto("dataset.shuffle-window", 1)));
  }

  private static FetchConfig fetch(ConfigReader reader) {
    var from = new LinkedHashMap<String, URI>();
    for (String key : reader.section(FETCH).keySet()) {
      if (key.startsWith(FETCH_FROM)) {
        from.put(key.substring(FETCH_FROM.length()), reader.address(FETCH + "." + key));
      }
    }
    return new FetchConfig(
        reader.path("fetch.to"),
        Duration.ofMillis((long) (1000 * reader.number("fetch.timeout", 0.1, 1e6))),
        from);
  }

  private static ModelConfig model(ConfigReader reader) {
    return new ModelConfig(
        reader.text("model.family"),
        reader.integer("model.components", 1),
        reader.integerOrAuto("model.rank", 0),
        Activations.get(reader.text("model.activation"), reader.where("model.activation")),
        reader.truth("model.bias"),
        reader.texts("model.layers"));
  }

  private static TrainingConfig training(ConfigReader reader) {
    var options = new LinkedHashMap<String, Double>();
    for (String option : FLOW_OPTIONS) {
      options.put(
          option,
          reader.number(
              "training." + option,
              0,
              option.equals("weight-decay") ? Double.POSITIVE_INFINITY : 1));
    }
    return new TrainingConfig(
        reader.integer("training.epochs", 1),
        reader.integer("training.batch", 1),
        reader.positiveOrAuto("training.learning-rate"),
        reader.oneOf("training.flow", Flows.names()),
        options,
        schedule(reader),
        reader.truth("training.shuffle"),
        reader.number("training.validation", 0, 1),
        reader.integer("training.patience", 0),
        reader.choiceOrAuto("training.loss", Loss.class),
        reader.number("training.second-moment", 0, Double.POSITIVE_INFINITY),
        reader.number("training.entropy", 0, Double.POSITIVE_INFINITY),
        motion(reader),
        reader.truth("training.report"),
        reader.choice("training.prefetch", Prefetch.class));
  }

  private static Motion motion(ConfigReader reader) {
    Set<ParameterSpec.Role> roles = EnumSet.noneOf(ParameterSpec.Role.class);
    for (String key : reader.someOf("training.train", keys(ParameterSpec.Role.values()))) {
      roles.add(ParameterSpec.Role.valueOf(key.toUpperCase(Locale.ROOT)));
    }
    return new Motion(
        roles,
        reader.positive("training.weight-rate"),
        reader.limit("training.clip").orElse(Double.POSITIVE_INFINITY));
  }

  private static Schedule schedule(ConfigReader reader) {
    String kind = reader.oneOf("training.schedule.kind", List.of("constant", "cosine", "step"));
    return switch (kind) {
      case "cosine" ->
          new Schedule.Cosine(
              reader.number("training.schedule.floor", 0, Math.nextUp(1.0)),
              reader.integer("training.schedule.warmup-steps", 0));
      case "step" ->
          new Schedule.Step(
              reader.positive("training.schedule.decay"),
              reader.integer("training.schedule.phases", 1));
      default -> new Schedule.Constant();
    };
  }

  private static List<String> keys(Enum<?>[] values) {
    var keys = new ArrayList<String>();
    for (Enum<?> value : values) {
      keys.add(value.name().toLowerCase(Locale.ROOT));
    }
    return keys;
  }
}
