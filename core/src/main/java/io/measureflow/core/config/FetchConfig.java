package io.measureflow.core.config;

import io.measureflow.api.data.DatasetFetcher;
import io.measureflow.api.error.InvalidRequestException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * The section {@code fetch}: where datasets are downloaded from, and to.
 *
 * @param to the folder of the files; empty: {@code data/NAME}
 * @param timeout how long to wait for the server
 * @param from the address of each dataset, by its name
 */
public record FetchConfig(Optional<Path> to, Duration timeout, SequencedMap<String, URI> from) {

  /** The folder of datasets where nothing else is said. */
  private static final Path DATA = Path.of("data");

  /**
   * The request to a fetcher.
   *
   * @throws InvalidRequestException if no address is known for the name
   */
  public DatasetFetcher.Request request(String name) {
    URI address = from.get(name);
    if (address == null) {
      throw InvalidRequestException.of(
          "dataset",
          "one of " + String.join(", ", from.keySet()),
          "'" + name + "'",
          "Others have to be downloaded by hand; 'measureflow datasets list' says where from.");
    }
    return new DatasetFetcher.Request(name, to.orElse(DATA.resolve(name)), address, timeout);
  }
}
