package io.measureflow.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigResolveOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.config.RunConfig.Environment;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Merges the sources of a configuration, and refuses unknown keys. */
final class ConfigSources {

  private static final String ROOT = RunConfig.ROOT;
  private static final String COMMAND_LINE = "the command line";
  private static final String REFERENCE = "reference.conf";

  /**
   * Sections whose keys are those of a network, the options of whatever is chosen, and names of
   * parameters.
   */
  private static final List<String> OPEN_SECTIONS =
      List.of(
          ROOT + ".model.network.",
          ROOT + ".training.flow-options.",
          ROOT + ".training.loss-options.",
          ROOT + ".training.rate-factors.");

  /** A section whose names may contain dots: conv.bias is one name, not bias in a section conv. */
  private static final String NAMED_SECTION = ROOT + ".training.rate-factors";

  /** What the library says of a substitution without a value: where, and which. */
  private static final Pattern UNRESOLVED =
      Pattern.compile("(.*): Could not resolve substitution to a value: (.*)", Pattern.DOTALL);

  private ConfigSources() {}

  static RunConfig load(
      Optional<Path> file, Map<String, String> commandLine, Environment environment) {
    try {
      return merge(
          parse(commandLine, COMMAND_LINE)
              .withFallback(systemProperties())
              .withFallback(
                  file.map(path -> withNames(parse(path))).orElseGet(ConfigFactory::empty)),
          environment);
    } catch (ConfigException e) {
      throw unreadable(e);
    }
  }

  static RunConfig read(Config given) {
    try {
      return merge(withNames(given), Environment.HIDDEN);
    } catch (ConfigException e) {
      throw unreadable(e);
    }
  }

  /** Reads a configuration with some settings changed. */
  static RunConfig change(Config given, Map<String, String> settings, String origin) {
    try {
      return merge(parse(settings, origin).withFallback(withNames(given)), Environment.HIDDEN);
    } catch (ConfigException e) {
      throw unreadable(e);
    }
  }

  private static InvalidRequestException unreadable(ConfigException e) {
    String found = String.valueOf(e.getMessage());
    Matcher unresolved = UNRESOLVED.matcher(found);
    return unresolved.matches()
        ? InvalidRequestException.of(
            "configuration " + unresolved.group(1),
            "a substitution of a setting in this file",
            unresolved.group(2),
            "Define it; environment variables are read with --config-environment.")
        : InvalidRequestException.of(
            "configuration", "HOCON, as in reference.conf", found, "Correct the file.");
  }

  private static RunConfig merge(Config given, Environment environment) {
    Config reference = reference();
    Config merged =
        given
            .withFallback(reference)
            .resolve(
                ConfigResolveOptions.defaults()
                    .setUseSystemEnvironment(environment == Environment.VISIBLE));
    requireKnown(given, reference, backends(merged));
    return RunConfig.read(
        new ConfigReader(merged.getConfig(ROOT)), given.hasPathOrNull(ROOT + ".model"));
  }

  /** Returns the backends that may have a section of their own. */
  private static List<String> backends(Config merged) {
    var reader = new ConfigReader(merged.getConfig(ROOT));
    var names = new TreeSet<String>();
    names.add(reader.text("backend"));
    reader.texts("auto-backends").forEach(text -> names.add(text.split(":", 2)[0]));
    merged
        .getObject(ROOT)
        .forEach(
            (key, value) -> {
              if (value instanceof ConfigObject object && object.isEmpty()) {
                // Sections of the defaults without keys are those of backends.
                names.add(key);
              }
            });
    names.addAll(List.of("simd", "reference", "nd4j", "tornado"));
    return List.copyOf(names);
  }

