package io.measureflow.core.layers;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The parts of short forms. */
final class Parts {

  private Parts() {}

  /** Assigns a key to the one part that may be there. */
  static Map<String, String> atMostOne(List<String> parts, String key) {
    if (parts.size() > 1) {
      throw new IllegalArgumentException("expected at most one part, found " + parts);
    }
    return parts.isEmpty() || parts.getFirst().isEmpty() ? Map.of() : Map.of(key, parts.getFirst());
  }

  /** Assigns keys to as many parts. */
  static Map<String, String> all(List<String> parts, String... keys) {
    if (parts.size() != keys.length) {
      throw new IllegalArgumentException("expected " + keys.length + " parts, found " + parts);
    }
    var assigned = new LinkedHashMap<String, String>();
    for (int i = 0; i < keys.length; i++) {
      assigned.put(keys[i], parts.get(i));
    }
    return assigned;
  }
}
