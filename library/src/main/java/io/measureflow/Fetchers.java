package io.measureflow;

import io.measureflow.api.data.DatasetFetcher;
import io.measureflow.api.registry.Extensions;
import io.measureflow.api.registry.Registry;
import java.nio.file.Path;
import java.util.List;

/** The datasets that can be downloaded, by name. */
public final class Fetchers {

  private final Registry<DatasetFetcher> registry;

  private Fetchers(Registry<DatasetFetcher> registry) {
    this.registry = registry;
  }

  /** Returns the downloads of these extensions. */
  public static Fetchers of(Extensions extensions) {
    return new Fetchers(extensions.of(DatasetFetcher.KIND));
  }

  /** Returns all datasets that can be downloaded. */
  public List<DatasetFetcher.Source> sources() {
    return registry.byName().values().stream()
        .distinct()
        .flatMap(fetcher -> fetcher.sources().stream())
        .toList();
  }

  /**
   * Downloads a dataset.
   *
   * @throws io.measureflow.api.error.InvalidRequestException if nothing downloads this name, or as
   *     {@link DatasetFetcher#fetch}
   */
  public Path fetch(DatasetFetcher.Request request, DatasetFetcher.Progress progress) {
    return registry.get(request.name()).fetch(request, progress);
  }
}
