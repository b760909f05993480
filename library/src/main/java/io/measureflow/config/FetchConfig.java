package io.measureflow.config;

import io.measureflow.api.data.DatasetFetcher;
import io.measureflow.api.error.InvalidRequestException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * The section {@code fetch}: downloads of datasets.
 *
 * @param to the target folder; empty for {@code data/NAME}
 * @param timeout how long to wait for the server
 * @param from the address of each dataset, by its name
 */
public record FetchConfig(Optional<Path> to, Duration timeout, SequencedMap<String, URI> from) {

  /** The default parent folder of datasets. */
  private static final Path DATA = Path.of("data");

  private static final String SECTION = "fetch";
  private static final String FROM = "from.";

  static FetchConfig read(ConfigReader reader) {
    var from = new LinkedHashMap<String, URI>();
    for (String key : reader.section(SECTION).keySet()) {
      if (key.startsWith(FROM)) {
        from.put(key.substring(FROM.length()), reader.address(SECTION + "." + key));
      }
    }
    return new FetchConfig(
        reader.path("fetch.to"),
        Duration.ofMillis((long) (1000 * reader.number("fetch.timeout", 0.1, 1e6))),
        from);
  }

  /**
   * Creates the request to a fetcher.
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
          "Others must be downloaded by hand; 'measureflow datasets list' says from where.");
    }
    return new DatasetFetcher.Request(name, to.orElse(DATA.resolve(name)), address, timeout);
  }
}
