package io.measureflow.config;

import com.typesafe.config.ConfigUtil;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.SequencedMap;

/** Collects settings by their paths, for a {@link ConfigReader}. */
final class ConfigWriter {

  static final String AUTO = "auto";

  private final SequencedMap<String, Object> settings = new LinkedHashMap<>();

  /** Puts a string, a number, a boolean or a list of strings under a dotted key. */
  void put(String key, Object value) {
    settings.put(ConfigUtil.joinPath(key.split("\\.")), value);
  }

  /** Puts a value under a name, which may contain dots, in a section. */
  void putNamed(String section, String name, Object value) {
    settings.put(
        ConfigUtil.joinPath(section.split("\\.")) + "." + ConfigUtil.quoteString(name), value);
  }

  void putOrAuto(String key, Optional<?> value) {
    put(key, value.map(Object.class::cast).orElse(AUTO));
  }

  void putOrAuto(String key, OptionalInt value) {
    put(key, value.isPresent() ? (Object) value.getAsInt() : AUTO);
  }

  void putOrAuto(String key, OptionalDouble value) {
    put(key, value.isPresent() ? (Object) value.getAsDouble() : AUTO);
  }

  void putPath(String key, Optional<Path> path, String otherwise) {
    put(key, path.map(Path::toString).orElse(otherwise));
  }

  /** Returns the name of a constant of an enumeration, in lower case and with hyphens. */
  static String key(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Puts a constant of an enumeration. */
  void putKey(String key, Enum<?> value) {
    put(key, key(value));
  }

  void putKeyOrAuto(String key, Optional<? extends Enum<?>> value) {
    put(key, value.map(ConfigWriter::key).orElse(AUTO));
  }

  /** Returns the values by their paths, quoted as HOCON needs them. */
  Map<String, Object> settings() {
    return settings;
  }
}