  private static Config reference() {
    try (InputStream stream =
            Objects.requireNonNull(RunConfig.class.getResourceAsStream("/" + REFERENCE));
        Reader reader = new InputStreamReader(stream, StandardCharsets.UTF_8)) {
      // Read here rather than by the library, which would mention the jar's path with every
      // default.
      return ConfigFactory.parseReader(
          reader, ConfigParseOptions.defaults().setOriginDescription(REFERENCE));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Config parse(Path file) {
    Config config = ConfigFile.parse(file);
    // Settings elsewhere would be ignored.
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
      config = config.withValue(path(key), value(key, entry.getValue(), origin));
    }
    return config;
  }

  /** Returns the path of a dotted key. */
  private static String path(String key) {
    return key.startsWith(NAMED_SECTION + ".")
        ? named(key.substring(NAMED_SECTION.length() + 1))
        : key;
  }

  /** Returns the path of a name in the section, given with or without quotes. */
  private static String named(String name) {
    return NAMED_SECTION
        + "."
        + ConfigUtil.quoteString(String.join(".", ConfigUtil.splitPath(name)));
  }

  /**
   * Makes one name of what a file nests in the section, so that conv on the command line does not
   * replace conv.bias in the file.
   */
  private static Config withNames(Config file) {
    try {
      if (!file.hasPath(NAMED_SECTION)
          || !(file.getValue(NAMED_SECTION) instanceof ConfigObject section)) {
        return file;
      }
      Config names = file.withoutPath(NAMED_SECTION);
      for (Map.Entry<String, ConfigValue> entry : section.toConfig().entrySet()) {
        names = names.withValue(named(entry.getKey()), entry.getValue());
      }
      return names;
    } catch (ConfigException.NotResolved e) {
      return file;
    }
  }

  /** Parses a value: a plain string, or a list or object in HOCON. */
  private static ConfigValue value(String key, String text, String origin) {
    if (!text.startsWith("[") && !text.startsWith("{")) {
      return ConfigValueFactory.fromAnyRef(plain(text), origin);
    }
    return ConfigFile.parse("value = " + text, origin + ", " + key).getValue("value");
  }

  /** Converts to a number if it prints the same, so that it needs no quotes in a file. */
  private static Object plain(String text) {
    try {
      Number number =
          text.matches("-?\\d+") ? (Number) Long.valueOf(text) : (Number) Double.valueOf(text);
      return number.toString().equals(text) ? number : text;
    } catch (NumberFormatException e) {
      return text;
    }
  }

  private static void requireKnown(Config given, Config reference, List<String> backends) {
    for (Map.Entry<String, ConfigValue> entry : given.entrySet()) {
      String key = entry.getKey();
      List<String> parts = ConfigUtil.splitPath(key);
      boolean ofBackend = parts.size() > 2 && backends.contains(parts.get(1));
      if (ofBackend
          || OPEN_SECTIONS.stream().anyMatch(key::startsWith)
          || isSetting(reference, key)) {
        continue;
      }
      throw new InvalidRequestException(
          "Unknown setting "
              + key
              + " (set by "
              + entry.getValue().origin().description()
              + "). "
              + nearest(key, reference).map(known -> "Did you mean " + known + "? ").orElse("")
              + "Every setting is described in reference.conf.");
    }
  }

  /** Returns whether the defaults have a value, not a section, under a key. */
  private static boolean isSetting(Config reference, String key) {
    try {
      return reference.hasPath(key) && !(reference.getValue(key) instanceof ConfigObject);
    } catch (ConfigException.WrongType e) {
      return false;
    }
  }

  /** Returns the setting that a key may be a slip of; empty if none is like it. */
  private static Optional<String> nearest(String key, Config reference) {
    Optional<String> nearest = Optional.empty();
    int least = lastPart(key).length() / 3 + 2;
    var keys = new TreeSet<String>();
    reference.entrySet().forEach(entry -> keys.add(entry.getKey()));
    for (String known : keys) {
      int distance =
          Math.min(editDistance(key, known), editDistance(lastPart(key), lastPart(known)) + 1);
      if (distance < least) {
        least = distance;
        nearest = Optional.of(known);
      }
    }
    return nearest;
  }

  private static String lastPart(String key) {
    return key.substring(key.lastIndexOf('.') + 1);
  }

  /** Returns the number of letters to insert, delete or replace [levenshtein1966]. */
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
}
