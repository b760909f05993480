package io.measureflow.examples;

import io.measureflow.api.data.DatasetRequest.Columns;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.datasets.format.Field;
import io.measureflow.datasets.format.Selection;
import io.measureflow.datasets.format.TableFile;
import io.measureflow.datasets.format.TableOutput;
import io.measureflow.datasets.format.TableWriter;
import io.measureflow.datasets.format.ValueType;
import io.measureflow.datasets.format.WritableTableFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * JSON lines: one object per row, such as {@code {"x": 1.5, "label": "a"}}, with numbers, texts
 * without escapes, and null. The first row says which columns there are.
 *
 * @param name the name to ask by, and the extension
 */
public record JsonLinesFormat(String name) implements WritableTableFormat {

  private static final Pattern CELL =
      Pattern.compile("\\s*\"([^\"\\\\]*)\"\\s*:\\s*(?:\"([^\"\\\\]*)\"|([-+0-9.eE]+)|null)\\s*");

  /** Under its own name. */
  public JsonLinesFormat() {
    this("jsonl");
  }

  @Override
  public String summary() {
    return "A table with one JSON object per line";
  }

  @Override
  public TableFile open(Path file, Columns asked) throws IOException {
    List<String> lines = Files.readAllLines(file);
    var rows = new ArrayList<Map<String, Object>>();
    for (int i = 0; i < lines.size(); i++) {
      rows.add(row(file, i + 1, lines.get(i).strip()));
    }
    if (rows.isEmpty()) {
      throw InvalidRequestException.of(file.toString(), "a row", "none", "Check the file.");
    }
    var columns = new ArrayList<TableFile.Column>();
    for (String column : rows.getFirst().keySet()) {
      boolean text = rows.stream().anyMatch(row -> row.get(column) instanceof String);
      columns.add(
          new TableFile.Column(
              column,
              text ? TableFile.Kind.TEXT : TableFile.Kind.REAL,
              text ? "text" : "number",
              Optional.of(text ? ValueType.TEXT : ValueType.FLOAT64),
              true));
    }
    return new JsonTable(file, columns, rows);
  }

  /** Numbers as Double, texts as String, null left out. */
  private static Map<String, Object> row(Path file, int line, String text) {
    var row = new LinkedHashMap<String, Object>();
    Matcher cell = CELL.matcher(text);
    int at = 1;
    boolean sound = text.startsWith("{") && text.endsWith("}");
    for (boolean more = sound; more; at = cell.end() + 1) {
      sound = cell.region(at, text.length() - 1).lookingAt();
      if (!sound) {
        break;
      }
      Optional<String> string = Optional.ofNullable(cell.group(2));
      Optional<String> number = Optional.ofNullable(cell.group(3));
      String column = cell.group(1);
      string.ifPresent(value -> row.put(column, value));
      number.ifPresent(value -> row.put(column, Double.valueOf(value)));
      more = text.charAt(cell.end()) == ',';
      sound = more || cell.end() == text.length() - 1;
    }
    if (!sound) {
      throw InvalidRequestException.of(
          file + ", row " + line,
          "an object of numbers and texts like {\"x\": 1.5, \"label\": \"a\"}",
          text.length() > 80 ? text.substring(0, 80) + "..." : "'" + text + "'",
          "Correct the row.");
    }
    return row;
  }

  private record JsonTable(Path path, List<Column> columns, List<Map<String, Object>> rows)
      implements TableFile {

    @Override
    public Batches read(Selection selection) {
      return new AllRows(this);
    }
  }

  /** One batch with all rows. */
  private static final class AllRows implements TableFile.Batches {
    private final JsonTable table;
    private boolean read;

    AllRows(JsonTable table) {
      this.table = table;
    }

    @Override
    public boolean next() {
      boolean first = !read;
      read = true;
      return first;
    }

    @Override
    public int rows() {
      return table.rows().size();
    }

    @Override
    public TableFile.Cells cells(int column) {
      return new JsonCells(table.rows(), table.columns().get(column).name());
    }
  }

  private record JsonCells(List<Map<String, Object>> rows, String column)
      implements TableFile.Cells {

    @Override
    public boolean isMissing(int row) {
      return !rows.get(row).containsKey(column);
    }

    @Override
    public double number(int row) {
      return rows.get(row).get(column) instanceof Double number ? number : Double.NaN;
    }

    @Override
    public String text(int row) {
      return isMissing(row) ? "" : String.valueOf(rows.get(row).get(column));
    }
  }

  @Override
  public TableWriter create(TableOutput output, List<Field> fields) {
    return new TableWriter() {
      @Override
      public void append(TableFile.Cells[] columns, int rows) throws IOException {
        for (int i = 0; i < rows; i++) {
          int row = i;
          String line =
              IntStream.range(0, columns.length)
                  .mapToObj(
                      j ->
                          quoted(fields.get(j).name())
                              + ": "
                              + value(fields.get(j), columns[j], row))
                  .collect(Collectors.joining(", ", "{", "}\n"));
          output.channel().write(ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8)));
        }
      }

      @Override
      public void finish() {}
    };
  }

  private static String value(Field field, TableFile.Cells cells, int row) {
    if (cells.isMissing(row)) {
      return "null";
    }
    return field.type() == ValueType.TEXT || field.type() == ValueType.BOOLEAN
        ? quoted(cells.text(row))
        : cells.text(row);
  }

  private static String quoted(String text) {
    if (text.matches("[^\"\\\\\\n]*")) {
      return "\"" + text + "\"";
    }
    throw InvalidRequestException.of(
        "JSON lines", "texts without quotes, backslashes and line ends", text, "Change the text.");
  }
}
