package io.measureflow.experiments;

import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.experiments.comparison.Cifar;
import io.measureflow.experiments.comparison.Depth;
import io.measureflow.experiments.comparison.Parity;
import io.measureflow.experiments.comparison.Spread;
import io.measureflow.experiments.comparison.Stability;
import io.measureflow.experiments.comparison.Tables;
import io.measureflow.experiments.dynamics.Dynamics;
import io.measureflow.experiments.dynamics.Toy;
import io.measureflow.experiments.request.Environment;
import io.measureflow.experiments.request.Request;
import io.measureflow.experiments.request.Scale;
import io.measureflow.experiments.runner.Experiment;
import io.measureflow.experiments.runner.Session;
import io.measureflow.experiments.sampling.Sampling;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** Finds experiments by name and runs them. */
public final class Experiments {

  private Experiments() {}

  /** The name and title of an experiment. */
  public record Description(String name, String title) {}

  /** Describes all experiments. */
  public static List<Description> descriptions() {
    return all(Scale.STANDARD).stream()
        .map(experiment -> new Description(experiment.name(), experiment.title()))
        .toList();
  }

  static List<Experiment> all(Scale scale) {
    return List.of(
        new Parity(scale),
        new Stability(scale),
        new Sampling(scale),
        new Dynamics(scale),
        new Spread(scale),
        new Depth(scale),
        new Cifar(scale),
        new Tables(scale),
        new Toy(scale));
  }

  /**
   * Does the runs of an experiment that have no results yet, and writes its report.
   *
   * @return the Markdown report, or the file of results if only some runs were requested
   * @throws InvalidRequestException if there is no such experiment, data are missing, or the output
   *     folder cannot be used
   */
  public static Path run(Request request, Environment environment) {
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
    return new Session(experiment, request, environment).run();
  }
}
