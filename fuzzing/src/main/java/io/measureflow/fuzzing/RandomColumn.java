package io.measureflow.fuzzing;

import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/** The kinds of columns that tables of people have, and what is odd in them. */
enum RandomColumn {
  NUMBERS,
  WILD_NUMBERS,
  INTEGERS,
  INTEGERS_WITH_GAPS,
  CATEGORIES,
  NAMES,
  TRUTH,
  DATES,
  TIMES,
  CONSTANT,
  CONSTANT_TEXT,
  EMPTY;

  private static final List<List<String>> TRUTHS =
      List.of(
          List.of("true", "false"),
          List.of("True", "False"),
          List.of("yes", "no"),
          List.of("0", "1"));
  private static final List<String> WORDS =
      List.of("oak", "pine", "yew", "Öl", "a, b", "say \"x\"", "two\nlines", " pad ", "日本", "-");
  private static final LocalDate FIRST_DAY = LocalDate.of(2024, 1, 31);

  /** Returns the cells of a column. */
  String[] cells(SplittableRandom random, int rows) {
    double scale = scale(random);
    double offset = offset(random);
    int values = 1 + random.nextInt(random.nextInt(4) == 0 ? 200 : 8);
    List<String> truth = TRUTHS.get(random.nextInt(TRUTHS.size()));
    String constant = number(scale * random.nextGaussian() + offset);
    var cells = new String[rows];
    for (int i = 0; i < rows; i++) {
      cells[i] =
          switch (this) {
            case NUMBERS -> number(scale * random.nextGaussian() + offset);
            case WILD_NUMBERS -> number(random.nextGaussian() * power(random, -30, 30));
            case INTEGERS -> String.valueOf(random.nextInt(values) - values / 2);
            case INTEGERS_WITH_GAPS -> String.valueOf((long) random.nextInt(values) * 1_000_003);
            case CATEGORIES -> word(random.nextInt(values));
            case NAMES -> word(i) + " " + i;
            case TRUTH -> truth.get(random.nextInt(2));
            case DATES -> FIRST_DAY.plusDays(random.nextInt(4000)).toString();
            case TIMES ->
                LocalDateTime.of(FIRST_DAY.plusDays(random.nextInt(9)), LocalTime.NOON)
                    .plusSeconds(random.nextInt(100_000))
                    .toString();
            case CONSTANT -> constant;
            case CONSTANT_TEXT -> word(values);
            case EMPTY -> "";
          };
    }
    return cells;
  }

  /** A word for each number: the first ten, then these with a number behind. */
  static String word(int number) {
    String word = WORDS.get(number % WORDS.size());
    return number < WORDS.size() ? word : word + number / WORDS.size();
  }

  private static double scale(SplittableRandom random) {
    return random.nextBoolean() ? 1 : power(random, -30, 30);
  }

  private static double offset(SplittableRandom random) {
    return random.nextInt(3) > 0 ? 0 : (random.nextBoolean() ? 1 : -1) * power(random, 0, 12);
  }

  private static double power(SplittableRandom random, int least, int most) {
    return Math.pow(10, random.nextDouble(least, most));
  }

  static String number(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? String.valueOf((long) value)
        : String.format(Locale.ROOT, "%.9g", value);
  }
}
