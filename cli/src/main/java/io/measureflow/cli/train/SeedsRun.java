package io.measureflow.cli.train;

import io.measureflow.api.error.DivergedException;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.error.RunFailedException;
import io.measureflow.api.io.AtomicFile;
import io.measureflow.cli.command.Wiring;
import io.measureflow.cli.run.LearningCurves;
import io.measureflow.cli.run.MetricsFile;
import io.measureflow.cli.run.RunClaim;
import io.measureflow.cli.run.RunCurves;
import io.measureflow.cli.run.RunFolder;
import io.measureflow.cli.run.RunGroup;
import io.measureflow.cli.run.SeedFolders;
import io.measureflow.config.RunConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The same training run with several seeds, each in a folder of its own. What has ended is not
 * trained again.
 */
final class SeedsRun {

  /** The option that names them. */
  static final String SEEDS = "--seeds";

  private static final String SETTINGS = "settings.conf";

  private final Path folder;
  private final boolean bar;

  /**
   * @param folder the folder of all of them, claimed
   * @param bar whether progress can be drawn as a bar
   */
  SeedsRun(Path folder, boolean bar) {
    this.folder = folder;
    this.bar = bar;
  }

  /** Returns the file with the settings but for the seed. */
  static Path settings(Path folder) {
    return folder.resolve(SETTINGS);
  }

  /**
   * Reads the argument of {@link #SEEDS}.
   *
   * @throws InvalidRequestException if it is not a list of whole numbers, each named once
   */
  static List<Long> parse(String text) {
    var seeds = new LinkedHashSet<Long>();
    for (String part : text.split(",", -1)) {
      try {
        if (!seeds.add(Long.parseLong(part.strip()))) {
          throw wrong("'" + part.strip() + "' twice");
        }
      } catch (NumberFormatException e) {
        throw wrong("'" + text + "'");
      }
    }
    return List.copyOf(seeds);
  }

  private static InvalidRequestException wrong(String found) {
    return InvalidRequestException.of(
        SEEDS,
        "whole numbers separated by commas, each once",
        found,
        "Write, for example, " + SEEDS + " 1,2,3.");
  }

  /**
   * Trains with each seed that has not ended.
   *
   * @param given the settings
   * @param seeds the seeds to train with, besides those of an earlier attempt
   * @param resumed whether the settings were read from the folder
   * @throws RunFailedException if a run diverged; the others have ended
   */
  void run(RunConfig given, List<Long> seeds, boolean resumed) {
    RunConfig config = given.suitedToLoss(Wiring.of(given).extensions());
    List<Long> all = begin(config, seeds, resumed);
    var diverged = new ArrayList<Long>();
    for (int i = 0; i < all.size(); i++) {
      long seed = all.get(i);
      System.err.println("seed " + seed + " (" + (i + 1) + " of " + all.size() + ")");
      var run = new RunFolder(SeedFolders.of(folder, seed));
      if (SeedsFile.isFinished(run)) {
        System.err.println("has ended: " + run.path());
        continue;
      }
      try {
        train(config, seed, run);
      } catch (RunFailedException e) {
        if (!(e.getCause() instanceof DivergedException)) {
          throw e;
        }
        // The other seeds may do better.
        System.err.println(e.getMessage());
        diverged.add(seed);
      }
      AtomicFile.write(file(), SeedsFile.of(folder, all).json());
    }
    finish(SeedsFile.of(folder, all));
    if (!diverged.isEmpty()) {
      throw new RunFailedException(
          "Training diverged with "
              + (diverged.size() == 1 ? "seed " : "the seeds ")
              + String.join(", ", diverged.stream().map(String::valueOf).toList())
              + " of "
              + all.size()
              + ". Choose a lower learning rate in another folder.");
    }
  }

  private Path file() {
    return folder.resolve(SeedFolders.MARK);
  }

  private List<Long> begin(RunConfig config, List<Long> seeds, boolean resumed) {
    String text =
        "# The settings of all runs of this folder, which differ in their seed.\n"
            + config.with(Map.of("seed", "0", "threads", "auto", "out", "auto"), SEEDS).render();
    var all = new LinkedHashSet<Long>();
    if (Files.exists(file())) {
      if (!resumed) {
        requireSame(text);
      }
      all.addAll(SeedsFile.seeds(file()));
    } else {
      AtomicFile.write(settings(folder), text);
    }
    all.addAll(seeds);
    List<Long> ordered = List.copyOf(all);
    AtomicFile.write(file(), SeedsFile.of(folder, ordered).json());
    return ordered;
  }

  private void requireSame(String text) {
    try {
      if (!Files.readString(settings(folder)).equals(text)) {
        throw InvalidRequestException.of(
            "--out " + folder,
            "the settings that the runs there have",
            "other ones",
            "Choose another folder, or continue these with --resume " + folder + ".");
      }
    } catch (IOException e) {
      throw new RunFailedException(
          settings(folder) + ": could not be read: " + AtomicFile.reason(e) + ".", e);
    }
  }

  private void train(RunConfig config, long seed, RunFolder run) {
    if (Files.isRegularFile(run.config())) {
      try (RunClaim claim = RunClaim.ofEarlierRun(run.path())) {
        RunConfig own =
            RunConfig.load(Optional.of(claim.folder().config()), threads(config))
                .withDataset(seeded(config, seed).dataset());
        new TrainingRun(own, bar).inSeries(folder).resume(claim.folder());
      }
    } else {
      new TrainingRun(seeded(config, seed), bar).inSeries(folder).startIn(run.path());
    }
  }

  private static Map<String, String> threads(RunConfig config) {
    return config.backend().threads().isPresent()
        ? Map.of("threads", String.valueOf(config.backend().threads().getAsInt()))
        : Map.of();
  }

  /** The split of the rows follows the seed too. */
  private static RunConfig seeded(RunConfig config, long seed) {
    return config.with(Map.of("seed", String.valueOf(seed), "out", "auto"), SEEDS);
  }

  private void finish(SeedsFile metrics) {
    AtomicFile.write(file(), metrics.json());
    List<List<MetricsFile.Row>> epochs =
        SeedFolders.in(folder).stream().map(MetricsFile::read).toList();
    if (!epochs.isEmpty()) {
      var group = new RunGroup(String.valueOf(folder.getFileName()), epochs);
      LearningCurves.save(curves(), () -> RunCurves.png(List.of(group)));
    }
    if (!metrics.part().isEmpty()) {
      System.out.println("on the " + metrics.part() + " rows");
      System.out.print(metrics.table());
    }
    System.out.println(
        "folder     " + folder + " (seed-..., seeds.json, curves.png, settings.conf)");
    System.out.flush();
  }

  private Path curves() {
    return folder.resolve("curves.png");
  }
}
