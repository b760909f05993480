package io.measureflow.benchmarks.report;

import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.io.AtomicFile;
import io.measureflow.benchmarks.step.MixtureStep;
import io.measureflow.benchmarks.step.StepCase;
import io.measureflow.benchmarks.timing.Statistics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The times of the same steps in PyTorch, as printed by a script, one line per case and mode:
 *
 * <pre>dirac      K=16    B=128 d=784 p=10 compile  threads=2 median 0.235 ms  min 0.200 ms</pre>
 *
 * <p>Empty lines and lines that start with # are ignored.
 */
public final class PeerTimes {

  private static final Pattern LINE =
      Pattern.compile(
          "(\\w+) +K=([1-9]\\d{0,6}) +B=(\\d{1,7}) +d=(\\d{1,7}) +p=(\\d{1,7}) +(\\w+)"
              + " +threads=(\\d{1,4}) +median +(\\d+(?:\\.\\d+)?) +ms +min +(?:\\d+(?:\\.\\d+)?)"
              + " +ms");

  private record Key(StepCase step, int threads) {}

  private final Map<Key, Map<String, List<Double>>> milliseconds = new HashMap<>();

  private PeerTimes() {}

  /**
   * Reads a file.
   *
   * @throws InvalidRequestException if the file cannot be read, or a line is malformed
   */
  public static PeerTimes read(Path file) {
    try {
      return parse(file.toString(), Files.readAllLines(file));
    } catch (IOException e) {
      throw new InvalidRequestException(
          file
              + ": expected a text file with PyTorch times, found that it cannot be read ("
              + AtomicFile.reason(e)
              + "). Correct the path.",
          e);
    }
  }

  /**
   * Reads lines.
   *
   * @param where the name of the file, for messages
   * @throws InvalidRequestException if a line is malformed or there are no times
   */
  public static PeerTimes parse(String where, List<String> lines) {
    var times = new PeerTimes();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (!line.isEmpty() && !line.startsWith("#")) {
        times.add(where + ", line " + (i + 1), line);
      }
    }
    if (times.milliseconds.isEmpty()) {
      throw InvalidRequestException.of(
          where, "at least one line with a time", "none", "Pass the output of the script.");
    }
    return times;
  }

  private void add(String where, String line) {
    Matcher match = LINE.matcher(line);
    if (!match.matches() || !StepCase.FAMILIES.contains(match.group(1))) {
      throw InvalidRequestException.of(
          where,
          "FAMILY K=.. B=.. d=.. p=.. MODE threads=.. median .. ms  min .. ms",
          "'" + line + "'",
          "Remove the line, or start it with #.");
    }
    var sizes =
        List.of(
            Integer.parseInt(match.group(3)),
            Integer.parseInt(match.group(4)),
            Integer.parseInt(match.group(5)));
    if (!sizes.equals(List.of(MixtureStep.BATCH, MixtureStep.FEATURES, MixtureStep.CLASSES))) {
      throw InvalidRequestException.of(
          where,
          "B=%d d=%d p=%d, the sizes measured here"
              .formatted(MixtureStep.BATCH, MixtureStep.FEATURES, MixtureStep.CLASSES),
          "B=%d d=%d p=%d".formatted(sizes.toArray()),
          "Run the script with these sizes.");
    }
    double median = Double.parseDouble(match.group(8));
    if (!(median > 0)) {
      throw InvalidRequestException.of(
          where, "a median above 0 ms", match.group(8), "Run the script again.");
    }
    milliseconds
        .computeIfAbsent(
            new Key(
                new StepCase(match.group(1), Integer.parseInt(match.group(2))),
                Integer.parseInt(match.group(7))),
            key -> new HashMap<>())
        .computeIfAbsent(match.group(6), mode -> new ArrayList<>())
        .add(median);
  }

  /**
   * The time of a case in its fastest mode, where the time of a mode is the median of its lines;
   * empty if there is none.
   */
  public OptionalDouble milliseconds(StepCase step, int threads) {
    return milliseconds.getOrDefault(new Key(step, threads), Map.of()).values().stream()
        .mapToDouble(times -> Statistics.median(times.stream().mapToDouble(Double::doubleValue)))
        .min();
  }
}
