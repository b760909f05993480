package io.measureflow.experiments;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.error.InvalidRequestException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** The experiments by name, and how one of them is done. */
public final class Experiments {

  private Experiments() {}

  /** An experiment for people who choose one. */
  public record Description(String name, String title) {}

  /**
   * What is asked for.
   *
   * @param name the experiment
   * @param scale how much of it
   * @param data the folder that holds a folder for each dataset, by its name
   * @param output the folder of the results
   * @param only do the runs alone whose key contains this, and write no report
   * @param command the command line, for the report
   */
  public record Request(
      String name, Scale scale, Path data, Path output, Optional<String> only, String command) {}

  /**
   * Where the parts come from.
   *
   * @param backend opens what computes
   * @param loader loads a dataset from its folder
   * @param versions what results are made with, by name
   * @param progress is told how it goes on, line by line
   */
  public record Means(
      Supplier<Backend> backend,
      BiFunction<String, Path, Dataset> loader,
      SequencedMap<String, String> versions,
      Consumer<String> progress) {}

  /** All experiments. */
  public static List<Description> descriptions() {
    return all(Scale.STANDARD).stream()
        .map(experiment -> new Description(experiment.name(), experiment.title()))
        .toList();
  }

  private static List<Experiment> all(Scale scale) {
    return List.of(
        new Parity(scale),
        new Stability(scale),
        new Sampling(scale),
        new Dynamics(scale),
        new Spread(scale),
        new Depth(scale),
        new Cifar(scale),
        new Toy(scale));
  }

  /**
   * Does the runs of an experiment that are not done yet, and writes its report.
   *
   * @return the report for people, or the file of the results where only some runs were asked for
   * @throws InvalidRequestException if there is no such experiment, data are missing or the folder
   *     of the results cannot be used
   */
  public static Path run(Request request, Means means) {
    Experiment experiment =
        all(request.scale()).stream()
            .filter(candidate -> candidate.name().equals(request.name()))
            .findFirst()
            .orElseThrow(
                () ->
                    InvalidRequestException.of(
                        "experiment",
                        "one of "
                            + descriptions().stream()
                                .map(Description::name)
                                .collect(Collectors.joining(", ")),
                        "'" + request.name() + "'",
                        "Choose one of them."));
    return new Session(experiment, request, means).run();
  }

  /** The folder of a dataset, checked before anything is done. */
  static Path folder(Path data, String dataset) {
    Path folder = data.resolve(dataset);
    if (!Files.isDirectory(folder)) {
      throw InvalidRequestException.of(
          "--data " + data,
          "a folder that holds a folder " + dataset,
          Files.isDirectory(data) ? "none of that name" : "no such folder",
          "Get the data by 'measureflow datasets fetch "
              + dataset
              + "', which puts them under data/, or name the folder above them.");
    }
    return folder;
  }
}
