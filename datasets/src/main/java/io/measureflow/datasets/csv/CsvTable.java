package io.measureflow.datasets.csv;

import de.siegmar.fastcsv.reader.CsvRecord;
import io.measureflow.api.data.DatasetRequest.Columns;
import io.measureflow.api.data.DatasetRequest.Missing;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.datasets.columns.TablePlan;
import io.measureflow.datasets.format.Selection;
import io.measureflow.datasets.format.TableFile;
import io.measureflow.datasets.format.ValueType;
import io.measureflow.datasets.io.Numeral;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A table of separated values (RFC 4180, with any separator) in UTF-8, plain or gzip, with a header
 * row or without. The first rows decide how cells are separated, how numbers are written, and which
 * columns are numeric; text in one of these is refused. Blank lines are skipped. Rows are named by
 * their line in the file, from 1.
 */
final class CsvTable implements TableFile {

  /** How many rows are looked at for the kind of a column whose first cells are missing. */
  static final int LOOK_AHEAD = 64;

  /** A column that begins with a number is one of text if so many of its first cells hold text. */
  private static final int LEAST_TEXTS = 2;

  /** And one in so many of those with a value. */
  private static final int TEXTS_IN = 10;

  /** An integer label; -0 is a different number. */
  private static final Pattern INTEGER = Pattern.compile("-?[0-9]{1,18}");

  private static final Pattern MINUS_ZERO = Pattern.compile("-0+");

  private final Path file;
  private final CsvDialect dialect;
  private final Gaps gaps;
  private final Gaps labelGaps;
  private final boolean named;
  private final List<Column> columns;
  private final List<String> remarks;

  private CsvTable(
      Path file,
      CsvDialect dialect,
      Gaps gaps,
      Gaps labelGaps,
      boolean named,
      List<Column> columns,
      List<String> remarks) {
    this.file = file;
    this.dialect = dialect;
    this.gaps = gaps;
    this.labelGaps = labelGaps;
    this.named = named;
    this.columns = columns;
    this.remarks = List.copyOf(remarks);
  }

  /** Examines the first rows. */
  static CsvTable open(Path file, Columns asked) throws IOException {
    Gaps gaps = asked.missing() == Missing.REFUSE ? Gaps.EMPTY : Gaps.WORDS;
    return open(file, asked, gaps, asked.missing() == Missing.AUTO ? Gaps.CERTAIN : gaps);
  }

  /**
   * Examines all rows, so that every column has a type. Integers are 64 bits wide, other numbers
   * are float64. A label column with both numbers and text is text. So is any column that the first
   * rows make one of text, as they do where it becomes features.
   */
  static CsvTable openTyped(Path file, Columns asked) throws IOException {
    CsvTable table = open(file, asked, Gaps.TYPED, Gaps.TYPED);
    return table.typed(TablePlan.toConvert(table, asked).labels());
  }

  /** Examines all rows as {@link #openTyped} does; any column with numbers and text is text. */
  static CsvTable openMixed(Path file, Columns asked) throws IOException {
    CsvTable table = open(file, asked, Gaps.TYPED, Gaps.TYPED);
    return table.typed(IntStream.range(0, table.columns.size()).boxed().toList());
  }

  private CsvTable typed(List<Integer> labels) throws IOException {
    return new CsvTable(file, dialect, gaps, labelGaps, named, types(labels), remarks);
  }

