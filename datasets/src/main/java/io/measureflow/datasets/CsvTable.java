package io.measureflow.datasets;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.data.DatasetRequest.Use;
import io.measureflow.api.error.InvalidRequestException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;

/**
 * A table of comma-separated values (RFC 4180) in UTF-8 with a header row, plain or gzip. The first
 * row decides which columns are numeric; a column that holds both numbers and text is refused. Rows
 * are named by their line in the file; the header is line 1.
 */
final class CsvTable {

  private static final System.Logger LOG = System.getLogger(CsvTable.class.getName());
  private static final int BUFFER = 1 << 16;
  private static final int NOT_A_FEATURE = -1;

  private final Path file;
  private final DatasetRequest request;
  private final List<String> names;
  private final int label;

  private CsvTable(Path file, DatasetRequest request, List<String> names) {
    this.file = file;
    this.request = request;
    this.names = names;
    label = names.indexOf(request.columns().labels().getFirst());
  }

  static TableRows read(Path file, DatasetRequest request) throws IOException {
    try (InputStream in = content(file);
        // The decoder of a reader that is made from a charset would replace malformed bytes.
        var text = new InputStreamReader(in, StandardCharsets.UTF_8.newDecoder());
        CsvReader<CsvRecord> records =
            CsvReader.builder()
                .skipEmptyLines(false)
                .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
                .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
                .ofCsvRecord(text)) {
      var rows = records.iterator();
      if (!rows.hasNext()) {
        throw InvalidRequestException.of(
            file.toString(), "a header row", "an empty file", "Check how the file was written.");
      }
      return new CsvTable(file, request, header(file, rows.next())).rows(rows);
    } catch (UncheckedIOException | CsvParseException e) {
      Throwable cause = e.getCause();
      throw damaged(file, cause == null ? e : cause);
    } catch (IOException e) {
      throw damaged(file, e);
    }
  }

  private static InvalidRequestException damaged(Path file, Throwable cause) {
    return new InvalidRequestException(
        file
            + ": expected comma-separated values in UTF-8, plain or gzip, found something that"
            + " cannot be read ("
            + cause
            + "). Check how the file was written.",
        cause);
  }

  private static InputStream content(Path file) throws IOException {
    var in = new BufferedInputStream(Files.newInputStream(file), BUFFER);
    try {
      in.mark(2);
      byte[] start = in.readNBytes(2);
      in.reset();
      return IdxFile.isGzip(start) ? new GZIPInputStream(in, BUFFER) : in;
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }

  private static List<String> header(Path file, CsvRecord record) {
    var names = new ArrayList<String>();
    for (String field : record.getFields()) {
      String name = field.strip();
      // A byte order mark.
      names.add(names.isEmpty() && name.startsWith("\uFEFF") ? name.substring(1) : name);
    }
    String where = file + ", row 1";
    String remedy = "Give the file a header row with one name for each column.";
    int empty = names.indexOf("");
    if (empty >= 0) {
      throw InvalidRequestException.of(
          where, "a name for each column", "none for column " + (empty + 1), remedy);
    }
    var seen = new HashSet<String>();
    for (String name : names) {
      if (!seen.add(name)) {
        throw InvalidRequestException.of(
            where, "a different name for each column", "\"" + name + "\" twice", remedy);
      }
    }
    boolean numbered = true;
    boolean numbers = true;
    for (int i = 0; i < names.size(); i++) {
      numbers &= Numeral.kind(names.get(i)) == Numeral.Kind.NUMBER;
      numbered &= names.get(i).equals(String.valueOf(i));
    }
    if (numbers && !numbered) {
      throw InvalidRequestException.of(where, "a header row", "a row of numbers", remedy);
    }
    return names;
  }

  private TableRows rows(Iterator<CsvRecord> records) {
    if (request.use() == Use.TRAIN && label < 0) {
      throw InvalidRequestException.of(
          file.toString(),
          "a label column \"" + request.columns().labels().getFirst() + "\"",
          "the columns " + String.join(", ", names.subList(0, Math.min(20, names.size()))),
          "Name the label column with --label.");
    }
    if (!records.hasNext()) {
      throw InvalidRequestException.of(
          file.toString(), "at least one row", "only a header", "Check how the file was written.");
    }
    CsvRecord record = records.next();
    checkWidth(record);
    int[] features = features(record);
    var rows =
        new TableRows(
            file,
            IntStream.range(0, features.length)
                .filter(i -> features[i] != NOT_A_FEATURE)
                .mapToObj(names::get)
                .toList(),
            request);
    add(record, features, rows);
    while (records.hasNext()) {
      record = records.next();
      if (isBlank(record) && !records.hasNext()) {
        break; // An empty line at the end is no row.
      }
      checkWidth(record);
      add(record, features, rows);
    }
    return rows;
  }

  private static boolean isBlank(CsvRecord record) {
    return record.getFieldCount() == 1 && record.getField(0).isBlank();
  }

  private void checkWidth(CsvRecord record) {
    if (record.getFieldCount() != names.size()) {
      throw InvalidRequestException.of(
          file + ", row " + record.getStartingLineNumber(),
          names.size() + " cells, one for each column of the header",
          isBlank(record) ? "an empty line" : record.getFieldCount() + " cells",
          "Correct the row, or leave it out.");
    }
  }

  /** The number of the feature in each column, from the cells of the first row. */
  private int[] features(CsvRecord first) {
    int[] features = new int[names.size()];
    int count = 0;
    var text = new ArrayList<String>();
    for (int i = 0; i < features.length; i++) {
      features[i] = NOT_A_FEATURE;
      if (i != label) {
        if (Numeral.kind(first.getField(i).strip()) == Numeral.Kind.TEXT) {
          text.add(names.get(i));
        } else {
          features[i] = count++;
        }
      }
    }
    if (!text.isEmpty()) {
      LOG.log(
          System.Logger.Level.INFO,
          "{0}: columns of text are left out: {1}",
          file,
          String.join(", ", text));
    }
    return features;
  }

  private void add(CsvRecord record, int[] features, TableRows rows) {
    long line = record.getStartingLineNumber();
    rows.beginRow();
    for (int i = 0; i < features.length; i++) {
      if (i == label) {
        if (rows.labels().isPresent()) {
          rows.labels().get().add(record.getField(i), line);
        }
        continue;
      }
      String cell = record.getField(i).strip();
      boolean feature = features[i] != NOT_A_FEATURE;
      switch (Numeral.kind(cell)) {
        case NUMBER -> {
          if (!feature) {
            throw TableRows.cell(
                file, line, names.get(i), "text, as in the first row", "the number " + cell);
          }
          rows.set(features[i], Numeral.parse(cell), line);
        }
        case NOT_FINITE, TEXT -> {
          if (feature) {
            throw TableRows.cell(file, line, names.get(i), "a finite number", cell);
          }
        }
        case EMPTY -> {
          if (feature) {
            throw TableRows.cell(file, line, names.get(i), "a finite number", "an empty cell");
          }
        }
      }
    }
  }
}
