package io.measureflow.cli.run;

import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.error.RunFailedException;
import io.measureflow.api.io.AtomicFile;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.config.RunConfig;
import io.measureflow.core.layers.MixtureLayer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The folder of a run. Every file in it is written whole or not at all, so that a run that is
 * killed at any moment can go on from it.
 *
 * @param path the folder
 */
public record RunFolder(Path path) {

  private static final DateTimeFormatter NAME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd-HHmmss", Locale.ROOT);

  /** The folder for a new run, which does not exist yet, or is empty. */
  public static RunFolder forNewRun(Path path) {
    if (!Files.exists(path)) {
      requirePlace(path);
      return new RunFolder(path);
    }
    if (!Files.isDirectory(path)) {
      throw InvalidRequestException.of(
          "--out " + path, "a new folder", "a file of that name", "Choose another name.");
    }
    try (var files = Files.newDirectoryStream(path)) {
      if (files.iterator().hasNext()) {
        throw InvalidRequestException.of(
            "--out " + path,
            "a new or empty folder",
            Files.exists(new RunFolder(path).config())
                ? "an earlier run"
                : "a folder with files in it",
            "Choose another name, or go on with an earlier run by --resume " + path + ".");
      }
    } catch (IOException e) {
      throw new RunFailedException(path + ": could not be read: " + AtomicFile.reason(e), e);
    }
    return new RunFolder(path);
  }

  /** Checks that the folder can be made, as far as that can be told without making it. */
  private static void requirePlace(Path path) {
    Path above = path.toAbsolutePath().getParent();
    while (above != null && !Files.exists(above)) {
      above = above.getParent();
    }
    if (above == null || !Files.isDirectory(above) || !Files.isWritable(above)) {
      throw InvalidRequestException.of(
          "--out " + path,
          "a place where a folder can be made",
          above == null
              ? "nothing above it"
              : above + ", which is " + (Files.isDirectory(above) ? "read-only" : "a file"),
          "Choose another name.");
    }
  }

  /** The folder for a new run that was given no name. */
  public static RunFolder named(RunConfig config, ModelSpec spec) {
    String families =
        spec.layers().stream()
            .map(
                layer ->
                    layer instanceof MixtureLayer mixture ? mixture.family().name() : layer.type())
            .collect(Collectors.joining("-"));
    String name =
        LocalDateTime.now(ZoneId.systemDefault()).format(NAME)
            + "-"
            + config.dataset().name()
            + "-"
            + families;
    Path path = Path.of("runs", name);
    for (int i = 2; Files.exists(path); i++) {
      path = Path.of("runs", name + "-" + i);
    }
    return new RunFolder(path);
  }

  /** The folder of an earlier run. */
  public static RunFolder existing(Path path) {
    var folder = new RunFolder(path);
    if (!Files.isRegularFile(folder.config())) {
      throw InvalidRequestException.of(
          "--resume " + path,
          "the folder of a run, with a file " + folder.config().getFileName(),
          Files.isDirectory(path) ? "a folder without one" : "no such folder",
          "Check the path.");
    }
    return folder;
  }

  /** Makes the folder with the configuration in it. */
  public void create(String configuration) {
    try {
      Files.createDirectories(path);
    } catch (IOException e) {
      throw new RunFailedException(
          path + ": could not be made: " + AtomicFile.reason(e) + ". Choose another --out.", e);
    }
    AtomicFile.write(
        config(),
        "# The complete settings of this run. To run it again:  measureflow train --config "
            + config().getFileName()
            + "\n"
            + configuration);
  }

  /** The resolved configuration. */
  public Path config() {
    return path.resolve("config.conf");
  }

  /** The trained model. */
  public Path model() {
    return path.resolve("model.safetensors");
  }

  /** The model after the last epoch, with all that is needed to go on. */
  public Path last() {
    return path.resolve("last.safetensors");
  }

  /** The model after the epoch with the lowest monitored loss. */
  public Path best() {
    return path.resolve("best.safetensors");
  }

  /** One row per epoch. */
  public Path metrics() {
    return path.resolve("metrics.csv");
  }

  /** The plot of loss and accuracy. */
  public Path learningCurves() {
    return path.resolve("learning-curves.png");
  }
}
