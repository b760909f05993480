package io.measureflow.benchmarks.report;

import io.measureflow.api.error.InvalidRequestException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The options of the performance report.
 *
 * @param folder the folder of the files
 * @param redraw whether to report on an earlier measurement instead of measuring
 * @param threads one or two numbers of threads, ascending
 * @param rounds the number of rounds
 * @param burst the duration of each measurement, in seconds
 * @param warmup the duration of each warm-up, in seconds
 * @param peer the file with times of PyTorch
 */
public record ReportOptions(
    Path folder,
    boolean redraw,
    List<Integer> threads,
    int rounds,
    double burst,
    double warmup,
    Optional<Path> peer) {

  private static final String OUT = "--out";
  private static final String REDRAW = "--redraw";
  private static final String PEER = "--peer";
  private static final String THREADS = "--threads";
  private static final String ROUNDS = "--rounds";
  private static final String BURST = "--burst";
  private static final String WARMUP = "--warmup";
  private static final List<String> MEASURING = List.of(THREADS, ROUNDS, BURST, WARMUP);
  private static final List<String> ALL =
      List.of(OUT, REDRAW, PEER, THREADS, ROUNDS, BURST, WARMUP);

  /** The help text. */
  public static final String USAGE =
      """
      --out DIR       measure, and write steps.csv, performance.md and roofline.png to DIR
      --redraw DIR    write performance.md and roofline.png from the steps.csv in DIR
      --peer FILE     compare with times printed by a PyTorch script
      --threads LIST  one or two numbers of threads; default: 1 and the number of processors
      --rounds N      the number of times every case is measured; default: 9
      --burst S       the seconds of each measurement; default: 0.15
      --warmup S      the seconds of warm-up of each case; default: 1
      """;

  /**
   * Parses the command line.
   *
   * @throws InvalidRequestException if an option is unknown, missing or malformed
   */
  public static ReportOptions parse(List<String> arguments) {
    Map<String, String> given = given(arguments);
    boolean redraw = given.containsKey(REDRAW);
    if (redraw == given.containsKey(OUT)) {
      throw InvalidRequestException.of(
          "Options",
          "either " + OUT + " DIR or " + REDRAW + " DIR",
          redraw ? "both" : "neither",
          "Pass exactly one of them.");
    }
    for (String option : MEASURING) {
      if (redraw && given.containsKey(option)) {
        throw InvalidRequestException.of(
            option, "no such option with " + REDRAW, "it", "Omit it: --redraw does not measure.");
      }
    }
    return new ReportOptions(
        path(redraw ? REDRAW : OUT, given.getOrDefault(redraw ? REDRAW : OUT, "")),
        redraw,
        Optional.ofNullable(given.get(THREADS))
            .map(ReportOptions::threads)
            .orElseGet(ReportOptions::usualThreads),
        wholeNumber(ROUNDS, given.getOrDefault(ROUNDS, "9")),
        seconds(BURST, given.getOrDefault(BURST, "0.15")),
        seconds(WARMUP, given.getOrDefault(WARMUP, "1")),
        Optional.ofNullable(given.get(PEER)).map(file -> path(PEER, file)));
  }

  /** The options that affect the measurement, as written on the command line. */
  public String measuring() {
    return "%s %s %s %d %s %s %s %s"
        .formatted(
            THREADS,
            threads.stream().map(String::valueOf).collect(Collectors.joining(",")),
            ROUNDS,
            rounds,
            BURST,
            burst,
            WARMUP,
            warmup);
  }

  private static Map<String, String> given(List<String> arguments) {
    var given = new LinkedHashMap<String, String>();
    for (int i = 0; i < arguments.size(); i += 2) {
      String option = arguments.get(i);
      if (!ALL.contains(option)) {
        throw InvalidRequestException.of(
            "Options", "one of " + String.join(", ", ALL), "'" + option + "'", "Correct it.");
      }
      if (i + 1 == arguments.size()) {
        throw InvalidRequestException.of(
            option, "a value", "nothing", "Add the value after the option.");
      }
      if (given.put(option, arguments.get(i + 1)) != null) {
        throw InvalidRequestException.of(
            option, "the option once", "it twice", "Omit one of them.");
      }
    }
    return given;
  }

  private static Path path(String option, String text) {
    try {
      if (!text.isEmpty()) {
        return Path.of(text);
      }
    } catch (InvalidPathException e) {
      // Reported below.
    }
    throw InvalidRequestException.of(option, "a path", "'" + text + "'", "Correct it.");
  }

  private static List<Integer> usualThreads() {
    int processors = Runtime.getRuntime().availableProcessors();
    return processors == 1 ? List.of(1) : List.of(1, processors);
  }

  private static List<Integer> threads(String text) {
    var numbers = new ArrayList<Integer>();
    for (String part : text.split(",", -1)) {
      numbers.add(wholeNumber(THREADS, part));
    }
    numbers.sort(null);
    if (numbers.size() > 2 || new HashSet<>(numbers).size() < numbers.size()) {
      throw InvalidRequestException.of(
          THREADS, "one or two different numbers", "'" + text + "'", "For example: --threads 1,2");
    }
    return List.copyOf(numbers);
  }

  private static int wholeNumber(String option, String text) {
    if (!text.matches("0*[1-9][0-9]{0,3}")) {
      throw InvalidRequestException.of(
          option, "a whole number from 1 to 9999", "'" + text + "'", "Correct the value.");
    }
    return Integer.parseInt(text);
  }

  private static double seconds(String option, String text) {
    if (!text.matches("[0-9]{1,4}(\\.[0-9]{1,9})?")) {
      throw InvalidRequestException.of(
          option, "a number of seconds", "'" + text + "'", "For example: 0.15");
    }
    return Double.parseDouble(text);
  }
}
