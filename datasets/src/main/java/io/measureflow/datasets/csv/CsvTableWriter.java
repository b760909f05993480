package io.measureflow.datasets.csv;

import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.datasets.format.Field;
import io.measureflow.datasets.format.TableFile.Cells;
import io.measureflow.datasets.format.TableOutput;
import io.measureflow.datasets.format.TableWriter;
import io.measureflow.datasets.io.Numeral;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/**
 * Writes comma-separated values (RFC 4180) in UTF-8 with a header row, plain or gzip. Numbers have
 * enough digits to be read back exactly; a missing value is an empty cell.
 *
 * <p>The format has no types. Values that {@link CsvTable} would read differently are refused.
 */
final class CsvTableWriter implements TableWriter {

  private static final int BUFFER = 1 << 16;

  private final Path file;
  private final List<Field> fields;
  private final OutputStream out;
  private final StringBuilder text = new StringBuilder();

  /** Text or boolean columns without a value so far. */
  private final boolean[] silent;

  private long rows;

  CsvTableWriter(TableOutput output, List<Field> fields, boolean gzip) throws IOException {
    file = output.file();
    this.fields = fields;
    OutputStream plain = Channels.newOutputStream(output.channel());
    out = gzip ? new GZIPOutputStream(plain, BUFFER) : plain;
    silent = new boolean[fields.size()];
    for (int j = 0; j < silent.length; j++) {
      silent[j] =
          switch (fields.get(j).type()) {
            case TEXT -> !fields.get(j).label();
            case BOOLEAN -> !fields.get(j).label();
            case INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64 -> false;
            case FLOAT16, FLOAT32, FLOAT64 -> false;
          };
    }
    List<String> names = fields.stream().map(Field::name).toList();
    checkNames(names);
    for (int j = 0; j < names.size(); j++) {
      separate(j);
      quote(names.get(j));
    }
    text.append('\n');
  }

  private void checkNames(List<String> names) {
    for (String name : names) {
      if (name.isEmpty() || !name.equals(name.strip()) || name.startsWith("\uFEFF")) {
        throw refused(
            file.toString(), "names of columns without space around them", "\"" + name + "\"");
      }
    }
    // Predictions are not data to be read again: classes may well be called 1, 2, 3.
    boolean predictions = fields.stream().allMatch(Field::label);
    if (!predictions && CsvHeader.isRowOfNumbers(names, false)) {
      throw refused(file.toString(), "a name that is no number for some column", "numbers alone");
    }
  }

  private InvalidRequestException refused(String where, String expected, String found) {
    return InvalidRequestException.of(
        where,
        expected + ", which csv cannot represent otherwise",
        found,
        "Choose parquet or arrow, which store the types of columns.");
  }

  @Override
  public void append(Cells[] columns, int count) throws IOException {
    for (int i = 0; i < count; i++) {
      for (int j = 0; j < columns.length; j++) {
        separate(j);
        if (columns[j].isMissing(i)) {
          if (columns.length == 1) {
            throw refused(where(j), "a value, in the only column", "none");
          }
        } else {
          cell(columns[j], i, j);
        }
      }
      text.append('\n');
      rows++;
      if (rows == CsvTable.LOOK_AHEAD) {
        checkTexts();
      }
      if (text.length() > BUFFER) {
        flush();
      }
    }
  }

  private void separate(int column) {
    if (column > 0) {
      text.append(',');
    }
  }

  private void cell(Cells cells, int row, int column) {
    switch (fields.get(column).type()) {
      case INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32 -> text.append(cells.integer(row));
      case UINT64 -> text.append(Long.toUnsignedString(cells.integer(row)));
      case FLOAT16, FLOAT32 -> real((float) cells.number(row));
      case FLOAT64 -> text.append(cells.number(row));
      case BOOLEAN -> {
        text.append(cells.text(row));
        silent[column] = false;
      }
      case TEXT -> {
        String value = cells.text(row);
        check(value, column);
        quote(value);
      }
    }
  }

  /**
   * Writes the digits of the float if they read back as the same double, else those of the double.
   */
  private void real(float value) {
    String digits = String.valueOf(value);
    boolean same = Float.isNaN(value) || (float) Double.parseDouble(digits) == value;
    text.append(same ? digits : String.valueOf((double) value));
  }

  private void check(String value, int column) {
    if (fields.get(column).label()) {
      return;
    }
    switch (Numeral.kind(value.strip())) {
      case NUMBER, NOT_FINITE ->
          throw refused(where(column), "text that does not read as a number", value);
      case EMPTY -> {}
      case TEXT -> silent[column] = false;
    }
  }

  private String where(int column) {
    return file + ", row " + (rows + 2) + ", column \"" + fields.get(column).name() + "\"";
  }

  /** Checks that the first rows show which columns are text and which are numeric. */
  private void checkTexts() {
    for (int j = 0; j < silent.length; j++) {
      if (silent[j] && rows > 0) {
        throw refused(
            file + ", column \"" + fields.get(j).name() + "\"",
            "some value in the first " + CsvTable.LOOK_AHEAD + " rows",
            "none");
      }
    }
  }

  private void quote(String value) {
    boolean plain = !value.isEmpty() && value.equals(value.strip());
    for (int i = 0; plain && i < value.length(); i++) {
      char c = value.charAt(i);
      // Whatever might be taken for a separator.
      plain = ",;|\t\"\n\r".indexOf(c) < 0;
    }
    if (plain) {
      text.append(value);
    } else {
      text.append('"').append(value.replace("\"", "\"\"")).append('"');
    }
  }

  private void flush() throws IOException {
    out.write(text.toString().getBytes(StandardCharsets.UTF_8));
    text.setLength(0);
  }

  @Override
  public void finish() throws IOException {
    if (rows < CsvTable.LOOK_AHEAD) {
      checkTexts();
    }
    flush();
    if (out instanceof GZIPOutputStream gzip) {
      gzip.finish();
    }
    out.flush();
  }

  @Override
  public void close() {}
}
