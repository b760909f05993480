package io.measureflow.cli.tune;

import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.cli.command.Command;
import io.measureflow.cli.command.Setting;
import io.measureflow.cli.command.Wiring;
import io.measureflow.cli.run.FolderClaim;
import io.measureflow.cli.run.RunFolder;
import io.measureflow.config.RunConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** {@code measureflow tune}. */
public final class TuneCommand implements Command {

  private static final String TRIALS = "--trials";
  private static final String REDUCTION = "--reduction";
  private static final String LEAST = "--least";
  private static final String FOLDS = "--folds";
  private static final String OUTPUT = "--output";
  private static final String RESUME = "--resume";
  private static final String VALIDATION = "--validation";
  private static final String VALIDATION_KEY = "training.validation";
  private static final double DEFAULT_VALIDATION = 0.2;
  private static final int DEFAULT_TRIALS = 27;
  private static final int MOST_TRIALS = 100_000;
  private static final int DEFAULT_REDUCTION = 3;

  /** The options that a resumed search may change. */
  private static final List<String> WITH_RESUME =
      List.of("--threads", "--data", "--test", RESUME, OUTPUT, "--verbose");

  @Override
  public String name() {
    return "tune";
  }

  @Override
  public void describe(CommandSpec spec) {
    spec.usageMessage()
        .description(
            "Searches for good settings: trains many trials for a few epochs, the best of them for"
                + " more, and the best of all in full. Trials are judged by training rows that are"
                + " held out; test rows are never looked at.",
            "",
            "  measureflow tune --dataset csv --data FILE --label COLUMN \\",
            "      --try learning-rate=1e-3:1e-1:log --try components=16,64,256 \\",
            "      --output FOLDER",
            "  measureflow tune --resume FOLDER")
        .footer(
            "",
            "The folder holds best.conf (for train --config), trials.csv (every trial after every"
                + " round), tune.html and tune.svg (a page and a picture of the search). The same"
                + " command goes on after an interruption. docs/tune.md says more.");
    spec.addOption(
        OptionSpec.builder(SearchedSettings.TRY)
            .paramLabel("NAME=VALUES")
            .type(List.class)
            .auxiliaryTypes(String.class)
            .arity("1")
            .completionCandidates(SearchedSettings.candidates())
            .description(
                "A setting to vary, by the name of its option or its key, and its values: a list"
                    + " (16,64,256, or a|b,c if values contain commas), or a range (0.1:0.9, or"
                    + " 1e-4:1e-1:log to vary the logarithm); between whole numbers (1:8) a range"
                    + " is one of whole numbers. Repeat it for each setting.")
            .build());
    spec.addOption(
        Setting.option(
                TRIALS, "N", "How many combinations to try. Default: " + DEFAULT_TRIALS + ".")
            .build());
    spec.addOption(
        Setting.option(
                REDUCTION,
                "ETA",
                "Of ETA trials one goes on to the next round, for ETA times the epochs. Default: "
                    + DEFAULT_REDUCTION
                    + ".")
            .build());
    spec.addOption(
        Setting.option(
                LEAST,
                "N",
                "The epochs of the first round. Default: those of a full run (--epochs), over ETA"
                    + " for each further round.")
            .build());
    spec.addOption(
        Setting.option(
                FOLDS,
                "K",
                "Judge trials by K-fold cross-validation. Default: 0 (by the rows of"
                    + " --validation).")
            .build());
    spec.addOption(
        Setting.option(
                JudgedBy.OPTION,
                String.join(
                    "|", Stream.concat(Stream.of("auto"), JudgedBy.names().stream()).toList()),
                "What to judge trials by. Default: auto (log-loss for classes, loss for real"
                    + " targets).")
            .completionCandidates(
                Stream.concat(Stream.of("auto"), JudgedBy.names().stream()).toList())
            .build());
    spec.addOption(
        Setting.option(
                OUTPUT,
                "FOLDER",
                "The folder of the search: new, empty, or that of the same search, which goes on."
                    + " Default: runs/DATE-TIME-DATASET-tune.")
            .build());
    spec.addOption(
        Setting.option(
                RESUME,
                "FOLDER",
                "Continue a search with its settings. Only --threads, --data and --test may be"
                    + " combined with it.")
            .build());
    Setting.addGroup(spec, "Data:", 1, Setting.DATA);
    Setting.addGroup(spec, "Model, the same in all trials:", 2, Setting.MODEL);
    Setting.addGroup(spec, "Training, the same in all trials:", 3, training());
    Setting.addGroup(spec, "Computing:", 4, Setting.COMPUTING);
    Setting.addConfiguration(spec, 5);
  }

  private static List<Setting> training() {
    return Setting.TRAINING.stream()
        .map(
            setting ->
                setting.option().equals(VALIDATION)
                    ? new Setting(
                        VALIDATION,
                        VALIDATION_KEY,
                        "FRACTION",
                        "Hold out this fraction of the training rows to judge trials by. Default: "
                            + DEFAULT_VALIDATION
                            + ".")
                    : setting)
        .toList();
  }

  @Override
  public boolean opensBackend() {
    return true;
  }

  @Override
  public int run(ParseResult arguments) {
    Optional<String> resume = Setting.given(arguments, RESUME);
    if (resume.isPresent()) {
      resume(arguments, Path.of(resume.get()));
    } else {
      start(arguments);
    }
    return 0;
  }