  private List<Column> types(List<Integer> labels) throws IOException {
    int width = columns.size();
    boolean[] text = new boolean[width];
    boolean[] integer = new boolean[width];
    boolean[] real = new boolean[width];
    boolean[] gap = new boolean[width];
    boolean[] truth = new boolean[width];
    for (int j = 0; j < width; j++) {
      truth[j] = columns.get(j).kind() == Kind.TRUTH && !labels.contains(j);
      text[j] = columns.get(j).kind() == Kind.TEXT || columns.get(j).kind() == Kind.TRUTH;
    }
    try (var rows = new Rows(labels)) {
      skipHeader(rows);
      while (rows.next()) {
        for (int j = 0; j < width; j++) {
          String cell = rows.cell(j);
          if (gaps.isMissing(cell, truth[j] ? Kind.TRUTH : text[j] ? Kind.TEXT : Kind.NUMERAL)) {
            gap[j] = true;
          } else if (truth[j]) {
            rows.truth(j, cell);
          } else if (!text[j] && columns.get(j).aside().isEmpty()) {
            switch (Numeral.kind(cell)) {
              case TEXT, EMPTY -> {
                if (!labels.contains(j)) {
                  throw TableFile.badCell(
                      file, rows.line(0, 0), columns.get(j).name(), "a finite number", cell);
                }
                text[j] = true;
              }
              case NUMBER, NOT_FINITE -> {
                boolean whole =
                    INTEGER.matcher(cell).matches() && !MINUS_ZERO.matcher(cell).matches();
                integer[j] |= whole;
                real[j] |= !whole;
              }
            }
          }
        }
      }
    }
    return IntStream.range(0, width)
        .mapToObj(
            j ->
                columns.get(j).aside().isPresent()
                    ? columns.get(j)
                    : column(
                        columns.get(j).name(),
                        truth[j] ? Kind.TRUTH : text[j] ? Kind.TEXT : Kind.NUMERAL,
                        Optional.of(
                            truth[j]
                                ? ValueType.BOOLEAN
                                : text[j]
                                    ? ValueType.TEXT
                                    : integer[j] && !real[j] ? ValueType.INT64 : ValueType.FLOAT64),
                        gap[j]))
        .toList();
  }

  private static Column column(
      String name, Kind kind, Optional<ValueType> values, boolean nullable) {
    String type =
        switch (kind) {
          case TEXT -> "text";
          case TRUTH -> "true or false";
          case INTEGER, REAL, NUMERAL, DATE, OTHER -> "number";
        };
    return new Column(name, kind, type, values, nullable);
  }

  private static CsvTable open(Path file, Columns asked, Gaps gaps, Gaps labelGaps)
      throws IOException {
    boolean lenient = gaps != Gaps.EMPTY;
    CsvDialect dialect;
    try (Reader text = CsvRecords.text(file)) {
      dialect = CsvDialect.of(text, asked.separator());
    } catch (CharacterCodingException e) {
      // Said with the row below.
      dialect = new CsvDialect(asked.separator().orElse(','), CsvDialect.Numbers.PLAIN);
    } catch (IOException e) {
      throw CsvRecords.damaged(file, e);
    }
    try (var records = new CsvRecords(file, dialect.separator())) {
      if (!records.hasNext()) {
        throw InvalidRequestException.of(
            file.toString(), "a header row", "an empty file", "Check how the file was written.");
      }
      List<String> first = fields(records.next());
      var rows = new ArrayList<List<String>>();
      while (rows.size() < LOOK_AHEAD && records.hasNext()) {
        List<String> row = fields(records.next());
        if (row.size() > 1 || first.size() == 1) {
          rows.add(row);
        }
      }
      var remarks = new ArrayList<>(dialect.remarks(asked.separator().isPresent()));
      CsvHeader header = CsvHeader.of(file, first, rows, dialect.numbers(), asked, lenient);
      header.remark().ifPresent(remarks::add);
      List<List<String>> sample = header.named() ? rows : prepended(first, rows);
      if (sample.isEmpty()) {
        throw InvalidRequestException.of(
            file.toString(),
            "at least one row",
            "only a header",
            "Check how the file was written.");
      }
      List<List<String>> cells = cells(sample, header.names().size());
      if (gaps != Gaps.TYPED) {
        lookFurther(records, cells);
      }
      var columns = new ArrayList<Column>();
      for (int i = 0; i < header.names().size(); i++) {
        columns.add(
            header.checked(
                i,
                column(
                    header.names().get(i),
                    kind(cells.get(i), dialect.numbers(), gaps),
                    Optional.empty(),
                    true)));
      }
      return new CsvTable(file, dialect, gaps, labelGaps, header.named(), columns, remarks);
    }
  }

