package io.measureflow.experiments.results;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.stream.Collectors;

/**
 * One run of an experiment: everything that decides its result.
 *
 * @param settings the configuration, by the names of the options of {@code measureflow train} where
 *     there are such
 * @param seed the seed of everything random
 */
public record Run(SequencedMap<String, String> settings, long seed) {

  public static final String SEED = "seed";

  /** Copies the map, without settings of an empty value. */
  public Run {
    var copy = new LinkedHashMap<String, String>();
    settings.forEach(
        (name, value) -> {
          if (!value.isEmpty()) {
            copy.put(name, value);
          }
        });
    settings = Collections.unmodifiableSequencedMap(copy);
  }

  /**
   * A run.
   *
   * @param namesAndValues settings, each a name and a value
   */
  public static Run of(long seed, Object... namesAndValues) {
    var settings = new LinkedHashMap<String, String>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      settings.put(namesAndValues[i].toString(), text(namesAndValues[i + 1]));
    }
    return new Run(settings, seed);
  }

  /** The same with another setting. */
  public Run with(String name, Object value) {
    var changed = new LinkedHashMap<>(settings);
    changed.put(name, text(value));
    return new Run(changed, seed);
  }

  /** The same with another seed. */
  public Run withSeed(long other) {
    return new Run(settings, other);
  }

  /** Whether there is such a setting. */
  public boolean has(String name) {
    return settings.containsKey(name);
  }

  /**
   * A setting.
   *
   * @throws IllegalArgumentException if the run has none of this name
   */
  public String setting(String name) {
    String value = settings.get(name);
    if (value == null) {
      throw new IllegalArgumentException("Run " + key() + " has no setting " + name);
    }
    return value;
  }

  /** A setting that is a whole number. */
  public int integer(String name) {
    return Integer.parseInt(setting(name));
  }

  /** A setting that is a number. */
  public double number(String name) {
    return Double.parseDouble(setting(name));
  }

  /** The text by which the run is known: {@code dataset=mnist family=dirac seed=1}. */
  public String key() {
    return settings.entrySet().stream()
            .map(Map.Entry::toString)
            .collect(Collectors.joining(" ", "", " "))
        + SEED
        + "="
        + seed;
  }

  /**
   * A value as it stands in keys and files: numbers to six digits, NaN and empty ones as nothing.
   */
  public static String text(Object value) {
    return switch (value) {
      case Double number when number.isNaN() -> "";
      case Double number when number.isInfinite() -> number.toString();
      case Double number -> {
        BigDecimal rounded = new BigDecimal(number).round(new MathContext(6)).stripTrailingZeros();
        int exponent = rounded.precision() - rounded.scale();
        yield number == 0
            ? "0"
            : exponent < -3 || exponent > 9 ? rounded.toString() : rounded.toPlainString();
      }
      case OptionalInt number -> number.isPresent() ? String.valueOf(number.getAsInt()) : "";
      default -> value.toString();
    };
  }
}
