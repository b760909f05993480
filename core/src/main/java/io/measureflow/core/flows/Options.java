package io.measureflow.core.flows;

import io.measureflow.api.flow.Flow;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/** Helpers for flows with options. */
final class Options {

  private Options() {}

  static SequencedMap<String, Double> of(Object... namesAndValues) {
    var options = new LinkedHashMap<String, Double>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      options.put((String) namesAndValues[i], (Double) namesAndValues[i + 1]);
    }
    return options;
  }

  static void requireKnown(Flow flow, String option) {
    if (!flow.options().containsKey(option)) {
      throw new IllegalArgumentException(
          "flow "
              + flow.name()
              + ": expected one of the options "
              + String.join(", ", flow.options().keySet())
              + ", found '"
              + option
              + "'");
    }
  }

  static void requireFraction(String option, double value) {
    if (!(value >= 0 && value < 1)) {
      throw new IllegalArgumentException(
          option + ": expected a number from 0 to below 1, found " + value);
    }
  }
}
