package io.measureflow.datasets.io;

import java.util.Locale;
import java.util.regex.Pattern;

/** Parses numbers in tables. */
public final class Numeral {

  private static final Pattern DECIMAL =
      Pattern.compile("[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?");

  /** The longest run of digits read as an integer: no rounding is needed below 2^53. */
  private static final int EXACT_DIGITS = 15;

  private Numeral() {}

  /** The kind of a cell. */
  public enum Kind {
    NUMBER,
    NOT_FINITE,
    EMPTY,
    TEXT
  }

  /** Returns whether a cell, stripped of white space, stands for a missing value. */
  public static boolean isMissing(String cell) {
    return switch (cell) {
      case "", "NA", "N/A", "n/a", "<NA>", "#N/A", "#N/A N/A", "#NA" -> true;
      case "NaN", "nan", "NAN", "-nan", "-NaN", "1.#QNAN", "-1.#IND" -> true;
      case "null", "NULL", "Null", "none", "None", "NONE", "nil", "?", "-", "--", "." -> true;
      default -> false;
    };
  }

  /** Returns whether a cell that stands for a missing value may as well be a name, such as "-". */
  public static boolean isName(String cell) {
    return switch (cell) {
      case "none", "None", "NONE", "?", "-", "--", "." -> true;
      default -> false;
    };
  }

  /** Returns the kind of a cell, stripped of white space. */
  public static Kind kind(String cell) {
    if (cell.isEmpty()) {
      return Kind.EMPTY;
    }
    if (isShortInteger(cell) || DECIMAL.matcher(cell).matches()) {
      return Kind.NUMBER;
    }
    String word = cell.toLowerCase(Locale.ROOT);
    String unsigned = word.startsWith("-") || word.startsWith("+") ? word.substring(1) : word;
    return switch (unsigned) {
      case "nan", "inf", "infinity" -> Kind.NOT_FINITE;
      default -> Kind.TEXT;
    };
  }

  private static boolean isShortInteger(String cell) {
    if (cell.length() > EXACT_DIGITS) {
      return false;
    }
    for (int i = 0; i < cell.length(); i++) {
      if (cell.charAt(i) < '0' || cell.charAt(i) > '9') {
        return false;
      }
    }
    return true;
  }

  /** Returns the value of a cell of kind {@link Kind#NUMBER}, rounded to nearest. */
  public static double parse(String cell) {
    if (!isShortInteger(cell)) {
      return Double.parseDouble(cell);
    }
    long value = 0;
    for (int i = 0; i < cell.length(); i++) {
      value = 10 * value + (cell.charAt(i) - '0');
    }
    return value;
  }
}
