package io.measureflow.api.program;

import java.util.Map;
import java.util.TreeSet;

/** Values by name: the parameters of a layer, the memory of a flow. */
public record NamedValues(Map<String, Value> byName) {

  /** Copies the map. */
  public NamedValues {
    byName = Map.copyOf(byName);
  }

  /**
   * Returns the value of a name.
   *
   * @throws IllegalArgumentException if there is none; the message lists the known names
   */
  public Value get(String name) {
    Value value = byName.get(name);
    if (value == null) {
      throw new IllegalArgumentException(
          "Value " + name + ": expected one of " + new TreeSet<>(byName.keySet()));
    }
    return value;
  }
}
