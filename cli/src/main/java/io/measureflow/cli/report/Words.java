package io.measureflow.cli.report;

import io.measureflow.api.data.Schema;
import java.util.List;
import java.util.Locale;

/** Short forms of names and numbers for the page. */
final class Words {

  private static final int LONGEST = 40;

  private Words() {}

  /** Shortens a name from data. */
  static String name(String name) {
    return name.codePointCount(0, name.length()) <= LONGEST
        ? name
        : name.substring(0, name.offsetByCodePoints(0, LONGEST - 1)) + "…";
  }

  /** Returns the names of the features; those without a name get x0, x1, ... */
  static String feature(Schema schema, int j) {
    List<String> names = schema.features();
    return j >= schema.featureCount()
        ? "(constant 1)"
        : names.isEmpty() ? "x" + j : name(names.get(j));
  }

  /** Formats a fraction as per cent with one decimal, which stays on one line. */
  static String percent(double fraction) {
    return String.format(Locale.ROOT, "%.1f\u00A0%%", 100 * fraction);
  }

  /** Formats a number with four significant digits. */
  static String number(double value) {
    double size = Math.abs(value);
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      return String.valueOf(value);
    }
    if (size != 0 && (size >= 1e6 || size < 1e-3)) {
      return String.format(Locale.ROOT, "%.3e", value);
    }
    if (size == Math.rint(size)) {
      return String.format(Locale.ROOT, "%.0f", value);
    }
    int decimals = size == 0 ? 0 : Math.clamp(3 - (int) Math.floor(Math.log10(size)), 0, 6);
    String text = String.format(Locale.ROOT, "%." + decimals + "f", value);
    return text.replaceFirst("\\.0+$", "");
  }
}
