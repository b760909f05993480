package io.measureflow.datasets.columns;

import io.measureflow.api.data.Encoding.Category;
import io.measureflow.datasets.io.Numeral;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Finds the value of a category that a cell holds, and counts the cells that hold another. */
final class CategoryCodes {

  /** No value. */
  static final int NONE = -1;

  private static final Pattern INTEGER = Pattern.compile("[+-]?[0-9]{1,18}(\\.0*)?");
  private static final int MOST_SHOWN = 4;
  private static final int MOST_REMEMBERED = 1 << 12;
  private static final int MOST_CHARACTERS = 40;

  private final Map<String, Integer> codes = new HashMap<>();
  private final Map<String, Integer> others = new HashMap<>();
  private final Set<String> unknown = new LinkedHashSet<>();
  private final int missing;
  private long unknownRows;
  private long rows;

  CategoryCodes(List<String> values) {
    for (int i = 0; i < values.size(); i++) {
      codes.put(values.get(i), i);
    }
    missing = codes.getOrDefault(Category.MISSING, NONE);
  }

  /**
   * The value of a cell, however it is written: of numbers, 3 for 3.0, +3 and 03; of truth values,
   * in lower case.
   */
  static String plain(String text) {
    if (INTEGER.matcher(text).matches()) {
      int end = text.indexOf('.');
      return String.valueOf(Long.parseLong(end < 0 ? text : text.substring(0, end)));
    }
    if (text.equalsIgnoreCase("true") || text.equalsIgnoreCase("false")) {
      return text.toLowerCase(Locale.ROOT);
    }
    return Numeral.kind(text) == Numeral.Kind.NUMBER
        ? String.valueOf(Numeral.parse(text)).replaceFirst("\\.0$", "")
        : text;
  }

  /** Returns the index of the value of a cell with text, or {@link #NONE}. */
  int code(String cell) {
    rows++;
    String text = cell.strip();
    Integer known = codes.get(text);
    if (known == null) {
      known = others.get(text);
    }
    if (known == null) {
      known = codes.getOrDefault(plain(text), NONE);
      if (others.size() < MOST_REMEMBERED) {
        others.put(text, known);
      }
    }
    if (known == NONE) {
      unknown(text);
    }
    return known;
  }

  /** Returns the index of the value of cells without one, or {@link #NONE}. */
  int missing() {
    rows++;
    if (missing == NONE) {
      unknown("no value");
    }
    return missing;
  }

  private void unknown(String text) {
    unknownRows++;
    if (unknown.size() <= MOST_SHOWN) {
      unknown.add(shown(text));
    }
  }

  private static String shown(String text) {
    String line = text.replaceAll("\\s+", " ");
    return line.length() > MOST_CHARACTERS ? line.substring(0, MOST_CHARACTERS) + "..." : line;
  }

  /** What was not among the values, in one line; empty where all was. */
  Optional<String> remark(String column) {
    if (unknownRows == 0) {
      return Optional.empty();
    }
    var shown = new ArrayList<>(unknown);
    boolean more = shown.size() > MOST_SHOWN;
    return Optional.of(
        "column \""
            + column
            + "\" holds values that are unknown to the model, in "
            + unknownRows
            + " of "
            + rows
            + " rows: "
            + String.join(", ", shown.subList(0, more ? MOST_SHOWN : shown.size()))
            + (more ? ", ..." : "")
            + "; they count as none of its values");
  }
}
