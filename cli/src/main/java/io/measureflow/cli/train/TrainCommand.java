package io.measureflow.cli.train;

import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.cli.command.Command;
import io.measureflow.cli.command.Setting;
import io.measureflow.cli.run.FolderClaim;
import io.measureflow.cli.run.RunClaim;
import io.measureflow.cli.run.RunFolder;
import io.measureflow.cli.run.SeedFolders;
import io.measureflow.cli.terminal.Terminal;
import io.measureflow.config.RunConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code measureflow train}. */
public final class TrainCommand implements Command {

  private static final String OUT = "--out";
  private static final String RESUME = "--resume";
  private static final String PROGRESS = "--progress";

  /** The settings that a resumed run may change: duration, threads, and paths of data. */
  private static final List<String> WITH_RESUME =
      List.of(
          "--epochs",
          "--threads",
          "--data",
          "--test",
          SeedsRun.SEEDS,
          OUT,
          RESUME,
          PROGRESS,
          "--verbose");

  @Override
  public String name() {
    return "train";
  }

  @Override
  public void describe(CommandSpec spec) {
    spec.usageMessage()
        .description(
            "Trains a model, tests it, and saves it with its metrics and plots in a folder.",
            "",
            "  measureflow train",
            "  measureflow train --dataset mnist --data DIR --components 256 --epochs 15",
            "  measureflow train --layers gm:diagonal:64x32,dense:10 --flow adam",
            "  measureflow train --seeds 1,2,3 --out RUN",
            "  measureflow train --resume RUN")
        .footer(
            "",
            "The run folder holds model.safetensors (the result), best.safetensors (the epoch with"
                + " the lowest loss), last.safetensors (the last epoch, for --resume), config.conf,"
                + " metrics.csv (every epoch), metrics.json (of the result, on the test rows, else"
                + " the validation rows, else the training rows), learning-curves.png and"
                + " report.html, a page about the run. After"
                + " Ctrl-C or a crash, --resume loses at most the current epoch.");
    Setting.addGroup(spec, "Data:", 1, Setting.DATA);
    Setting.addGroup(spec, "Model:", 2, Setting.MODEL);
    Setting.addGroup(spec, "Training:", 3, Setting.TRAINING);
    Setting.addGroup(spec, "Computing:", 4, Setting.COMPUTING);
    Setting.addConfiguration(spec, 5);
    spec.addOption(
        Setting.option(
                OUT,
                "RUN",
                "The run folder, new or empty; two runs cannot share one. Default:"
                    + " runs/DATE-TIME-DATASET-FAMILY, with -2, -3, ... if it exists.")
            .build());
    spec.addOption(
        Setting.option(
                SeedsRun.SEEDS,
                "N,N,...",
                "Train once with each seed, of which the split of the rows is taken too, into"
                    + " RUN/seed-N; print every metric with its mean and standard deviation, and"
                    + " write them to RUN/seeds.json. The same command goes on after an"
                    + " interruption, and may add seeds.")
            .build());
    spec.addOption(
        Setting.option(
                RESUME,
                "RUN",
                "Continue an earlier run after its last epoch, with its settings. Of the options"
                    + " that stand for settings, only --epochs, --threads, --data and --test may be"
                    + " combined with it; of several seeds not --epochs.")
            .arity("0..1")
            .fallbackValue("")
            .build());
    spec.addOption(
        Setting.option(
                PROGRESS,
                "auto|bar|lines",
                "How to show progress. Default: auto (a bar on a terminal, lines elsewhere).")
            .build());
  }

  @Override
  public boolean opensBackend() {
    return true;
  }

  @Override
  public int run(ParseResult arguments) {
    boolean bar = bar(arguments);
    Optional<String> resume = Setting.given(arguments, RESUME);
    Optional<String> out = Setting.given(arguments, OUT);
    Optional<List<Long>> seeds = Setting.given(arguments, SeedsRun.SEEDS).map(SeedsRun::parse);
    if (resume.isPresent()) {
      String named = resume.get().isEmpty() ? out.orElse("") : resume.get();
      requireResumable(arguments, named);
      if (seeds.isPresent() || Files.isRegularFile(Path.of(named, SeedFolders.MARK))) {
        resumeSeeds(arguments, Path.of(named), seeds.orElse(List.of()), bar);
        return 0;
      }
      try (RunClaim claim = RunClaim.ofEarlierRun(Path.of(named))) {
        RunConfig config =
            Setting.configuration(arguments, Optional.of(claim.folder().config()), Map.of());
        new TrainingRun(config, bar).resume(claim.folder());
      }
      return 0;
    }
    RunConfig config =
        Setting.configuration(
            arguments,
            Setting.given(arguments, "--config").map(Path::of),
            out.map(path -> Map.of("out", path)).orElse(Map.of()));
    if (seeds.isPresent()) {
      startSeeds(arguments, config, seeds.get(), bar);
    } else {
      new TrainingRun(config, bar).start();
    }
    return 0;
  }

  private static void startSeeds(
      ParseResult arguments, RunConfig config, List<Long> seeds, boolean bar) {
    if (arguments.hasMatchedOption("--seed")) {
      throw InvalidRequestException.of(
          SeedsRun.SEEDS, "no --seed", "both", "Leave one of them out.");
    }
    Path folder =
        config
            .out()
            .orElseGet(
                () ->
                    Path.of(
                        "runs", RunFolder.timestamp() + "-" + config.dataset().name() + "-seeds"));
    try (FolderClaim claim = FolderClaim.of(OUT, folder, SeedFolders.MARK)) {
      new SeedsRun(claim.path(), bar).run(config.withAbsolutePaths(), seeds, false);
    }
  }

  private static void resumeSeeds(
      ParseResult arguments, Path folder, List<Long> seeds, boolean bar) {
    if (!Files.isRegularFile(folder.resolve(SeedFolders.MARK))) {
      throw InvalidRequestException.of(
          RESUME + " " + folder,
          "the folder of several seeds, with a file " + SeedFolders.MARK,
          Files.isDirectory(folder) ? "a folder without one" : "no such folder",
          "Check the path.");
    }
    if (arguments.hasMatchedOption("--epochs")) {
      throw InvalidRequestException.of(
          RESUME + " " + folder,
          "the number of epochs that the runs have",
          "--epochs",
          "Start new runs with it in another folder.");
    }
    try (FolderClaim claim = FolderClaim.of(RESUME, folder, SeedFolders.MARK)) {
      RunConfig config =
          Setting.configuration(arguments, Optional.of(SeedsRun.settings(claim.path())), Map.of());
      new SeedsRun(claim.path(), bar).run(config.withAbsolutePaths(), seeds, true);
    }
  }

  private static void requireResumable(ParseResult arguments, String named) {
    if (named.isEmpty()) {
      throw InvalidRequestException.of(RESUME, "a run folder", "none", "Write --resume RUN.");
    }
    Setting.requireOnly(
        arguments,
        RESUME,
        WITH_RESUME,
        "no other options than --epochs, --threads, --data and --test",
        "A resumed run keeps its settings; for others start a new run from its model with --init.");
  }

  private static boolean bar(ParseResult arguments) {
    String how = Setting.given(arguments, PROGRESS).orElse("auto");
    return switch (how) {
      case "auto" -> Terminal.isStandardErrorTerminal();
      case "bar" -> true;
      case "lines" -> false;
      default ->
          throw InvalidRequestException.of(
              PROGRESS, "one of auto, bar, lines", "'" + how + "'", "Choose one of them.");
    };
  }
}
