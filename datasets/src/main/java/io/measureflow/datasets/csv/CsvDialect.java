package io.measureflow.datasets.csv;

import io.measureflow.datasets.io.Numeral;
import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * How the cells of a file are separated and how its numbers are written.
 *
 * @param separator the character between cells
 * @param numbers how numbers are written
 */
record CsvDialect(char separator, Numbers numbers) {

  /** How much of a file is looked at, in characters. */
  private static final int SAMPLE = 1 << 18;

  private static final int MOST_RECORDS = CsvTable.LOOK_AHEAD;

  /** How many cells of a row are looked at. */
  private static final int MOST_CELLS = 1 << 10;

  /** The separators that are tried, the usual one first. */
  private static final char[] SEPARATORS = {',', ';', '\t', '|'};

  // "1,234" may be a grouped integer or a decimal; what these match leaves no doubt.
  private static final Pattern EITHER = Pattern.compile("[+-]?[1-9][0-9]{0,2},[0-9]{3}");
  private static final Pattern GROUPED =
      Pattern.compile("[+-]?[1-9][0-9]{0,2}((,[0-9]{3})+\\.[0-9]*|(,[0-9]{3}){2,})");
  private static final Pattern POINT = Pattern.compile("[+-]?([0-9]+\\.[0-9]*|\\.[0-9]+)([eE].+)?");
  private static final Pattern COMMA =
      Pattern.compile("[+-]?([0-9]*|[1-9][0-9]{0,2}(\\.[0-9]{3})+),[0-9]+([eE][+-]?[0-9]+)?");
  private static final Pattern POINT_GROUPS = Pattern.compile("[+-]?[1-9][0-9]{0,2}(\\.[0-9]{3})+");

  /** How numbers are written. */
  enum Numbers {
    /** 1234.5 */
    PLAIN,
    /** 1,234.5 */
    GROUPED,
    /** 1234,5 or 1.234,5 */
    DECIMAL_COMMA;

    /** A number as it is usually written; any other cell as it is. */
    String plain(String cell) {
      if (this == PLAIN || (cell.indexOf(',') < 0 && (this == GROUPED || cell.indexOf('.') < 0))) {
        return cell;
      }
      return switch (this) {
        case PLAIN -> cell;
        case GROUPED ->
            EITHER.matcher(cell).matches() || CsvDialect.GROUPED.matcher(cell).matches()
                ? cell.replace(",", "")
                : cell;
        case DECIMAL_COMMA ->
            COMMA.matcher(cell).matches() || POINT_GROUPS.matcher(cell).matches()
                ? cell.replace(".", "").replace(',', '.')
                : cell;
      };
    }
  }

  /** Looks at the beginning of a file. */
  static CsvDialect of(Reader text, Optional<Character> asked) throws IOException {
    char[] buffer = new char[SAMPLE];
    int length = 0;
    for (int n = 0; n >= 0 && length < SAMPLE; n = text.read(buffer, length, SAMPLE - length)) {
      length += n;
    }
    String sample = new String(buffer, 0, length);
    boolean complete = length < SAMPLE;
    char separator = asked.orElseGet(() -> separator(sample, complete));
    return new CsvDialect(separator, numbers(records(sample, complete, separator), separator));
  }

  private static char separator(String sample, boolean complete) {
    char best = SEPARATORS[0];
    double bestAlike = 0;
    double bestNumeric = 0;
    for (char separator : SEPARATORS) {
      List<List<String>> records = records(sample, complete, separator);
      if (records.isEmpty() || records.getFirst().size() < 2) {
        continue;
      }
      double alike = alike(records);
      double numeric = numeric(records);
      if (alike > bestAlike || (alike == bestAlike && numeric > bestNumeric)) {
        best = separator;
        bestAlike = alike;
        bestNumeric = numeric;
      }
    }
    return best;
  }

  /** The share of rows with as many cells as the first one. */
  private static double alike(List<List<String>> records) {
    int width = records.getFirst().size();
    return records.stream().filter(record -> record.size() == width).count()
        / (double) records.size();
  }

