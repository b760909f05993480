package io.measureflow.experiments.results;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** What one row of results says, collected column by column. */
public final class Measured {

  private final Map<String, String> cells = new LinkedHashMap<>();

  /** Adds a cell; NaN leaves it empty. */
  public Measured put(String column, Object value) {
    String text = Run.text(value);
    if (!text.isEmpty()) {
      cells.put(column, text);
    }
    return this;
  }

  public Map<String, String> cells() {
    return Collections.unmodifiableMap(cells);
  }
}