  private static void resume(ParseResult arguments, Path path) {
    Setting.requireOnly(
        arguments,
        RESUME,
        WITH_RESUME,
        "no other options than --threads, --data and --test",
        "A search keeps its settings; for others start a new one.");
    var folder = new TuneFolder(path);
    if (!Files.isRegularFile(folder.search())) {
      throw InvalidRequestException.of(
          RESUME + " " + path,
          "the folder of a search, with a file " + TuneFolder.MARK,
          Files.isDirectory(path) ? "a folder without one" : "no such folder",
          "Check the path.");
    }
    try (FolderClaim claim = FolderClaim.of(RESUME, path, TuneFolder.MARK)) {
      RunConfig fixed =
          Setting.configuration(arguments, Optional.of(folder.settings()), Map.of())
              .withAbsolutePaths();
      new TuneRun(TuneRequest.read(folder.search()), fixed, new TuneFolder(claim.path()), true)
          .run();
    }
  }

  private static void start(ParseResult arguments) {
    List<String> tries = arguments.matchedOptionValue(SearchedSettings.TRY, List.of());
    var request =
        new TuneRequest(
            tries,
            number(arguments, TRIALS, 1, MOST_TRIALS).orElse(DEFAULT_TRIALS),
            number(arguments, REDUCTION, 2, 1000).orElse(DEFAULT_REDUCTION),
            number(arguments, LEAST, 1, Integer.MAX_VALUE),
            number(arguments, FOLDS, 0, Integer.MAX_VALUE).orElse(0),
            Setting.given(arguments, JudgedBy.OPTION).orElse("auto"));
    requireFolds(arguments, request.folds());
    requireMetric(request.metric());
    SearchedSettings.requireNotFixed(request.space(), given(arguments));
    RunConfig fixed = fixed(arguments, request.folds());
    Path path =
        Setting.given(arguments, OUTPUT)
            .map(Path::of)
            .orElseGet(
                () ->
                    Path.of(
                        "runs", RunFolder.timestamp() + "-" + fixed.dataset().name() + "-tune"));
    try (FolderClaim claim = FolderClaim.of(OUTPUT, path, TuneFolder.MARK)) {
      new TuneRun(request, fixed, new TuneFolder(claim.path()), false).run();
    }
  }

  private static void requireFolds(ParseResult arguments, int folds) {
    if (folds == 1) {
      throw InvalidRequestException.of(
          FOLDS, "0, or at least 2 folds", "1", "Choose another number.");
    }
    if (folds > 0 && arguments.hasMatchedOption(VALIDATION)) {
      throw InvalidRequestException.of(
          FOLDS, "no " + VALIDATION, "both", "Each fold is held out once; leave one out.");
    }
  }

  private static void requireMetric(String metric) {
    if (!metric.equals("auto") && !JudgedBy.names().contains(metric)) {
      throw InvalidRequestException.of(
          JudgedBy.OPTION,
          "auto or one of " + String.join(", ", JudgedBy.names()),
          "'" + metric + "'",
          "Choose one of them.");
    }
  }

  /** Returns the keys of the settings that the command line fixes. */
  private static List<String> given(ParseResult arguments) {
    var keys = new ArrayList<String>();
    Stream.of(Setting.MODEL, Setting.TRAINING)
        .flatMap(List::stream)
        .filter(setting -> arguments.hasMatchedOption(setting.option()))
        .forEach(setting -> keys.add(setting.key()));
    List<String> changes = arguments.matchedOptionValue("--set", List.of());
    changes.forEach(change -> keys.add(change.split("=", 2)[0].strip()));
    return keys;
  }

  private static RunConfig fixed(ParseResult arguments, int folds) {
    RunConfig given = Setting.configuration(arguments).withAbsolutePaths();
    // Wrong names are found here, where it is still known what sets them.
    Wiring.of(given);
    OptionalDouble validation = given.training().validation();
    var settings = new LinkedHashMap<String, String>(Map.of("out", "auto"));
    if (folds > 0) {
      settings.put(VALIDATION_KEY, String.valueOf(1.0 / folds));
    } else if (validation.isEmpty()) {
      settings.put(VALIDATION_KEY, String.valueOf(DEFAULT_VALIDATION));
    } else if (validation.getAsDouble() == 0) {
      throw InvalidRequestException.of(
          VALIDATION, "a fraction above 0, to judge trials by", "0", "Choose one, or --folds.");
    }
    return given.with(settings, "tune");
  }

  private static OptionalInt number(ParseResult arguments, String option, int least, int most) {
    Optional<String> text = Setting.given(arguments, option);
    if (text.isEmpty()) {
      return OptionalInt.empty();
    }
    String expected =
        most == Integer.MAX_VALUE
            ? "a whole number of at least " + least
            : "a whole number from " + least + " to " + most;
    try {
      int number = Integer.parseInt(text.get().strip());
      if (number >= least && number <= most) {
        return OptionalInt.of(number);
      }
    } catch (NumberFormatException e) {
      throw wrong(option, expected, text.get());
    }
    throw wrong(option, expected, text.get());
  }

  private static InvalidRequestException wrong(String option, String expected, String found) {
    return InvalidRequestException.of(option, expected, "'" + found + "'", "Correct the value.");
  }
}
