package io.measureflow.datasets.csv;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import io.measureflow.api.data.DatasetRequest.Columns;
import io.measureflow.api.data.DatasetRequest.Missing;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.io.AtomicFile;
import io.measureflow.datasets.columns.TablePlan;
import io.measureflow.datasets.format.Selection;
import io.measureflow.datasets.format.TableFile;
import io.measureflow.datasets.format.ValueType;
import io.measureflow.datasets.io.Numeral;
import io.measureflow.datasets.io.SourceFiles;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * A table of comma-separated values (RFC 4180) in UTF-8, plain or gzip, with or without a header
 * row. The first rows decide which columns are numeric; a column with both numbers and text is
 * refused. Messages give the line in the file, from 1.
 */
final class CsvTable implements TableFile {

  private static final System.Logger LOG = System.getLogger(CsvTable.class.getName());
  private static final int BUFFER = 1 << 16;

  /** The number of rows examined to find the kind of a column whose first cells are missing. */
  static final int LOOK_AHEAD = 64;

  /** An integer label; -0 is a different number. */
  private static final Pattern INTEGER = Pattern.compile("-?[0-9]{1,18}");

  private static final Pattern MINUS_ZERO = Pattern.compile("-0+");

  private final Path file;
  private final Gaps gaps;
  private final boolean named;
  private final List<Column> columns;

  private CsvTable(Path file, Gaps gaps, boolean named, List<Column> columns) {
    this.file = file;
    this.gaps = gaps;
    this.named = named;
    this.columns = columns;
  }

  /** Which cells count as missing. */
  private enum Gaps {
    /** Empty cells. */
    EMPTY {
      @Override
      boolean isMissing(String cell, Kind kind) {
        return cell.isEmpty();
      }
    },
    /** Empty cells, and words for missing values. */
    WORDS {
      @Override
      boolean isMissing(String cell, Kind kind) {
        return Numeral.isMissing(cell);
      }
    },
    /** Empty cells and, in numeric columns, words for missing values except NaN. */
    TYPED {
      @Override
      boolean isMissing(String cell, Kind kind) {
        return kind == Kind.TEXT
            ? cell.isEmpty()
            : Numeral.isMissing(cell) && Numeral.kind(cell) != Numeral.Kind.NOT_FINITE;
      }
    };

    abstract boolean isMissing(String cell, Kind kind);
  }

  /** Examines the first rows. */
  static CsvTable open(Path file, Columns asked) throws IOException {
    return open(file, asked, asked.missing() == Missing.REFUSE ? Gaps.EMPTY : Gaps.WORDS);
  }

  /**
   * Examines all rows, so that every column has a type. Integers are 64 bits wide, other numbers
   * are float64. A label column with both numbers and text is text.
   */
  static CsvTable openTyped(Path file, Columns asked) throws IOException {
    CsvTable table = open(file, asked, Gaps.TYPED);
    List<Integer> labels = TablePlan.toConvert(table, asked).labels();
    return new CsvTable(file, Gaps.TYPED, table.named, table.typed(labels));
  }

