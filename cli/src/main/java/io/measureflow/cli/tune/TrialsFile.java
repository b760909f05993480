package io.measureflow.cli.tune;

import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.error.RunFailedException;
import io.measureflow.api.io.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.Collectors;

/**
 * The file {@code trials.csv}: a row for each trial of each round, on the disk before the next one
 * begins. It holds no times, so that a search that was interrupted ends with the same bytes.
 */
final class TrialsFile {

  private final Path file;
  private final List<String> columns;
  private final List<SequencedMap<String, String>> trials;
  private final List<TrialRow> rows = new ArrayList<>();

  private TrialsFile(Path file, List<String> columns, List<SequencedMap<String, String>> trials) {
    this.file = file;
    this.columns = columns;
    this.trials = trials;
  }

  /**
   * Opens the file; there need not be one.
   *
   * @param columns the names of the cells of a row
   * @param trials the settings of each trial, by key
   * @throws InvalidRequestException if it is one of other trials
   */
  static TrialsFile open(
      Path file, List<String> columns, List<SequencedMap<String, String>> trials) {
    var all = new TrialsFile(file, columns, trials);
    if (Files.exists(file)) {
      all.read();
    }
    return all;
  }

  private void read() {
    List<String> lines;
    try {
      lines = Files.readAllLines(file);
    } catch (IOException e) {
      throw new RunFailedException(file + ": could not be read: " + AtomicFile.reason(e) + ".", e);
    }
    require(!lines.isEmpty() && lines.getFirst().equals(header()), 1);
    for (int i = 1; i < lines.size(); i++) {
      List<String> cells = List.of(lines.get(i).split(",", -1));
      try {
        TrialRow row = TrialRow.parse(cells);
        require(
            row.trial() >= 0 && row.trial() < trials.size() && lines.get(i).equals(line(row)),
            i + 1);
        rows.add(row);
      } catch (NumberFormatException | IndexOutOfBoundsException e) {
        require(false, i + 1);
      }
    }
  }

  private void require(boolean holds, int line) {
    if (!holds) {
      throw InvalidRequestException.of(
          file + ", line " + line,
          "what this search writes",
          "something else",
          "Remove the file, and the search begins again; or choose another folder.");
    }
  }

  private String header() {
    return String.join(",", columns)
        + trials.getFirst().keySet().stream()
            .map(key -> "," + quoted(SearchedSettings.name(key)))
            .collect(Collectors.joining());
  }

  private String line(TrialRow row) {
    return String.join(",", row.cells())
        + trials.get(row.trial()).values().stream()
            .map(value -> "," + quoted(value))
            .collect(Collectors.joining());
  }

  private static String quoted(String cell) {
    return cell.indexOf(',') < 0 && cell.indexOf('"') < 0
        ? cell
        : "\"" + cell.replace("\"", "\"\"") + "\"";
  }

  /** Adds a row and writes the file. */
  void append(TrialRow row) {
    rows.add(row);
    var text = new StringBuilder(header()).append('\n');
    rows.forEach(each -> text.append(line(each)).append('\n'));
    AtomicFile.write(file, text.toString());
  }

  /** Returns the rows so far. */
  List<TrialRow> rows() {
    return Collections.unmodifiableList(rows);
  }
}
