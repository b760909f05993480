package io.measureflow.cli.terminal;

import java.util.Locale;

/** Formats numbers for display, the same in every locale. */
public final class Text {

  private Text() {}

  /** Returns a number without the decimal point where it is whole: {@code 10}, {@code 0.5}. */
  public static String plain(double number) {
    return number == Math.rint(number) && Math.abs(number) < 1e15
        ? String.valueOf((long) number)
        : String.valueOf(number);
  }

  /** Formats a loss with four significant digits. */
  public static String loss(double loss) {
    return Math.abs(loss) >= 1e-3 && Math.abs(loss) < 1e4
        ? String.format(Locale.ROOT, "%.4f", loss)
        : String.format(Locale.ROOT, "%.3e", loss);
  }

  /** Formats a fraction as per cent. */
  public static String percent(double fraction) {
    return String.format(Locale.ROOT, "%.2f %%", 100 * fraction);
  }

  /**
   * A number of things, with the noun in the singular for one: {@code 1 epoch}, {@code 12 epochs}.
   */
  public static String count(int number, String noun) {
    return count(number) + " " + noun + (number == 1 ? "" : "s");
  }

  /** A count with its digits in groups of three. */
  public static String count(double number) {
    return String.format(Locale.ROOT, "%,.0f", number).replace(',', ' ');
  }

  /** Formats an amount of data: 812 B, 4.5 kB, 28.9 kB, 170 MB. */
  public static String bytes(double bytes) {
    String[] units = {"B", "kB", "MB", "GB", "TB"};
    int unit = 0;
    double number = bytes;
    while (number >= 999.5 && unit < units.length - 1) {
      number /= 1000;
      unit++;
    }
    boolean whole = unit == 0 || number >= 99.95;
    return String.format(Locale.ROOT, whole ? "%.0f %s" : "%.1f %s", number, units[unit]);
  }

  /** Formats a duration in whole seconds: 0:07, 4:05, 1:02:03. */
  public static String clock(double seconds) {
    long whole = Math.round(seconds);
    return whole < 3600
        ? String.format(Locale.ROOT, "%d:%02d", whole / 60, whole % 60)
        : String.format(Locale.ROOT, "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60);
  }

  /** Formats a duration with its unit: 0.42 s, 12.3 s, 4:05 min, 1:02:03 h. */
  public static String duration(double seconds) {
    if (seconds < 10) {
      return String.format(Locale.ROOT, "%.2f s", seconds);
    }
    if (seconds < 60) {
      return String.format(Locale.ROOT, "%.1f s", seconds);
    }
    return clock(seconds) + (seconds < 3599.5 ? " min" : " h");
  }
}
