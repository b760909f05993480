package io.measureflow.cli.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The folders of the runs of {@code train --seeds}: {@code seed-1}, {@code seed-2} and so on. */
public final class SeedFolders {

  /** The name of the file that makes a folder one of several seeds. */
  public static final String MARK = "seeds.json";

  private static final String PREFIX = "seed-";

  private SeedFolders() {}

  /** Returns the folder of a seed. */
  public static Path of(Path whole, long seed) {
    return whole.resolve(PREFIX + seed);
  }

  /** Returns those in a folder that have epochs, in the order of their seeds; none in others. */
  public static List<Path> in(Path whole) {
    if (!Files.isRegularFile(whole.resolve(MARK))) {
      return List.of();
    }
    try (Stream<Path> folders = Files.list(whole)) {
      return folders
          .filter(
              folder ->
                  String.valueOf(folder.getFileName()).matches(PREFIX + "-?\\d{1,18}")
                      && hasEpochs(new RunFolder(folder).metrics()))
          .sorted(
              Comparator.comparingLong(
                  folder ->
                      Long.parseLong(
                          String.valueOf(folder.getFileName()).substring(PREFIX.length()))))
          .toList();
    } catch (IOException e) {
      return List.of();
    }
  }

  private static boolean hasEpochs(Path metrics) {
    if (!Files.isRegularFile(metrics)) {
      return false;
    }
    try (Stream<String> lines = Files.lines(metrics)) {
      return lines.limit(2).count() == 2;
    } catch (IOException | UncheckedIOException e) {
      return false;
    }
  }
}