  private static List<List<String>> prepended(List<String> first, List<List<String>> rows) {
    var all = new ArrayList<List<String>>();
    all.add(first);
    all.addAll(rows);
    return all;
  }

  private static List<String> fields(CsvRecord record) {
    return record.getFields().stream().map(String::strip).toList();
  }

  /** The cells of the first rows by column. */
  private static List<List<String>> cells(List<List<String>> rows, int width) {
    var cells = new ArrayList<List<String>>();
    for (int i = 0; i < width; i++) {
      var column = new ArrayList<String>(rows.size());
      for (List<String> row : rows) {
        column.add(i < row.size() ? row.get(i) : "");
      }
      cells.add(column);
    }
    return cells;
  }

  /** Adds the first value of each column that has none in the first rows. */
  private static void lookFurther(CsvRecords records, List<List<String>> cells) {
    var open = new ArrayList<Integer>();
    for (int i = 0; i < cells.size(); i++) {
      if (cells.get(i).stream().allMatch(Numeral::isMissing)) {
        open.add(i);
      }
    }
    while (!open.isEmpty() && records.hasNext()) {
      CsvRecord record = records.next();
      open.removeIf(
          i -> {
            String cell = i < record.getFieldCount() ? record.getField(i).strip() : "";
            return !Numeral.isMissing(cell) && cells.get(i).add(cell);
          });
    }
  }

  /**
   * What the first cell with a value holds, or text where there is some of it; words for no value
   * are text where no value follows.
   */
  private static Kind kind(List<String> cells, CsvDialect.Numbers numbers, Gaps gaps) {
    boolean words = false;
    int values = 0;
    int texts = 0;
    boolean first = false;
    for (String cell : cells) {
      if (Numeral.isMissing(cell)) {
        words |= gaps == Gaps.EMPTY && Numeral.kind(cell) == Numeral.Kind.TEXT;
      } else {
        boolean text = Numeral.kind(numbers.plain(cell)) == Numeral.Kind.TEXT;
        first |= text && values == 0;
        values++;
        texts += text ? 1 : 0;
      }
    }
    if (values == 0) {
      return words ? Kind.TEXT : Kind.NUMERAL;
    }
    boolean mixed = texts >= LEAST_TEXTS && TEXTS_IN * texts >= values;
    if (!first && !mixed) {
      return Kind.NUMERAL;
    }
    return isTruth(cells) ? Kind.TRUTH : Kind.TEXT;
  }

  private static boolean isTruth(List<String> cells) {
    return cells.stream().allMatch(cell -> Numeral.isMissing(cell) || truth(cell).isPresent());
  }

  /** The truth value that a cell holds. */
  private static Optional<Boolean> truth(String cell) {
    return cell.equalsIgnoreCase("true")
        ? Optional.of(true)
        : cell.equalsIgnoreCase("false") ? Optional.of(false) : Optional.empty();
  }

  @Override
  public Path path() {
    return file;
  }

  @Override
  public List<Column> columns() {
    return columns;
  }

  @Override
  public boolean named() {
    return named;
  }

  @Override
  public Batches read(Selection selection) throws IOException {
    var rows = new Rows(selection.labels());
    try {
      skipHeader(rows);
      return rows;
    } catch (RuntimeException e) {
      rows.close();
      throw e;
    }
  }

  @Override
  public List<String> remarks() {
    return remarks;
  }

  private void skipHeader(Rows rows) {
    if (named && rows.records.hasNext()) {
      rows.records.next();
    }
  }

  @Override
  public InvalidRequestException malformed(Throwable cause) {
    return CsvRecords.damaged(file, cause);
  }

  @Override
  public void close() {}

  /** A cursor over one record at a time. */
  private final class Rows implements Batches {

    private final CsvRecords records = new CsvRecords(file, dialect.separator());
    private final @Nullable Cell[] cells = new Cell[columns.size()];
    private final Collection<Integer> labels;
    private @Nullable CsvRecord record;

    Rows(Collection<Integer> labels) throws IOException {
      this.labels = labels;
    }

    private CsvRecord record() {
      CsvRecord current = record;
      if (current == null) {
        throw new IllegalStateException("There is no current row.");
      }
      return current;
    }

