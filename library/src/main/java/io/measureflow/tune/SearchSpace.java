package io.measureflow.tune;

import io.measureflow.api.error.InvalidRequestException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SplittableRandom;

/**
 * The settings that a search varies, each with its values, independent of each other.
 *
 * @param settings the values by the name of the setting, in the order of display
 */
public record SearchSpace(SequencedMap<String, Values> settings) {

  /** Spaces of at most this many combinations are searched without repeating any. */
  private static final long LISTED = 100_000;

  private static final int MOST_DRAWS = 100;

  /** Copies the map. */
  public SearchSpace {
    settings = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(settings));
  }

  /**
   * Reads what to vary: {@code name=values}, with values as {@link Values#parse} reads them.
   *
   * @throws InvalidRequestException if a name is missing or named twice, or values are not valid
   */
  public static SearchSpace parse(List<String> texts) {
    var settings = new LinkedHashMap<String, Values>();
    for (String text : texts) {
      int equals = text.indexOf('=');
      String name = equals < 0 ? "" : text.substring(0, equals).strip();
      if (name.isEmpty()) {
        throw InvalidRequestException.of(
            "what to try",
            "NAME=VALUES",
            "'" + text + "'",
            "Write, for example, learning-rate=1e-4:1e-1:log.");
      }
      if (settings.put(name, Values.parse(name, text.substring(equals + 1))) != null) {
        throw InvalidRequestException.of(
            name, "the values of a setting once", "twice", "Put them into one list.");
      }
    }
    return new SearchSpace(settings);
  }

  /**
   * Draws the settings of trials, no two the same. The settings of a trial depend on the seed and
   * on its index alone, not on the number of trials.
   *
   * @param trials how many; fewer are returned if there are no more combinations
   * @return the values by the name of the setting, for each trial
   */
  public List<SequencedMap<String, String>> draw(int trials, long seed) {
    List<SequencedMap<String, String>> listed = combinations();
    if (!listed.isEmpty()) {
      var random = new SplittableRandom(seed);
      for (int i = 0; i < Math.min(trials, listed.size() - 1); i++) {
        Collections.swap(listed, i, i + random.nextInt(listed.size() - i));
      }
      return List.copyOf(listed.subList(0, Math.min(trials, listed.size())));
    }
    var drawn = new ArrayList<SequencedMap<String, String>>();
    var seen = new HashSet<Map<String, String>>();
    for (int trial = 0; trial < trials; trial++) {
      var random = new SplittableRandom(new SplittableRandom(seed + trial).nextLong() ^ seed);
      SequencedMap<String, String> next = draw(random);
      for (int again = 1; seen.contains(next) && again < MOST_DRAWS; again++) {
        next = draw(random);
      }
      seen.add(next);
      drawn.add(next);
    }
    return drawn;
  }

  private SequencedMap<String, String> draw(SplittableRandom random) {
    var trial = new LinkedHashMap<String, String>();
    settings.forEach((name, values) -> trial.put(name, values.draw(random)));
    return trial;
  }

  /** Returns all combinations; none where a range of numbers or their product has too many. */
  private List<SequencedMap<String, String>> combinations() {
    List<SequencedMap<String, String>> all = new ArrayList<>(List.of(new LinkedHashMap<>()));
    for (Map.Entry<String, Values> setting : settings.entrySet()) {
      if (!(setting.getValue() instanceof Values.Choices(List<String> values))
          || (long) all.size() * values.size() > LISTED) {
        return List.of();
      }
      var next = new ArrayList<SequencedMap<String, String>>();
      for (SequencedMap<String, String> one : all) {
        for (String value : values) {
          var longer = new LinkedHashMap<>(one);
          longer.put(setting.getKey(), value);
          next.add(longer);
        }
      }
      all = next;
    }
    return all;
  }
}
