package io.measureflow.experiments.request;

import io.measureflow.api.error.InvalidRequestException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What to run and where.
 *
 * @param name the name of the experiment
 * @param scale how much of it to run
 * @param data the folder with one subfolder per dataset, named like the dataset
 * @param output the folder for the results
 * @param only do only the runs whose key contains this text, and write no report
 * @param command the command line, for the report
 */
public record Request(
    String name, Scale scale, Path data, Path output, Optional<String> only, String command) {

  /**
   * Returns the folder of a dataset.
   *
   * @param source where to get the dataset from, in a sentence
   * @throws InvalidRequestException if there is no such folder
   */
  public Path folder(String dataset, String source) {
    Path folder = data.resolve(dataset);
    if (!Files.isDirectory(folder)) {
      throw InvalidRequestException.of(
          "--data " + data,
          "a folder " + dataset + " in it",
          Files.isDirectory(data) ? "none" : "no such folder",
          source + " Or pass the folder above them.");
    }
    return folder;
  }
}
