package io.measureflow.fuzzing;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Makes a {@link RandomTable}: columns of all kinds, of which some are copies, some have missing
 * values, and rows occur twice; a target with one class, with classes of a single row, with gaps
 * between integers, constant, huge or tiny; and a file with any separator, line ending and quotes.
 */
final class RandomTableWriter {

  private static final int MOST_CELLS = 30_000;
  private static final int MOST_COLUMNS = 300;
  private static final int MOST_ROWS = 5000;
  private static final String MISSING_VALUES = "missing values";
  private static final List<String> MISSING = List.of("", "", "NA", "NaN", "null", "#N/A");

  private final long seed;
  private final SplittableRandom random;
  private final List<String> about = new ArrayList<>();
  private final List<String> options = new ArrayList<>();

  RandomTableWriter(long seed) {
    this.seed = seed;
    // Neighboring seeds are to have nothing in common.
    random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L + 1);
  }

  private boolean once(int in) {
    return random.nextInt(in) == 0;
  }

  /** A number from 1 or more, each power of e as likely as the next. */
  private int size(int least, int most) {
    return (int) Math.exp(random.nextDouble(Math.log(least), Math.log(most + 1.0)));
  }

  RandomTable table() {
    int features = once(20) ? size(60, MOST_COLUMNS) : size(1, 30);
    int rows = size(2, Math.min(MOST_ROWS, MOST_CELLS / features));
    var names = new ArrayList<String>();
    var columns = new ArrayList<String[]>();
    RandomColumn only = once(3) ? kind() : null;
    for (int j = 0; j < features; j++) {
      boolean copy = j > 0 && once(12);
      RandomColumn kind = only != null ? only : kind();
      String[] cells = copy ? columns.get(random.nextInt(j)).clone() : kind.cells(random, rows);
      if (!copy && kind != RandomColumn.NUMBERS) {
        note(kind.name().toLowerCase(Locale.ROOT));
      }
      columns.add(cells);
      names.add(once(10) ? RandomColumn.word(j + 10) : "x" + j);
    }
    if (once(3)) {
      leaveOut(columns, rows);
    }
    if (about.contains(MISSING_VALUES) || about.contains("empty")) {
      switch (random.nextInt(6)) {
        case 0 -> options.addAll(List.of("--missing", "drop"));
        case 1 -> {}
        default -> options.addAll(List.of("--missing", "mean"));
      }
    }
    int targets = target(names, columns, rows);
    if (rows > 3 && once(4)) {
      note("rows twice");
      for (int copies = 1 + random.nextInt(rows); copies > 0; copies--) {
        int from = random.nextInt(rows);
        int to = random.nextInt(rows);
        columns.forEach(column -> column[to] = column[from]);
      }
    }
    if (once(4)) {
      options.addAll(List.of("--split", "0.25"));
    }
    byte[] csv = csv(names, columns, rows, targets);
    return new RandomTable(seed, csv, rows, columns.size(), options, String.join(", ", about));
  }

  private void note(String what) {
    if (!about.contains(what)) {
      about.add(what);
    }
  }

  private RandomColumn kind() {
    RandomColumn[] kinds = RandomColumn.values();
    return random.nextBoolean() ? RandomColumn.NUMBERS : kinds[random.nextInt(kinds.length)];
  }

  private void leaveOut(List<String[]> columns, int rows) {
    note(MISSING_VALUES);
    for (int count = 1 + random.nextInt(rows * columns.size() / 4 + 1); count > 0; count--) {
      columns.get(random.nextInt(columns.size()))[random.nextInt(rows)] =
          MISSING.get(random.nextInt(MISSING.size()));
    }
  }

  /** Adds the columns of the target, and returns their number. */
  private int target(List<String> names, List<String[]> columns, int rows) {
    int kind = random.nextInt(8);
    int count = kind == 7 ? 2 : 1;
    for (int t = 0; t < count; t++) {
      var cells =
          switch (kind) {
            case 0, 1 -> RandomColumn.CATEGORIES.cells(random, rows);
            case 2 -> RandomColumn.INTEGERS.cells(random, rows);
            case 3 -> RandomColumn.INTEGERS_WITH_GAPS.cells(random, rows);
            case 4 -> RandomColumn.TRUTH.cells(random, rows);
            case 5 -> RandomColumn.CONSTANT.cells(random, rows);
            case 6 ->
                once(3)
                    ? RandomColumn.CONSTANT_TEXT.cells(random, rows)
                    : RandomColumn.WILD_NUMBERS.cells(random, rows);
            default -> RandomColumn.NUMBERS.cells(random, rows);
          };
      if (kind < 2 && once(3)) {
        note("a class of one row");
        cells[random.nextInt(rows)] = "rare";
      }
      int at = random.nextInt(columns.size() + 1);
      columns.add(at, cells);
      names.add(at, "y" + t);
    }
    note(
        switch (kind) {
          case 0, 1 -> "target: classes";
          case 2, 3 -> "target: integers";
          case 4 -> "target: truth";
          case 5 -> "target: a constant";
          case 6 -> "target: one class or wild numbers";
          default -> "target: two columns of numbers";
        });
    return count;
  }

  private byte[] csv(List<String> names, List<String[]> columns, int rows, int targets) {
    boolean header = !once(6);
    String separator = List.of(",", ",", ",", ";", "\t", "|").get(random.nextInt(6));
    String end = once(4) ? "\r\n" : "\n";
    boolean quoted = once(5);
    var labels = new ArrayList<String>();
    for (int t = 0; t < targets; t++) {
      labels.add(header ? "y" + t : String.valueOf(names.indexOf("y" + t)));
    }
    options.addAll(List.of("--label", String.join(",", labels)));
    if (!header) {
      note("no header");
      options.addAll(List.of("--header", "false"));
    }
    var text = new StringBuilder(once(6) ? "\uFEFF" : "");
    if (header) {
      line(text, names, separator, end, quoted);
    }
    for (int i = 0; i < rows; i++) {
      int row = i;
      line(text, columns.stream().map(column -> column[row]).toList(), separator, end, quoted);
    }
    if (once(4)) {
      text.setLength(text.length() - end.length());
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static void line(
      StringBuilder text, List<String> cells, String separator, String end, boolean quoted) {
    for (int j = 0; j < cells.size(); j++) {
      String cell = cells.get(j);
      text.append(j == 0 ? "" : separator);
      boolean special = cell.contains(separator) || cell.contains("\"") || cell.contains("\n");
      if (quoted || special) {
        text.append('"').append(cell.replace("\"", "\"\"")).append('"');
      } else {
        text.append(cell);
      }
    }
    text.append(end);
  }
}
