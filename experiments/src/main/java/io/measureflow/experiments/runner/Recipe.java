package io.measureflow.experiments.runner;

import io.measureflow.api.measure.Family;
import io.measureflow.api.registry.Extensions;
import io.measureflow.config.RunConfig;
import io.measureflow.experiments.results.Run;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;

/**
 * Translates the settings of a run into a training. Settings that are options of {@code measureflow
 * train} have the names of the options, so that the command can repeat the run.
 */
public final class Recipe {

  /** The name of the dataset. */
  public static final String DATASET = "dataset";

  public static final String FAMILY = "family";
  public static final String COMPONENTS = "components";
  public static final String RANK = "rank";
  public static final String LAYERS = "layers";
  public static final String RATE = "learning-rate";
  public static final String EPOCHS = "epochs";
  public static final String BATCH = "batch";
  public static final String SCHEDULE = "schedule";
  public static final String VALIDATION = "validation";

  private static final SequencedMap<String, String> KEYS = keys();

  private Recipe() {}

  private static SequencedMap<String, String> keys() {
    var keys = new LinkedHashMap<String, String>();
    keys.put(FAMILY, "model.family");
    keys.put(COMPONENTS, "model.components");
    keys.put(RANK, "model.rank");
    keys.put(LAYERS, "model.layers");
    for (String option : List.of(RATE, EPOCHS, BATCH, "flow", "train", "entropy", VALIDATION)) {
      keys.put(option, "training." + option);
    }
    keys.put(SCHEDULE, "training.schedule.kind");
    return keys;
  }

  /** Returns the rank, or nothing if the family has no free rank. */
  public static OptionalInt rank(String family, int rank) {
    return Extensions.onClassPath().of(Family.KIND).get(family).rankRule() == Family.RankRule.FREE
        ? OptionalInt.of(rank)
        : OptionalInt.empty();
  }

  /** Returns the configuration of a run. */
  public static RunConfig config(Run run) {
    var settings = new LinkedHashMap<String, String>();
    KEYS.forEach(
        (option, key) -> {
          if (run.has(option)) {
            settings.put(key, run.setting(option));
          }
        });
    settings.put("seed", String.valueOf(run.seed()));
    return RunConfig.load(Optional.empty(), settings);
  }

  /** Returns the {@code train} command that repeats a run, without the folder of its data. */
  public static String command(Run run) {
    var text = new StringBuilder("measureflow train --dataset ").append(run.setting(DATASET));
    text.append(" --data DIR/").append(run.setting(DATASET));
    for (Map.Entry<String, String> setting : run.settings().entrySet()) {
      if (KEYS.containsKey(setting.getKey())) {
        text.append(" --").append(setting.getKey()).append(' ').append(setting.getValue());
      }
    }
    return text.append(" --seed ").append(run.seed()).toString();
  }
}
