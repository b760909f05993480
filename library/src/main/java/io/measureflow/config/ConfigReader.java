package io.measureflow.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import io.measureflow.api.error.InvalidRequestException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.function.DoublePredicate;
import java.util.stream.Stream;

/**
 * Typed access to a configuration. Errors name the key, where its value was set, and what was
 * expected and found.
 */
final class ConfigReader {

  static final String AUTO = ConfigWriter.AUTO;
  static final String NONE = "none";

  private final Config config;

  ConfigReader(Config config) {
    this.config = config;
  }

  String text(String key) {
    ConfigValue value = value(key);
    return switch (value.valueType()) {
      case STRING, NUMBER, BOOLEAN -> String.valueOf(value.unwrapped());
      case OBJECT, LIST, NULL -> throw wrong(key, "a text", value);
    };
  }

  boolean bool(String key) {
    try {
      return config.getBoolean(key);
    } catch (ConfigException e) {
      throw wrong(key, "true or false", value(key));
    }
  }

  int integer(String key, int least) {
    try {
      // Not getInt, which truncates fractions.
      String text = text(key);
      int number = Integer.parseInt(text.strip());
      if (number >= least) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw wrong(key, "a whole number of at least " + least, value(key));
    }
    throw wrong(key, "a whole number of at least " + least, value(key));
  }

  long wholeNumber(String key) {
    try {
      return Long.parseLong(text(key).strip());
    } catch (NumberFormatException e) {
      throw wrong(key, "a whole number", value(key));
    }
  }

  OptionalInt integerOrAuto(String key, int least) {
    return isAuto(key) ? OptionalInt.empty() : OptionalInt.of(integer(key, least));
  }

  /** Reads a number in [least, below). */
  double number(String key, double least, double below) {
    return number(
        key,
        n -> n >= least && n < below,
        least == Double.NEGATIVE_INFINITY
            ? "a finite number"
            : "a number of at least "
                + plain(least)
                + (below < Double.MAX_VALUE ? " and below " + plain(below) : ""));
  }

  OptionalDouble numberOrAuto(String key, double least, double below) {
    return isAuto(key) ? OptionalDouble.empty() : OptionalDouble.of(number(key, least, below));
  }

  /** A number above 0. */
  double positive(String key) {
    return number(key, n -> n > 0 && n < Double.POSITIVE_INFINITY, "a number above 0");
  }

  private double number(String key, DoublePredicate suits, String expected) {
    double number;
    try {
      number = Double.parseDouble(text(key).strip());
    } catch (NumberFormatException e) {
      throw wrong(key, expected, value(key));
    }
    if (!suits.test(number)) {
      throw wrong(key, expected, value(key));
    }
    return number;
  }

  /** Prints 0 rather than 0.0. */
  private static String plain(double number) {
    return number == Math.rint(number) && Math.abs(number) < 1e15
        ? String.valueOf((long) number)
        : String.valueOf(number);
  }

  OptionalDouble positiveOrAuto(String key) {
    return isAuto(key) ? OptionalDouble.empty() : OptionalDouble.of(positive(key));
  }

  String oneOf(String key, Collection<String> choices) {
    String text = text(key);
    if (!choices.contains(text)) {
      throw wrong(key, "one of " + String.join(", ", choices), value(key));
    }
    return text;
  }

  /** Reads a constant of an enumeration, in lower case and with hyphens. */
  <E extends Enum<E>> E choice(String key, Class<E> type) {
    List<String> keys = keys(type);
    return type.getEnumConstants()[keys.indexOf(oneOf(key, keys))];
  }

  /** Reads as {@link #choice}; empty for "auto". */
  <E extends Enum<E>> Optional<E> choiceOrAuto(String key, Class<E> type) {
    List<String> keys = keys(type);
    int chosen = keys.indexOf(oneOf(key, Stream.concat(Stream.of(AUTO), keys.stream()).toList()));
    return chosen < 0 ? Optional.empty() : Optional.of(type.getEnumConstants()[chosen]);
  }

  private static <E extends Enum<E>> List<String> keys(Class<E> type) {
    return Stream.of(type.getEnumConstants()).map(ConfigWriter::key).toList();
  }

  Optional<String> textOrAuto(String key) {
    return isAuto(key) || text(key).isEmpty() ? Optional.empty() : Optional.of(text(key));
  }

  /** Reads the name of an extension, with the place where it was set. */
  Named named(String key) {
    return new Named(text(key), Optional.of(where(key)));
  }

