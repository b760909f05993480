package io.measureflow.cli.tune;

import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.registry.Extensions;
import io.measureflow.cli.command.Setting;
import io.measureflow.config.RunConfig;
import io.measureflow.tune.SearchSpace;
import io.measureflow.tune.Values;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The settings that a search varies: those of model and training, by the names of the options of
 * {@code train} without the hyphens, or by their keys.
 */
final class SearchedSettings {

  /** The option that names one. */
  static final String TRY = "--try";

  private static final Map<String, String> OTHERWISE =
      Map.of(
          "training.epochs",
          "Give the epochs of a full run with --epochs; the rounds decide how many a trial gets.",
          "training.validation",
          "All trials are judged by the same rows: give their share with --validation, or --folds.",
          "seed",
          "Seeds are no better or worse; train the best settings with several: train --seeds"
              + " 1,2,3.");

  private SearchedSettings() {}

  /**
   * Reads the arguments of {@link #TRY}; the names in the result are keys.
   *
   * @throws InvalidRequestException if one cannot be searched, or values are not valid
   */
  static SearchSpace parse(List<String> texts) {
    if (texts.isEmpty()) {
      throw InvalidRequestException.of(
          TRY,
          "at least one setting to vary",
          "none",
          "Write, for example, --try learning-rate=1e-4:1e-1:log --try components=16,64,256.");
    }
    SearchSpace typed;
    try {
      typed = SearchSpace.parse(texts);
    } catch (InvalidRequestException e) {
      throw new InvalidRequestException(TRY + " " + e.getMessage(), e);
    }
    var settings = new LinkedHashMap<String, Values>();
    typed
        .settings()
        .forEach(
            (name, values) -> {
              String key = key(name);
              requireSearchable(name, key);
              if (settings.put(key, values) != null) {
                throw InvalidRequestException.of(
                    TRY + " " + name, "each setting once", "twice", "Put its values together.");
              }
            });
    return new SearchSpace(settings);
  }

  /** Returns the key of a setting by the name of its option, or a key as it is. */
  private static String key(String name) {
    return Stream.of(Setting.MODEL, Setting.TRAINING, Setting.DATA, Setting.COMPUTING)
        .flatMap(List::stream)
        .filter(setting -> setting.option().equals("--" + name))
        .map(Setting::key)
        .findFirst()
        .orElse(
            name.startsWith(RunConfig.ROOT + ".")
                ? name.substring(RunConfig.ROOT.length() + 1)
                : name);
  }

  private static void requireSearchable(String name, String key) {
    String remedy = OTHERWISE.get(key);
    boolean ofData = Setting.DATA.stream().anyMatch(setting -> setting.key().equals(key));
    boolean ofComputing = Setting.COMPUTING.stream().anyMatch(setting -> setting.key().equals(key));
    if (remedy == null && !ofData && !ofComputing && !key.equals("init")) {
      return;
    }
    throw InvalidRequestException.of(
        TRY + " " + name,
        "a setting of model or training",
        ofData ? "one of the data" : ofComputing ? "one of the computation" : "'" + key + "'",
        remedy != null ? remedy : "Fix it with its option.");
  }

  /** Returns the name under which a setting is shown: that of its option, or its key. */
  static String name(String key) {
    return Stream.of(Setting.MODEL, Setting.TRAINING)
        .flatMap(List::stream)
        .filter(setting -> setting.key().equals(key))
        .map(setting -> setting.option().substring(2))
        .findFirst()
        .orElse(key);
  }

  /** Returns the names that the shell completes. */
  static List<String> candidates() {
    return Stream.of(Setting.MODEL, Setting.TRAINING)
        .flatMap(List::stream)
        .filter(setting -> !OTHERWISE.containsKey(setting.key()) && !setting.key().equals("init"))
        .map(setting -> setting.option().substring(2) + "=")
        .toList();
  }

  /**
   * Checks every value of a list, and both ends of a range.
   *
   * @throws InvalidRequestException if the setting refuses one; the message names it
   */
  static void check(SearchSpace space, RunConfig fixed, Extensions extensions) {
    space
        .settings()
        .forEach(
            (key, values) -> {
              for (String value : values.examples()) {
                fixed.with(Map.of(key, value), TRY).check(extensions);
              }
            });
  }

  /** Refuses settings that are both fixed and varied. */
  static void requireNotFixed(SearchSpace space, List<String> given) {
    var fixed = new ArrayList<String>(given);
    Optional<String> both = space.settings().keySet().stream().filter(fixed::contains).findFirst();
    if (both.isPresent()) {
      throw InvalidRequestException.of(
          TRY + " " + name(both.get()),
          "a setting that is not fixed",
          "a value for it among the options",
          "Leave one of the two out.");
    }
  }
}