  private List<Column> typed(List<Integer> labels) throws IOException {
    int width = columns.size();
    boolean[] text = new boolean[width];
    boolean[] integer = new boolean[width];
    boolean[] real = new boolean[width];
    boolean[] gap = new boolean[width];
    for (int j = 0; j < width; j++) {
      text[j] = columns.get(j).kind() == Kind.TEXT;
    }
    try (var rows = new Rows(texts(labels))) {
      skipHeader(rows);
      while (rows.next()) {
        for (int j = 0; j < width; j++) {
          String cell = rows.cell(j);
          if (gaps.isMissing(cell, text[j] ? Kind.TEXT : Kind.NUMERAL)) {
            gap[j] = true;
          } else if (!text[j]) {
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
                column(
                    columns.get(j).name(),
                    text[j] ? Kind.TEXT : Kind.NUMERAL,
                    Optional.of(
                        text[j]
                            ? ValueType.TEXT
                            : integer[j] && !real[j] ? ValueType.INT64 : ValueType.FLOAT64),
                    gap[j]))
        .toList();
  }

  private static Column column(
      String name, Kind kind, Optional<ValueType> values, boolean nullable) {
    return new Column(name, kind, kind == Kind.TEXT ? "text" : "number", values, nullable);
  }

  private static CsvTable open(Path file, Columns asked, Gaps gaps) throws IOException {
    boolean lenient = gaps != Gaps.EMPTY;
    try (var records = new Records(file)) {
      if (!records.hasNext()) {
        throw InvalidRequestException.of(
            file.toString(), "a header row", "an empty file", "Check how the file was written.");
      }
      List<String> first = fields(records.next());
      boolean named =
          switch (asked.header()) {
            case TRUE -> true;
            case FALSE -> false;
            case AUTO -> !isRowOfNumbers(first, lenient);
          };
      if (named) {
        checkHeader(file, first);
      }
      List<String> names =
          named ? first : IntStream.range(0, first.size()).mapToObj(String::valueOf).toList();
      var sample = new ArrayList<List<String>>();
      if (!named) {
        sample.add(first);
      }
      while (sample.size() < LOOK_AHEAD && records.hasNext()) {
        sample.add(fields(records.next()));
      }
      if (sample.isEmpty()) {
        throw InvalidRequestException.of(
            file.toString(),
            "at least one row",
            "only a header",
            "Check how the file was written.");
      }
      var columns = new ArrayList<Column>();
      for (int i = 0; i < names.size(); i++) {
        columns.add(column(names.get(i), kind(sample, i, lenient), Optional.empty(), true));
      }
      return new CsvTable(file, gaps, named, columns);
    }
  }

  private static List<String> fields(CsvRecord record) {
    var fields = new ArrayList<String>();
    for (String field : record.getFields()) {
      String text = field.strip();
      // A byte order mark.
      fields.add(
          fields.isEmpty() && record.getStartingLineNumber() == 1 && text.startsWith("\uFEFF")
              ? text.substring(1)
              : text);
    }
    return fields;
  }

  /**
   * Returns whether all cells are numbers other than the column indices, so that this is not a
   * header.
   */
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

  private static void checkHeader(Path file, List<String> names) {
    String where = file + ", row 1";
    String remedy =
        "Give the file a header row with one name for each column, or pass --header false.";
    int empty = names.indexOf("");
    if (empty >= 0) {
      throw InvalidRequestException.of(
          where, "a name for each column", "none for column " + (empty + 1), remedy);
    }
    for (String name : names) {
      if (names.indexOf(name) != names.lastIndexOf(name)) {
        throw InvalidRequestException.of(
            where, "a different name for each column", "\"" + name + "\" twice", remedy);
      }
    }
  }

  private static Kind kind(List<List<String>> sample, int column, boolean lenient) {
    for (List<String> row : sample) {
      String cell = column < row.size() ? row.get(column) : "";
      boolean missing = lenient ? Numeral.isMissing(cell) : cell.isEmpty();
      if (!missing) {
        return Numeral.kind(cell) == Numeral.Kind.TEXT ? Kind.TEXT : Kind.NUMERAL;
      }
    }
    return Kind.NUMERAL;
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
    List<Integer> text = texts(selection.labels());
    List<Integer> leftOut = text.stream().filter(i -> !selection.wants(i)).toList();
    if (!leftOut.isEmpty()) {
      LOG.log(
          System.Logger.Level.INFO,
          "{0}: text columns are left out: {1}",
          file,
          leftOut.stream().map(i -> columns.get(i).name()).collect(Collectors.joining(", ")));
    }
    var rows = new Rows(text);
    try {
      skipHeader(rows);
      return rows;
    } catch (RuntimeException e) {
      rows.close();
      throw e;
    }
  }

  /** Returns the text columns, except labels, whose kind does not matter. */
  private List<Integer> texts(Collection<Integer> labels) {
    return IntStream.range(0, columns.size())
        .filter(i -> columns.get(i).kind() == Kind.TEXT && !labels.contains(i))
        .boxed()
        .toList();
  }

  private void skipHeader(Rows rows) {
    if (named && rows.records.hasNext()) {
      rows.records.next();
    }
  }

  @Override
  public InvalidRequestException malformed(Throwable cause) {
    return damaged(file, cause);
  }

  @Override
  public void close() {}

  /** A cursor over one record at a time. */
  private final class Rows implements Batches {

    private final Records records = new Records(file);
    private final List<Integer> text;
    private @Nullable CsvRecord record;

    Rows(List<Integer> text) throws IOException {
      this.text = text;
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
      if (!records.hasNext()) {
        return false;
      }
      CsvRecord next = records.next();
      if (isBlank(next) && !records.hasNext()) {
        return false; // An empty line at the end is not a row.
      }
      if (next.getFieldCount() != columns.size()) {
        throw InvalidRequestException.of(
            file + ", row " + next.getStartingLineNumber(),
            columns.size() + " cells, one for each column of the first row",
            isBlank(next) ? "an empty line" : next.getFieldCount() + " cells",
            "Correct the row, or leave it out.");
      }
      for (int i : text) {
        String cell = next.getField(i).strip();
        if (Numeral.kind(cell) == Numeral.Kind.NUMBER) {
          throw TableFile.badCell(
              file,
              next.getStartingLineNumber(),
              columns.get(i).name(),
              "text, as in the first rows",
              "the number " + cell);
        }
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
    public Cells cells(int wanted) {
      return new Cell(this, wanted);
    }

    private String cell(int wanted) {
      String cell = record().getField(wanted).strip();
      return wanted == 0 && cell.startsWith("\uFEFF") ? cell.substring(1) : cell;
    }

    @Override
    public void close() throws IOException {
      records.close();
    }
  }

  private final class Cell implements Cells {
    private final Rows rows;
    private final int column;

    Cell(Rows rows, int column) {
      this.rows = rows;
      this.column = column;
    }

    @Override
    public boolean isMissing(int row) {
      String cell = rows.cell(column);
      return gaps.isMissing(cell, columns.get(column).kind());
    }

    @Override
    public long integer(int row) {
      return Long.parseLong(rows.cell(column));
    }

    @Override
    public double number(int row) {
      String cell = rows.cell(column);
      return switch (Numeral.kind(cell)) {
        case NUMBER -> Numeral.parse(cell);
        case NOT_FINITE ->
            cell.regionMatches(true, cell.length() - 3, "nan", 0, 3)
                ? Double.NaN
                : cell.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
        case TEXT, EMPTY ->
            throw TableFile.badCell(
                file,
                rows.line(row, 0),
                columns.get(column).name(),
                "a finite number",
                cell.isEmpty() ? "an empty cell" : cell);
      };
    }

    @Override
    public String text(int row) {
      return rows.cell(column);
    }
  }

  private static boolean isBlank(CsvRecord record) {
    return record.getFieldCount() == 1 && record.getField(0).isBlank();
  }

  /** The records of a file; everything unreadable throws the same error. */
  private static final class Records implements AutoCloseable {

    private final Path file;
    private final CsvReader<CsvRecord> reader;
    private final Iterator<CsvRecord> records;

    Records(Path file) throws IOException {
      this.file = file;
      try {
        // A reader created from a charset would silently replace malformed bytes.
        var text = new InputStreamReader(content(file), StandardCharsets.UTF_8.newDecoder());
        reader =
            CsvReader.builder()
                .skipEmptyLines(false)
                .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
                .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
                .ofCsvRecord(text);
        records = reader.iterator();
      } catch (IOException e) {
        throw damaged(file, e);
      }
    }

    boolean hasNext() {
      try {
        return records.hasNext();
      } catch (UncheckedIOException | CsvParseException e) {
        throw damaged(file, e.getCause() == null ? e : e.getCause());
      }
    }

    CsvRecord next() {
      try {
        return records.next();
      } catch (UncheckedIOException | CsvParseException e) {
        throw damaged(file, e.getCause() == null ? e : e.getCause());
      }
    }

    @Override
    public void close() throws IOException {
      reader.close();
    }
  }

  private static InvalidRequestException damaged(Path file, Throwable cause) {
    return new InvalidRequestException(
        file
            + ": expected comma-separated values in UTF-8, plain or gzip, found something that"
            + " cannot be read ("
            + AtomicFile.reason(cause)
            + "). Check how the file was written.",
        cause);
  }

  private static InputStream content(Path file) throws IOException {
    var in = new BufferedInputStream(Files.newInputStream(file), BUFFER);
    try {
      in.mark(2);
      byte[] start = in.readNBytes(2);
      in.reset();
      return SourceFiles.isGzip(start) ? new GZIPInputStream(in, BUFFER) : in;
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }
}