  Optional<Named> namedOrAuto(String key) {
    return isAuto(key) ? Optional.empty() : Optional.of(named(key));
  }

  Optional<Path> path(String key) {
    try {
      return textOrAuto(key).map(Path::of);
    } catch (InvalidPathException e) {
      throw wrong(key, "a path", value(key));
    }
  }

  /** Reads an http or https address. */
  URI address(String key) {
    try {
      URI address = new URI(text(key).strip());
      if (address.getHost() != null
          && address.getQuery() == null
          && address.getFragment() == null
          && ("https".equalsIgnoreCase(address.getScheme())
              || "http".equalsIgnoreCase(address.getScheme()))) {
        return address;
      }
    } catch (URISyntaxException e) {
      throw wrong(key, "an address like https://host/folder", value(key));
    }
    throw wrong(key, "an address like https://host/folder", value(key));
  }

  /** Reads a list of strings, or one string with comma-separated parts. */
  List<String> texts(String key) {
    ConfigValue value = value(key);
    if (value instanceof ConfigList list) {
      return list.stream()
          .map(
              entry -> {
                if (entry.valueType() != ConfigValueType.STRING
                    && entry.valueType() != ConfigValueType.NUMBER) {
                  throw wrong(key, "a list of texts", value);
                }
                return String.valueOf(entry.unwrapped());
              })
          .toList();
    }
    String text = text(key).strip();
    return text.isEmpty()
        ? List.of()
        : LayerSyntax.split(text, ',').stream().map(String::strip).toList();
  }

  /** Reads a network: a description, a file with one, or the name of a ready-made one. */
  Optional<String> network(String key) {
    if (value(key) instanceof ConfigObject object) {
      return Optional.of(object.render(ConfigRenderOptions.concise()));
    }
    String text = text(key).strip();
    return text.isEmpty()
        ? Optional.empty()
        : Optional.of(Networks.read(text, RunConfig.ROOT + "." + key));
  }

  /** Reads a list of finite numbers, or one number. */
  List<Double> numbers(String key) {
    String expected = "a finite number, or a list of them";
    var numbers = new ArrayList<Double>();
    for (String text : texts(key)) {
      double number;
      try {
        number = Double.parseDouble(text);
      } catch (NumberFormatException e) {
        throw wrong(key, expected, value(key));
      }
      if (!(Math.abs(number) < Double.POSITIVE_INFINITY)) {
        throw wrong(key, expected, value(key));
      }
      numbers.add(number);
    }
    return List.copyOf(numbers);
  }

  /** Reads a number above 0, or "none". */
  OptionalDouble limit(String key) {
    return text(key).equals(NONE) ? OptionalDouble.empty() : OptionalDouble.of(positive(key));
  }

  /** Returns a key and where it was set, for messages. */
  String where(String key) {
    return RunConfig.ROOT + "." + key + " (set by " + origin(key) + ")";
  }

  /**
   * Returns all settings of a section, as strings by their dotted keys; empty if there is no such
   * section.
   */
  SequencedMap<String, String> section(String key) {
    var section = new LinkedHashMap<String, String>();
    if (config.hasPath(ConfigUtil.joinPath(key.split("\\.")))
        && config.getValue(ConfigUtil.joinPath(key.split("\\."))) instanceof ConfigObject object) {
      for (Map.Entry<String, ConfigValue> entry : object.toConfig().entrySet()) {
        section.put(entry.getKey(), String.valueOf(entry.getValue().unwrapped()));
      }
    }
    return section;
  }

  /** Returns where a key was set: on the command line, in a line of a file, or in the defaults. */
  String origin(String key) {
    return value(key).origin().description();
  }

  /** Creates the error for an invalid value of a key. */
  InvalidRequestException wrong(String key, String expected, String remedy) {
    ConfigValue value = value(key);
    return InvalidRequestException.of(where(key), expected, found(value), remedy);
  }

  private InvalidRequestException wrong(String key, String expected, ConfigValue value) {
    return InvalidRequestException.of(where(key), expected, found(value), "Correct the value.");
  }

  private boolean isAuto(String key) {
    return text(key).equals(AUTO);
  }

  private ConfigValue value(String key) {
    try {
      return config.getValue(key);
    } catch (ConfigException.Null | ConfigException.WrongType e) {
      throw new InvalidRequestException(
          RunConfig.ROOT + "." + key + ": expected a value, found none. Give it one.", e);
    }
  }

  private static String found(ConfigValue value) {
    return "'" + value.unwrapped() + "'";
  }
}
