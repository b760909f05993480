package io.measureflow.cli.train;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigSyntax;
import com.typesafe.config.ConfigUtil;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.io.AtomicFile;
import io.measureflow.cli.run.MeanDeviation;
import io.measureflow.cli.run.RunFolder;
import io.measureflow.cli.run.SeedFolders;
import io.measureflow.cli.terminal.Text;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * The metrics of runs that differ in their seed, as {@code seeds.json} and as a table
 * (docs/metrics.md).
 *
 * @param data the name of the data; empty as long as no run has ended
 * @param part the rows that the metrics are from; empty as long as no run has ended
 * @param runs the metrics of each seed by name; none of one that has not ended
 */
record SeedsFile(String data, String part, SequencedMap<Long, SequencedMap<String, Double>> runs) {

  /** The keys in metrics.json and what they are called here, in the order of display. */
  private static final SequencedMap<String, String> KEYS = new LinkedHashMap<>();

  static {
    KEYS.put("classification.accuracy", "accuracy");
    KEYS.put("loss", "loss");
    KEYS.put("classification.log_loss", "log_loss");
    KEYS.put("classification.calibration_error", "calibration_error");
    KEYS.put("classification.roc_auc", "roc_auc");
    KEYS.put("classification.macro.f1", "f1");
    KEYS.put("regression.rmse", "rmse");
    KEYS.put("regression.mae", "mae");
    KEYS.put("regression.r2", "r2");
  }

  /** Reads the metrics of those runs that have ended. */
  static SeedsFile of(Path folder, List<Long> seeds) {
    String data = "";
    String part = "";
    var runs = new LinkedHashMap<Long, SequencedMap<String, Double>>();
    for (long seed : seeds) {
      var metrics = new LinkedHashMap<String, Double>();
      var run = new RunFolder(SeedFolders.of(folder, seed));
      if (isFinished(run)) {
        Config json = read(run.result());
        data = json.getString("data");
        part = json.getString("part");
        KEYS.forEach(
            (key, name) -> {
              if (json.hasPath(key)) {
                metrics.put(name, json.getDouble(key));
              }
            });
      }
      runs.put(seed, metrics);
    }
    return new SeedsFile(data, part, runs);
  }

  /** Whether a run has ended and left everything. */
  static boolean isFinished(RunFolder run) {
    return Files.isRegularFile(run.model())
        && Files.isRegularFile(run.result())
        && Files.isRegularFile(run.report());
  }

  /**
   * Returns the seeds that a file names.
   *
   * @throws InvalidRequestException if it is not one of {@code train --seeds}
   */
  static List<Long> seeds(Path file) {
    try {
      return read(file).getConfigList("seeds").stream().map(seed -> seed.getLong("seed")).toList();
    } catch (ConfigException e) {
      throw unreadable(file, String.valueOf(e.getMessage()), e);
    }
  }

  private static Config read(Path file) {
    try {
      return ConfigFactory.parseString(
          Files.readString(file),
          ConfigParseOptions.defaults()
              .setSyntax(ConfigSyntax.JSON)
              .setOriginDescription(file.toString()));
    } catch (IOException e) {
      throw unreadable(file, AtomicFile.reason(e), e);
    } catch (ConfigException e) {
      throw unreadable(file, String.valueOf(e.getMessage()), e);
    }
  }

  private static InvalidRequestException unreadable(Path file, String why, Exception e) {
    return new InvalidRequestException(
        file + ": expected the file that train wrote, found: " + why + ". Choose another folder.",
        e);
  }

  /** Returns the names of the metrics that a run has. */
  private List<String> names() {
    return KEYS.values().stream()
        .filter(name -> runs.values().stream().anyMatch(run -> run.containsKey(name)))
        .toList();
  }

  private MeanDeviation summary(String name) {
    return MeanDeviation.of(
        runs.values().stream().mapToDouble(run -> run.getOrDefault(name, Double.NaN)).toArray());
  }

  /** Returns the text of the file. */
  String json() {
    return "{\n"
        + ("  \"data\": " + ConfigUtil.quoteString(data) + ",\n")
        + ("  \"part\": " + ConfigUtil.quoteString(part) + ",\n")
        + "  \"seeds\": [\n"
        + runs.entrySet().stream()
            .map(
                run ->
                    "    {\"seed\": "
                        + run.getKey()
                        + ", \"folder\": \""
                        + SeedFolders.of(Path.of(""), run.getKey()).getFileName()
                        + "\", \"metrics\": "
                        + (run.getValue().isEmpty()
                            ? "null"
                            : object(name -> run.getValue().getOrDefault(name, Double.NaN)))
                        + "}")
            .collect(Collectors.joining(",\n"))
        + "\n  ],\n"
        + ("  \"mean\": " + object(name -> summary(name).mean()) + ",\n")
        + ("  \"deviation\": " + object(name -> summary(name).deviation()) + "\n")
        + "}\n";
  }

  private String object(ToDoubleFunction<String> value) {
    return names().stream()
        .map(
            name -> {
              double number = value.applyAsDouble(name);
              return "\"" + name + "\": " + (Double.isFinite(number) ? number : "null");
            })
        .collect(Collectors.joining(", ", "{", "}"));
  }

  /** Whether a row would repeat the loss, which for classes mostly is the log loss. */
  private boolean isLoss(String name) {
    return name.equals("log_loss")
        && runs.values().stream()
            .allMatch(
                run ->
                    Math.abs(run.getOrDefault(name, 0.0) - run.getOrDefault("loss", 0.0))
                        <= 1e-5 * Math.abs(run.getOrDefault("loss", 0.0)));
  }

  /** Returns the table: a line for each seed, their mean and their standard deviation. */
  String table() {
    List<String> names = names().stream().filter(name -> !isLoss(name)).toList();
    var lines = new ArrayList<List<String>>();
    var head = new ArrayList<String>(List.of("seed"));
    names.forEach(name -> head.add(title(name)));
    lines.add(head);
    runs.forEach(
        (seed, metrics) ->
            lines.add(
                line(String.valueOf(seed), names, name -> metrics.getOrDefault(name, Double.NaN))));
    lines.add(line("mean", names, name -> summary(name).mean()));
    lines.add(line("deviation", names, name -> summary(name).deviation()));
    var text = new StringBuilder();
    for (List<String> line : lines) {
      text.append(String.format(Locale.ROOT, "%-10s", line.getFirst()));
      for (String cell : line.subList(1, line.size())) {
        text.append(String.format(Locale.ROOT, "  %10s", cell));
      }
      text.append(System.lineSeparator());
    }
    return text.toString();
  }

  private static List<String> line(
      String first, List<String> names, ToDoubleFunction<String> value) {
    var cells = new ArrayList<String>(List.of(first));
    for (String name : names) {
      double number = value.applyAsDouble(name);
      cells.add(Double.isNaN(number) ? "–" : Text.loss(number));
    }
    return cells;
  }

  private static String title(String name) {
    return switch (name) {
      case "log_loss" -> "log loss";
      case "calibration_error" -> "ECE";
      case "roc_auc" -> "ROC AUC";
      case "f1" -> "macro F1";
      case "rmse", "mae", "r2" -> name.toUpperCase(Locale.ROOT);
      default -> name;
    };
  }
}