  /** The share of cells below the first row that read as numbers. */
  private static double numeric(List<List<String>> records) {
    long cells = 0;
    long numbers = 0;
    for (List<String> record : records.subList(Math.min(1, records.size() - 1), records.size())) {
      for (String cell : record) {
        cells++;
        if (Numeral.kind(cell) == Numeral.Kind.NUMBER
            || COMMA.matcher(cell).matches()
            || GROUPED.matcher(cell).matches()) {
          numbers++;
        }
      }
    }
    return numbers / (double) Math.max(1, cells);
  }

  private static Numbers numbers(List<List<String>> records, char separator) {
    boolean either = false;
    boolean grouped = false;
    boolean comma = false;
    boolean point = false;
    for (List<String> record : records) {
      for (String cell : record) {
        if (EITHER.matcher(cell).matches()) {
          either = true;
        } else if (GROUPED.matcher(cell).matches()) {
          grouped = true;
        } else if (COMMA.matcher(cell).matches()) {
          comma = true;
        } else if (POINT.matcher(cell).matches() && !POINT_GROUPS.matcher(cell).matches()) {
          point = true;
        }
      }
    }
    if (grouped) {
      return comma ? Numbers.PLAIN : Numbers.GROUPED;
    }
    // Where cells are separated by semicolons, it is because commas stand in numbers.
    boolean decimal = comma || (either && separator == ';');
    return decimal && !point && separator != ',' ? Numbers.DECIMAL_COMMA : Numbers.PLAIN;
  }

  /** The rows of the sample that are complete and not blank; long rows are cut off. */
  private static List<List<String>> records(String sample, boolean complete, char separator) {
    var records = new ArrayList<List<String>>();
    var record = new ArrayList<String>();
    var cell = new StringBuilder();
    boolean quoted = false;
    boolean begun = false;
    for (int i = 0; i < sample.length() && records.size() < MOST_RECORDS; i++) {
      char c = sample.charAt(i);
      if (quoted) {
        if (c != '"') {
          cell.append(c);
        } else if (i + 1 < sample.length() && sample.charAt(i + 1) == '"') {
          cell.append(c);
          i++;
        } else {
          quoted = false;
        }
      } else if (c == '"' && !begun) {
        quoted = true;
        begun = true;
      } else if (c == separator || c == '\n' || c == '\r') {
        end(cell, record);
        begun = false;
        if (c != separator) {
          end(record, records);
          record = new ArrayList<>();
        }
      } else {
        begun = true;
        cell.append(c);
      }
    }
    if (records.size() < MOST_RECORDS && (complete || records.isEmpty())) {
      end(cell, record);
      end(record, records);
    }
    return records;
  }

  private static void end(StringBuilder cell, List<String> record) {
    // Of a long row the number of cells counts, and no more.
    record.add(record.size() < MOST_CELLS ? cell.toString().strip() : "");
    cell.setLength(0);
  }

  private static void end(List<String> record, List<List<String>> records) {
    if (record.size() > 1 || !record.getFirst().isEmpty()) {
      records.add(record);
    }
  }

  /** What is unusual, for whoever wants to know. */
  List<String> remarks(boolean asked) {
    var remarks = new ArrayList<String>();
    if (separator != ',' && !asked) {
      remarks.add("cells are separated by " + name(separator) + " (--separator says otherwise)");
    }
    switch (numbers) {
      case PLAIN -> {}
      case GROUPED -> remarks.add("numbers have commas between thousands: 1,234.5");
      case DECIMAL_COMMA -> remarks.add("numbers have a decimal comma: 1234,5");
    }
    return remarks;
  }

  /** A separator in words. */
  static String name(char separator) {
    return switch (separator) {
      case ',' -> "commas";
      case ';' -> "semicolons";
      case '\t' -> "tabs";
      case '|' -> "vertical bars";
      case ' ' -> "spaces";
      default -> "'" + separator + "'";
    };
  }
}
