package io.measureflow.tune;

import io.measureflow.api.error.InvalidRequestException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.HashSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The values of a setting among which a search chooses. */
public sealed interface Values {

  /** Draws a value, as it would be written on the command line. */
  String draw(SplittableRandom random);

  /** Returns values that stand for all: each of a list, both ends of a range. */
  List<String> examples();

  /**
   * A few values, all equally probable.
   *
   * @param all at least one, without repetition
   */
  record Choices(List<String> all) implements Values {

    /** Copies the list. */
    public Choices {
      all = List.copyOf(all);
    }

    @Override
    public String draw(SplittableRandom random) {
      return all.get(random.nextInt(all.size()));
    }

    @Override
    public List<String> examples() {
      return all;
    }
  }

  /**
   * A range of numbers, both ends included.
   *
   * @param low its lower end
   * @param high its upper end, above the lower one
   * @param logarithmic whether logarithms are uniform rather than numbers; both ends are above 0
   * @param whole whether only whole numbers are drawn
   */
  record Range(double low, double high, boolean logarithmic, boolean whole) implements Values {

    /** The significant digits of a number that is drawn. */
    private static final int DIGITS = 5;

    @Override
    public String draw(SplittableRandom random) {
      double share = random.nextDouble();
      // Of whole numbers each end has its half of the interval around it.
      double from = whole ? low - 0.5 : low;
      double to = whole ? high + 0.5 : high;
      double drawn =
          logarithmic
              ? Math.exp(Math.log(from) + share * (Math.log(to) - Math.log(from)))
              : from * (1 - share) + to * share;
      return text(Math.clamp(whole ? Math.rint(drawn) : rounded(drawn), low, high));
    }

    private static double rounded(double value) {
      return new BigDecimal(value).round(new MathContext(DIGITS)).doubleValue();
    }

    private String text(double value) {
      return value == Math.rint(value) && Math.abs(value) < 1e15
          ? String.valueOf((long) value)
          : String.valueOf(value).replace('E', 'e');
    }

    @Override
    public List<String> examples() {
      return List.of(text(low), text(high));
    }
  }

  /**
   * Reads values: a list {@code 16,64,256}, or {@code a|b} where values contain commas; a range
   * {@code low:high}, or {@code low:high:log}. A range between whole numbers is one of whole
   * numbers.
   *
   * @param where what they are for, for messages
   * @throws InvalidRequestException if there are none, a range is empty, or 0 or less has no
   *     logarithm
   */
  static Values parse(String where, String text) {
    Matcher range = Syntax.RANGE.matcher(text.strip());
    return range.matches() ? Syntax.range(where, range) : Syntax.choices(where, text);
  }

  /** How values are written. */
  final class Syntax {

    private static final String NUMBER = "[-+]?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][-+]?\\d+)?";
    private static final Pattern RANGE =
        Pattern.compile("(" + NUMBER + "):(" + NUMBER + ")(?::(\\w*))?");
    private static final Pattern WHOLE = Pattern.compile("[-+]?\\d{1,15}");

    private Syntax() {}

    private static Values range(String where, Matcher text) {
      String found = "'" + text.group() + "'";
      double low = Double.parseDouble(text.group(1));
      double high = Double.parseDouble(text.group(2));
      String scale = text.group(3);
      if (scale != null && !scale.equals("log")) {
        throw InvalidRequestException.of(
            where, "low:high or low:high:log", found, "Write log, or leave it out.");
      }
      if (Double.isInfinite(low) || Double.isInfinite(high)) {
        throw InvalidRequestException.of(where, "finite numbers", found, "Correct the range.");
      }
      if (!(low < high)) {
        throw InvalidRequestException.of(
            where,
            "a range from a lower to a higher number",
            found,
            low == high ? "A single value needs no range." : "Exchange the ends.");
      }
      if (scale != null && !(low > 0)) {
        throw InvalidRequestException.of(
            where,
            "a range above 0, as numbers have logarithms there",
            found,
            "Raise its lower end, or leave :log out.");
      }
      boolean whole =
          WHOLE.matcher(text.group(1)).matches() && WHOLE.matcher(text.group(2)).matches();
      return new Range(low, high, scale != null, whole);
    }

    private static Values choices(String where, String text) {
      List<String> all =
          List.of(text.split(text.contains("|") ? "\\|" : ",", -1)).stream()
              .map(String::strip)
              .toList();
      if (all.contains("")) {
        throw InvalidRequestException.of(
            where,
            "values separated by commas, or a range low:high",
            text.isBlank() ? "none" : "'" + text + "', with an empty one",
            "Write, for example, learning-rate=1e-4:1e-1:log or components=16,64,256.");
      }
      var seen = new HashSet<String>();
      for (String value : all) {
        if (!seen.add(value)) {
          throw InvalidRequestException.of(
              where, "each value once", "'" + value + "' twice", "Write it once.");
        }
      }
      return new Choices(all);
    }
  }
}