    @Override
    public boolean next() throws IOException {
      CsvRecord next;
      do {
        if (!records.hasNext()) {
          return false;
        }
        next = records.next();
      } while (isBlank(next) && columns.size() > 1);
      if (next.getFieldCount() != columns.size()) {
        throw InvalidRequestException.of(
            file + ", row " + next.getStartingLineNumber(),
            columns.size() + " cells, one for each column of the first row",
            next.getFieldCount() + " cells",
            "Correct the row, or leave it out. Cells are separated by "
                + CsvDialect.name(dialect.separator())
                + "; --separator names another separator.");
      }
      record = next;
      return true;
    }

    @Override
    public int rows() {
      return 1;
    }

    @Override
    public long line(int row, long first) {
      return record().getStartingLineNumber();
    }

    @Override
    public Cell cells(int wanted) {
      Cell known = cells[wanted];
      if (known == null) {
        known = new Cell(this, wanted, labels.contains(wanted));
        cells[wanted] = known;
      }
      return known;
    }

    private String cell(int wanted) {
      return cells(wanted).value();
    }

    private boolean truth(int wanted, String cell) {
      return CsvTable.truth(cell)
          .orElseThrow(
              () ->
                  TableFile.badCell(
                      file, line(0, 0), columns.get(wanted).name(), "true or false", cell));
    }

    @Override
    public void close() throws IOException {
      records.close();
    }
  }

  /** The cell of a column in the current row, which is looked at once. */
  private final class Cell implements Cells {
    private final Rows rows;
    private final int column;
    private final boolean label;
    private final Kind kind;
    private @Nullable CsvRecord read;
    private String value = "";

    Cell(Rows rows, int column, boolean label) {
      this.rows = rows;
      this.column = column;
      this.label = label;
      kind = columns.get(column).kind();
    }

    @SuppressWarnings("ReferenceEquality") // Whether it is the record that was read last.
    private String value() {
      CsvRecord current = rows.record();
      if (current != read) {
        String cell = current.getField(column).strip();
        value = kind == Kind.NUMERAL ? dialect.numbers().plain(cell) : cell;
        read = current;
      }
      return value;
    }

    @Override
    public boolean isMissing(int row) {
      return (label ? labelGaps : gaps).isMissing(value(), kind);
    }

    @Override
    public long integer(int row) {
      return Long.parseLong(value());
    }

    @Override
    public double number(int row) {
      String cell = value();
      if (kind == Kind.TRUTH) {
        return Numeral.isMissing(cell) ? Double.NaN : rows.truth(column, cell) ? 1 : 0;
      }
      return switch (Numeral.kind(cell)) {
        case NUMBER -> Numeral.parse(cell);
        case NOT_FINITE ->
            cell.regionMatches(true, cell.length() - 3, "nan", 0, 3)
                ? Double.NaN
                : cell.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
        case TEXT, EMPTY -> throw noNumber(row, cell);
      };
    }

    private InvalidRequestException noNumber(int row, String cell) {
      long line = rows.line(row, 0);
      String name = columns.get(column).name();
      if (label && Numeral.isMissing(cell)) {
        return TableFile.noLabel(file, line, name, cell.isEmpty() ? "an empty cell" : cell);
      }
      if (label || Numeral.isMissing(cell)) {
        return TableFile.badCell(
            file, line, name, "a finite number", cell.isEmpty() ? "an empty cell" : cell);
      }
      return InvalidRequestException.of(
          file + ", row " + line + ", column \"" + name + "\"",
          "a finite number",
          cell,
          "Correct the cell, leave the row or the column out, or name the column with --categories"
              + " where its values are categories.");
    }

    @Override
    public String text(int row) {
      boolean truth = columns.get(column).values().equals(Optional.of(ValueType.BOOLEAN));
      return truth ? value().toLowerCase(Locale.ROOT) : value();
    }
  }

  private static boolean isBlank(CsvRecord record) {
    return record.getFieldCount() == 1 && record.getField(0).isBlank();
  }
}
