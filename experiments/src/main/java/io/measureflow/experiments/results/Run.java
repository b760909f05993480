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
 * One run of an experiment: everything that determines its result.
 *
 * @param settings the configuration; a setting that {@code measureflow train} has as an option goes
 *     by the name of the option
 * @param seed the seed of all random numbers
 */
public record Run(SequencedMap<String, String> settings, long seed) {

  /** The column of the seed. */
  public static final String SEED = "seed";

  /** Copies the map and drops settings with an empty value. */
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
   * Creates a run.
   *
   * @param namesAndValues names and values of the settings, alternating
   */
  public static Run of(long seed, Object... namesAndValues) {
    var settings = new LinkedHashMap<String, String>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      settings.put(namesAndValues[i].toString(), text(namesAndValues[i + 1]));
    }
    return new Run(settings, seed);
  }

  /** Returns a copy with one setting changed or added. */
  public Run with(String name, Object value) {
    var changed = new LinkedHashMap<>(settings);
    changed.put(name, text(value));
    return new Run(changed, seed);
  }

  /** Returns a copy with another seed. */
  public Run withSeed(long other) {
    return new Run(settings, other);
  }

  /** Whether the run has a setting. */
  public boolean has(String name) {
    return settings.containsKey(name);
  }

  /**
   * Returns the value of a setting.
   *
   * @throws IllegalArgumentException if the run has no such setting
   */
  public String setting(String name) {
    String value = settings.get(name);
    if (value == null) {
      throw new IllegalArgumentException("Run " + key() + " has no setting " + name);
    }
    return value;
  }

  /** Returns the value of an integer setting. */
  public int integer(String name) {
    return Integer.parseInt(setting(name));
  }

  /** Returns the value of a numeric setting. */
  public double number(String name) {
    return Double.parseDouble(setting(name));
  }

  /** The text that identifies the run: {@code dataset=mnist family=dirac seed=1}. */
  public String key() {
    return settings.entrySet().stream()
            .map(Map.Entry::toString)
            .collect(Collectors.joining(" ", "", " "))
        + SEED
        + "="
        + seed;
  }

  /**
   * Formats a value for keys and files: numbers with six significant digits, NaN and an empty
   * {@link OptionalInt} as an empty text.
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
