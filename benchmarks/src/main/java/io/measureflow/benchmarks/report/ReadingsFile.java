package io.measureflow.benchmarks.report;

import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.io.AtomicFile;
import io.measureflow.benchmarks.step.StepCase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;

/**
 * The file of readings: comma-separated values, one row per round, case and number of threads.
 * Lines {@code # key: value} about the machine come first, so that the report can be made from this
 * file alone.
 *
 * @param about the machine and the options
 * @param readings the rows
 */
public record ReadingsFile(SequencedMap<String, String> about, List<Reading> readings) {

  private static final String HEADER =
      "round,family,components,threads,step_ms,simd_product_gflops,nd4j_product_gflops,triad_gbs";
  private static final String COMMENT = "# ";
  private static final String SEPARATOR = ": ";

  public ReadingsFile {
    about = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(about));
    readings = List.copyOf(readings);
  }

  /** Writes the file atomically. */
  public void write(Path file) {
    var text = new StringBuilder();
    about.forEach((key, value) -> text.append(COMMENT + key + SEPARATOR + value + "\n"));
    text.append(HEADER).append('\n');
    for (Reading reading : readings) {
      Reading.Calibration machine = reading.machine();
      text.append(
          String.join(
              ",",
              String.valueOf(reading.round()),
              reading.step().family(),
              String.valueOf(reading.step().components()),
              String.valueOf(reading.threads()),
              number(reading.milliseconds()),
              number(machine.simd()),
              number(machine.nd4j()),
              number(machine.bandwidth())));
      text.append('\n');
    }
    AtomicFile.write(file, text.toString());
  }

  private static String number(double value) {
    return Double.isNaN(value) ? "" : String.format(Locale.ROOT, "%.6g", value);
  }

  /**
   * Reads a file.
   *
   * @throws InvalidRequestException if the file cannot be read, or a line is malformed
   */
  public static ReadingsFile read(Path file) {
    try {
      return parse(file.toString(), Files.readAllLines(file));
    } catch (IOException e) {
      throw new InvalidRequestException(
          file
              + ": expected a file written by a measurement, found that it cannot be read ("
              + AtomicFile.reason(e)
              + "). Measure first, with --out.",
          e);
    }
  }

  /**
   * Reads lines.
   *
   * @param where the name of the file, for messages
   * @throws InvalidRequestException if a line is malformed or there are no readings
   */
  public static ReadingsFile parse(String where, List<String> lines) {
    var about = new LinkedHashMap<String, String>();
    var readings = new ArrayList<Reading>();
    boolean header = false;
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      String place = where + ", line " + (i + 1);
      if (header) {
        readings.add(reading(place, line));
      } else if (line.equals(HEADER)) {
        header = true;
      } else if (line.startsWith(COMMENT) && line.contains(SEPARATOR)) {
        int end = line.indexOf(SEPARATOR);
        about.put(line.substring(COMMENT.length(), end), line.substring(end + SEPARATOR.length()));
      } else {
        throw wrong(place, "'# key: value', or the header " + HEADER, line);
      }
    }
    if (readings.isEmpty()) {
      throw wrong(where, "at least one reading", "none");
    }
    requireAll(where, new Results(readings), readings);
    return new ReadingsFile(about, readings);
  }

  /** The report compares numbers of threads, so every case needs readings with all of them. */
  private static void requireAll(String where, Results results, List<Reading> readings) {
    for (StepCase step : results.cases()) {
      for (int threads : results.threads()) {
        if (readings.stream().noneMatch(r -> r.step().equals(step) && r.threads() == threads)) {
          throw wrong(where, "a row of " + step + " with " + threads + " threads", "none");
        }
      }
    }
  }

  private static Reading reading(String place, String line) {
    String[] fields = line.split(",", -1);
    if (fields.length != HEADER.split(",").length) {
      throw wrong(place, "a value for each of " + HEADER, line);
    }
    try {
      return new Reading(
          count(fields[0]),
          new StepCase(fields[1], Integer.parseInt(fields[2])),
          count(fields[3]),
          positive(fields[4]),
          new Reading.Calibration(
              positive(fields[5]),
              fields[6].isEmpty() ? Double.NaN : positive(fields[6]),
              positive(fields[7])));
    } catch (NumberFormatException | InvalidRequestException e) {
      throw wrong(place, "a family of the report and numbers above 0", line);
    }
  }

  private static int count(String field) {
    int value = Integer.parseInt(field);
    if (value < 1) {
      throw new NumberFormatException(field);
    }
    return value;
  }

  private static double positive(String field) {
    double value = Double.parseDouble(field);
    if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
      throw new NumberFormatException(field);
    }
    return value;
  }

  private static InvalidRequestException wrong(String where, String expected, String found) {
    return InvalidRequestException.of(
        where, expected, "'" + found + "'", "Restore the file, or measure again.");
  }
}
