package io.measureflow.cli.run;

import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.io.AtomicFile;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.config.RunConfig;
import io.measureflow.core.layers.MeasureLayer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The folder of a run. Every file in it is written atomically, so a run that is killed at any
 * moment can be resumed.
 *
 * @param path the folder
 */
public record RunFolder(Path path) {

  private static final DateTimeFormatter NAME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd-HHmmss", Locale.ROOT);

  /**
   * Returns the default path of a new run: runs/DATE-TIME-DATASET-FAMILIES, with the types of
   * layers of ordinary weights among the families.
   */
  public static Path defaultPath(RunConfig config, ModelSpec spec) {
    String families =
        spec.byPath().values().stream()
            .filter(layer -> layer.parameters().stream().anyMatch(p -> p.shape().rank() > 1))
            .map(
                layer ->
                    layer instanceof MeasureLayer measure
                        ? measure.mixture().family().name()
                        : layer.type())
            .distinct()
            .collect(Collectors.joining("-"));
    return Path.of("runs", timestamp() + "-" + config.dataset().name() + "-" + families);
  }

  /** Returns the date and the time with which the default names of folders begin. */
  public static String timestamp() {
    return LocalDateTime.now(ZoneId.systemDefault()).format(NAME);
  }

  /**
   * Writes the configuration into the folder.
   *
   * @param chosen what the run chose for itself, a line, which becomes a comment
   */
  public void writeConfig(String configuration, Optional<String> chosen) {
    AtomicFile.write(
        config(),
        "# The complete settings of this run. To run it again:  measureflow train --config "
            + config().getFileName()
            + "\n"
            + chosen.map(line -> "# " + line + "\n").orElse("")
            + configuration);
  }

  /** Returns the resolved configuration. */
  public Path config() {
    return path.resolve("config.conf");
  }

  /** Returns the trained model. */
  public Path model() {
    return path.resolve("model.safetensors");
  }

  /**
   * Returns the checkpoint that an option named: a file, or a run folder for its result.
   *
   * @throws InvalidRequestException if a folder was named that holds none
   */
  public static Path checkpoint(String option, Path named) {
    if (!Files.isDirectory(named)) {
      return named;
    }
    Path model = new RunFolder(named).model();
    if (!Files.isRegularFile(model)) {
      throw InvalidRequestException.of(
          option + " " + named,
          "a checkpoint, or a run folder with a file " + model.getFileName(),
          "a folder without one",
          "Check the path; of a run that has not finished, name best.safetensors.");
    }
    return model;
  }

  /** Returns the model that the run has so far: its result, else its best, else its last epoch. */
  public Optional<Path> modelSoFar() {
    return Stream.of(model(), best(), last()).filter(Files::isRegularFile).findFirst();
  }

  /** Returns the model after the last epoch, with everything needed to resume. */
  public Path last() {
    return path.resolve("last.safetensors");
  }

  /** Returns the model after the epoch with the lowest monitored loss. */
  public Path best() {
    return path.resolve("best.safetensors");
  }

  /** One row per epoch. */
  public Path metrics() {
    return path.resolve("metrics.csv");
  }

  /** Returns the metrics of the result (docs/metrics.md). */
  public Path result() {
    return path.resolve("metrics.json");
  }

  /** Returns the plot of loss and accuracy. */
  public Path learningCurves() {
    return path.resolve("learning-curves.png");
  }

  /** Returns the page about the run. */
  public Path report() {
    return path.resolve("report.html");
  }
}
