package io.measureflow.datasets.format;

import io.measureflow.api.data.DatasetRequest.Columns;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Columns of 28 characters with a header row: a format as an outside author would write it. */
public final class FixedWidthFormat implements WritableTableFormat {

  private static final int WIDTH = 28;

  @Override
  public String name() {
    return "fixed";
  }

  @Override
  public String summary() {
    return "A table with columns of " + WIDTH + " characters";
  }

  @Override
  public List<String> extensions() {
    return List.of("fwf");
  }

  @Override
  public TableFile open(Path file, Columns asked) throws IOException {
    List<List<String>> lines =
        Files.readAllLines(file).stream().map(FixedWidthFormat::cells).toList();
    List<List<String>> rows = lines.subList(1, lines.size());
    List<TableFile.Column> columns =
        IntStream.range(0, lines.getFirst().size())
            .mapToObj(j -> column(lines.getFirst().get(j), rows.stream().map(row -> row.get(j))))
            .toList();
    return new Table(file, columns, rows);
  }

  private static List<String> cells(String line) {
    return IntStream.range(0, line.length() / WIDTH)
        .mapToObj(j -> line.substring(j * WIDTH, (j + 1) * WIDTH).strip())
        .toList();
  }

  private static TableFile.Column column(String name, Stream<String> cells) {
    boolean numbers = cells.allMatch(cell -> cell.matches("[-0-9.eE]*"));
    return numbers
        ? new TableFile.Column(
            name, TableFile.Kind.NUMERAL, "number", Optional.of(ValueType.FLOAT64), true)
        : new TableFile.Column(
            name, TableFile.Kind.TEXT, "text", Optional.of(ValueType.TEXT), true);
  }

  private record Table(Path path, List<Column> columns, List<List<String>> lines)
      implements TableFile {

    @Override
    public Batches read(Selection selection) {
      return new Rows(lines);
    }
  }

  /** One batch with all rows. */
  private static final class Rows implements TableFile.Batches {
    private final List<List<String>> lines;
    private boolean done;

    Rows(List<List<String>> lines) {
      this.lines = lines;
    }

    @Override
    public boolean next() {
      boolean first = !done;
      done = true;
      return first;
    }

    @Override
    public int rows() {
      return lines.size();
    }

    @Override
    public TableFile.Cells cells(int column) {
      return new Cell(lines, column);
    }
  }

  private record Cell(List<List<String>> lines, int column) implements TableFile.Cells {

    @Override
    public boolean isMissing(int row) {
      return text(row).isEmpty();
    }

    @Override
    public double number(int row) {
      return Double.parseDouble(text(row));
    }

    @Override
    public String text(int row) {
      return lines.get(row).get(column);
    }
  }

  @Override
  public TableWriter create(TableOutput output, List<Field> fields) throws IOException {
    write(output, fields.stream().map(Field::name));
    return new TableWriter() {
      @Override
      public void append(TableFile.Cells[] columns, int rows) throws IOException {
        for (int i = 0; i < rows; i++) {
          int row = i;
          write(output, Stream.of(columns).map(cells -> cells.text(row)));
        }
      }

      @Override
      public void finish() {}
    };
  }

  private static void write(TableOutput output, Stream<String> cells) throws IOException {
    String line =
        cells.map(cell -> ("%-" + WIDTH + "s").formatted(cell)).collect(Collectors.joining());
    output.channel().write(ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8)));
  }
}
