package io.measureflow.datasets.csv;

import io.measureflow.api.data.DatasetRequest.Columns;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.datasets.format.TableFile.Column;
import io.measureflow.datasets.io.Numeral;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The names of the columns.
 *
 * @param named whether they are those of the first row; otherwise they are 0, 1, 2, ...
 * @param names a name for each column
 * @param leftOut why columns without a name are no data, by number
 * @param remark what was inferred, where there is doubt
 */
record CsvHeader(
    boolean named, List<String> names, Map<Integer, String> leftOut, Optional<String> remark) {

  /** What pandas calls a column without a name. */
  private static final String UNNAMED = "Unnamed: ";

  private static final int SHOWN = 4;

  /** The column as it is, or set aside. */
  Column checked(int number, Column column) {
    String reason = leftOut.get(number);
    return reason == null ? column : column.setAside(reason);
  }

  /**
   * Decides whether the first row is a header.
   *
   * @param rows the rows after it
   */
  static CsvHeader of(
      Path file,
      List<String> first,
      List<List<String>> rows,
      CsvDialect.Numbers numbers,
      Columns asked,
      boolean lenient) {
    Optional<String> remark = Optional.empty();
    boolean named =
        switch (asked.header()) {
          case TRUE -> true;
          case FALSE -> false;
          case AUTO -> {
            if (isRowOfNumbers(first.stream().map(numbers::plain).toList(), lenient)) {
              yield false;
            }
            boolean like = isLike(first, rows, numbers);
            if (like || hasNumber(first, numbers)) {
              String shown =
                  first.stream().limit(SHOWN).collect(Collectors.joining(", "))
                      + (first.size() > SHOWN ? ", ..." : "");
              remark =
                  Optional.of(
                      like
                          ? "the first row ("
                              + shown
                              + ") looks like the others and is taken for data, the columns are"
                              + " numbered (--header true: it names them)"
                          : "the first row ("
                              + shown
                              + ") is taken for the names of the columns (--header false: it is"
                              + " data)");
            }
            yield !like;
          }
        };
    if (!named) {
      List<String> numbered = IntStream.range(0, first.size()).mapToObj(String::valueOf).toList();
      return new CsvHeader(false, numbered, Map.of(), remark);
    }
    var names = new ArrayList<>(first);
    var leftOut = new HashMap<Integer, String>();
    for (int i = 0; i < names.size(); i++) {
      String name = names.get(i);
      if (!name.isEmpty() && !(i == 0 && name.equals(UNNAMED + 0))) {
        continue;
      }
      int column = i;
      List<String> cells =
          rows.stream().map(row -> column < row.size() ? row.get(column) : "").toList();
      names.set(i, UNNAMED + i);
      if (i == 0 && isIndex(cells)) {
        leftOut.put(i, "row numbers without a name; name the column to keep it");
      } else if (name.isEmpty() && cells.stream().allMatch(String::isEmpty)) {
        leftOut.put(i, "empty and without a name");
      } else if (name.isEmpty() && i > 0) {
        throw InvalidRequestException.of(
            file + ", row 1",
            "a name for each column",
            "none for column " + (i + 1),
            "Give the file a header row with one name for each column, or say --header false if"
                + " the first row is data.");
      }
    }
    checkDifferent(file, names);
    return new CsvHeader(true, names, leftOut, remark);
  }

  /** Numbers that count the columns are names. */
  static boolean isRowOfNumbers(List<String> cells, boolean lenient) {
    boolean counting = true;
    for (int i = 0; i < cells.size(); i++) {
      String cell = cells.get(i);
      if (Numeral.kind(cell) != Numeral.Kind.NUMBER && !(lenient && Numeral.isMissing(cell))) {
        return false;
      }
      counting &= cell.equals(String.valueOf(i));
    }
    return !counting;
  }

  private static boolean hasNumber(List<String> cells, CsvDialect.Numbers numbers) {
    return cells.stream().anyMatch(cell -> isNumber(cell, numbers));
  }

  private static boolean isNumber(String cell, CsvDialect.Numbers numbers) {
    return Numeral.kind(numbers.plain(cell)) == Numeral.Kind.NUMBER;
  }

  /**
   * Whether the first row has numbers wherever the others have them, and some text that another row
   * has in the same column: a name is no value of its column.
   */
  private static boolean isLike(
      List<String> first, List<List<String>> rows, CsvDialect.Numbers numbers) {
    boolean number = false;
    boolean text = false;
    for (int i = 0; i < first.size(); i++) {
      String cell = first.get(i);
      int column = i;
      if (isNumber(cell, numbers)) {
        number = true;
      } else if (rows.stream()
          .anyMatch(row -> column < row.size() && isNumber(row.get(column), numbers))) {
        return false;
      } else {
        text |=
            !cell.isEmpty()
                && rows.stream()
                    .anyMatch(row -> column < row.size() && row.get(column).equals(cell));
      }
    }
    return number && text;
  }

  /** Whether the cells are integers in ascending order, as pandas and R number rows. */
  private static boolean isIndex(List<String> cells) {
    long last = -1;
    for (String cell : cells) {
      if (!cell.matches("[0-9]{1,15}") || Long.parseLong(cell) <= last) {
        return false;
      }
      last = Long.parseLong(cell);
    }
    return !cells.isEmpty();
  }

  private static void checkDifferent(Path file, List<String> names) {
    var seen = new HashSet<String>();
    for (String name : names) {
      if (!seen.add(name)) {
        throw InvalidRequestException.of(
            file + ", row 1",
            "a different name for each column",
            "\"" + name + "\" twice",
            "Rename one of the columns, or say --header false if the first row is data.");
      }
    }
  }
}
