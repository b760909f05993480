package io.measureflow.cli.experiment;

import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.io.AtomicFile;
import io.measureflow.cli.command.Command;
import io.measureflow.cli.command.Setting;
import io.measureflow.cli.run.MetricsFile;
import io.measureflow.cli.run.RunCurves;
import io.measureflow.cli.run.RunFolder;
import io.measureflow.cli.run.RunGroup;
import io.measureflow.cli.run.SeedFolders;
import io.measureflow.config.RunConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** {@code measureflow plot}. */
public final class PlotCommand implements Command {

  private static final String OUTPUT = "--output";
  private static final String DEFAULT_OUTPUT = "comparison.png";
  private static final String SEPARATE = "--separate";

  @Override
  public String name() {
    return "plot";
  }

  @Override
  public void describe(CommandSpec spec) {
    spec.usageMessage()
        .description(
            "Compares runs: draws their losses and accuracies over the epochs into one PNG file."
                + " Runs that differ only in their seed are one line, their mean, in a band of one"
                + " standard deviation, or between the two where there are two.",
            "",
            "  measureflow plot runs/first runs/second --output comparison.png");
    spec.addPositional(
        PositionalParamSpec.builder()
            .paramLabel("RUN")
            .type(List.class)
            .auxiliaryTypes(String.class)
            .arity("1..*")
            .index("0..*")
            .description(
                "Run folders, or those of train --seeds; at most "
                    + RunCurves.most()
                    + " lines are drawn. Each needs a metrics.csv; the run need not have ended.")
            .build());
    spec.addOption(
        OptionSpec.builder(SEPARATE)
            .type(boolean.class)
            .description("Draw each run as a line of its own, those of several seeds too.")
            .build());
    spec.addOption(
        Setting.option(OUTPUT, "FILE", "The PNG file. Default: " + DEFAULT_OUTPUT + ".").build());
  }

  @Override
  public int run(ParseResult arguments) {
    List<String> names = arguments.matchedPositionalValue(0, List.of());
    Path file = Path.of(Setting.given(arguments, OUTPUT).orElse(DEFAULT_OUTPUT));
    requirePlace(file);
    byte[] png = RunCurves.png(groups(names, arguments.hasMatchedOption(SEPARATE)));
    AtomicFile.write(file, png);
    System.out.println(file);
    return 0;
  }

  private static void requirePlace(Path file) {
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder) || !Files.isWritable(folder)) {
      throw InvalidRequestException.of(
          OUTPUT + " " + file,
          "a file in a folder that can be written",
          folder == null || !Files.exists(folder)
              ? "no such folder"
              : Files.isDirectory(folder) ? "a folder that is read-only" : "a file in its place",
          "Choose another name.");
    }
  }

  /** Returns what is drawn as one line: a run, or several that differ in their seed alone. */
  private static List<RunGroup> groups(List<String> names, boolean separate) {
    var runs = new ArrayList<Named>();
    var folders = new HashSet<Path>();
    for (String name : names) {
      Path path = Path.of(name).toAbsolutePath().normalize();
      if (!folders.add(path)) {
        throw InvalidRequestException.of(
            "plot", "each run once", "'" + name + "' twice", "Name it once.");
      }
      List<Path> seeds = SeedFolders.in(Path.of(name));
      if (seeds.isEmpty()) {
        runs.add(new Named(label(path), key(path), seed(path), MetricsFile.read(Path.of(name))));
      }
      for (Path seed : seeds) {
        runs.add(
            new Named(
                separate ? label(path) + "/" + seed.getFileName() : label(path),
                Optional.of(path.toString()),
                String.valueOf(seed.getFileName()),
                MetricsFile.read(seed)));
      }
    }
    List<RunGroup> groups = separate ? alone(runs) : together(runs);
    if (groups.size() > RunCurves.most()) {
      throw InvalidRequestException.of(
          "plot",
          "at most " + RunCurves.most() + " lines, one per color",
          String.valueOf(groups.size()),
          "Name fewer.");
    }
    return groups;
  }

  /**
   * A run.
   *
   * @param key what it has in common with those that differ in their seed alone; empty if unknown
   */
  private record Named(
      String label, Optional<String> key, String seed, List<MetricsFile.Row> epochs) {}

  private static List<RunGroup> alone(List<Named> runs) {
    return runs.stream().map(run -> new RunGroup(run.label(), List.of(run.epochs()))).toList();
  }

  private static List<RunGroup> together(List<Named> runs) {
    var groups = new LinkedHashMap<String, List<Named>>();
    for (Named run : runs) {
      String key = run.key().orElseGet(() -> "run " + groups.size());
      List<Named> group = groups.computeIfAbsent(key, _ -> new ArrayList<>());
      if (group.stream().anyMatch(other -> other.seed().equals(run.seed()))) {
        // A repetition is not another seed.
        groups.put("run " + groups.size(), new ArrayList<>(List.of(run)));
      } else {
        group.add(run);
      }
    }
    return groups.values().stream()
        .map(
            group ->
                new RunGroup(group.getFirst().label(), group.stream().map(Named::epochs).toList()))
        .toList();
  }

  private static String label(Path path) {
    return String.valueOf(path.getFileName());
  }

  /** Returns the configuration of a run but for its seed, its folder and its threads. */
  private static Optional<String> key(Path run) {
    return config(run)
        .map(
            config ->
                config.with(Map.of("seed", "0", "out", "auto", "threads", "auto"), "plot").json());
  }

  private static String seed(Path run) {
    return config(run).map(config -> String.valueOf(config.seed())).orElse("");
  }

  private static Optional<RunConfig> config(Path run) {
    try {
      Path file = new RunFolder(run).config();
      return Files.isRegularFile(file)
          ? Optional.of(RunConfig.load(Optional.of(file), Map.of()))
          : Optional.empty();
    } catch (InvalidRequestException e) {
      // Of another version, for example; the epochs can still be drawn.
      return Optional.empty();
    }
  }
}
