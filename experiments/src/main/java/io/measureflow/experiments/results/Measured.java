package io.measureflow.experiments.results;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** The measurements of one row of results, collected column by column. */
public final class Measured {

  private final Map<String, String> cells = new LinkedHashMap<>();

  /** Sets a cell; NaN leaves it empty. */
  public Measured put(String column, Object value) {
    String text = Run.text(value);
    if (!text.isEmpty()) {
      cells.put(column, text);
    }
    return this;
  }

  /** The cells that are not empty, by column. */
  public Map<String, String> cells() {
    return Collections.unmodifiableMap(cells);
  }
}
