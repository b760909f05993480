package io.measureflow.experiments.results;

import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.error.RunFailedException;
import io.measureflow.api.io.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A table on disk: a CSV file that is replaced as a whole when rows are added, so that it holds all
 * rows of a run or none.
 */
public final class ResultsFile {

  private final Path file;
  private final List<String> columns;
  private final List<Results.Row> rows = new ArrayList<>();

  private ResultsFile(Path file, List<String> columns) {
    this.file = file;
    this.columns = List.copyOf(columns);
  }

  /**
   * Reads the file if it exists.
   *
   * @throws InvalidRequestException if the file has other columns, or a line with the wrong number
   *     of fields
   */
  public static ResultsFile open(Path file, List<String> columns) {
    var results = new ResultsFile(file, columns);
    results.read();
    return results;
  }

  private void read() {
    if (!Files.exists(file)) {
      return;
    }
    List<String> lines;
    try {
      lines = Files.readAllLines(file);
    } catch (IOException e) {
      throw new RunFailedException(file + ": could not be read: " + AtomicFile.reason(e) + ".", e);
    }
    if (lines.isEmpty() || !Csv.parse(lines.getFirst()).equals(columns)) {
      throw InvalidRequestException.of(
          file.toString(),
          "the columns " + Csv.line(columns),
          lines.isEmpty() ? "none" : lines.getFirst(),
          "The file is from another version; choose another folder.");
    }
    for (int i = 1; i < lines.size(); i++) {
      List<String> fields = Csv.parse(lines.get(i));
      if (fields.size() != columns.size()) {
        throw InvalidRequestException.of(
            file + ", line " + (i + 1),
            columns.size() + " fields",
            String.valueOf(fields.size()),
            "Remove the line; its run will be repeated.");
      }
      var cells = new LinkedHashMap<String, String>();
      for (int j = 0; j < fields.size(); j++) {
        if (!fields.get(j).isEmpty()) {
          cells.put(columns.get(j), fields.get(j));
        }
      }
      rows.add(new Results.Row(cells));
    }
  }

  /** The rows of the file. */
  public Results results() {
    return new Results(rows);
  }

  /** Adds the rows of a run and writes the file; if writing fails, nothing is added. */
  public void append(List<Map<String, String>> result) {
    int before = rows.size();
    result.forEach(cells -> rows.add(new Results.Row(cells)));
    var text = new StringBuilder(Csv.line(columns)).append('\n');
    for (Results.Row row : rows) {
      text.append(Csv.line(columns.stream().map(row::text).toList())).append('\n');
    }
    try {
      AtomicFile.write(file, text.toString());
    } catch (RuntimeException e) {
      rows.subList(before, rows.size()).clear();
      throw e;
    }
  }

  /** The file. */
  public Path path() {
    return file;
  }
}
