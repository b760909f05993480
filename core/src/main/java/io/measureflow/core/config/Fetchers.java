package io.measureflow.core.config;

import io.measureflow.api.data.DatasetFetcher;
import io.measureflow.api.error.InvalidRequestException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;

/** The datasets that can be downloaded, by name. */
public final class Fetchers {

  private final List<DatasetFetcher> fetchers;

  /** What these can download. */
  public Fetchers(Iterable<DatasetFetcher> fetchers) {
    var list = new ArrayList<DatasetFetcher>();
    fetchers.forEach(list::add);
    this.fetchers = List.copyOf(list);
  }

  /** What those on the class path can download. */
  public static Fetchers onClassPath() {
    return new Fetchers(ServiceLoader.load(DatasetFetcher.class, Fetchers.class.getClassLoader()));
  }

  /** All that can be downloaded. */
  public List<DatasetFetcher.Source> sources() {
    return fetchers.stream().flatMap(fetcher -> fetcher.sources().stream()).toList();
  }

  /**
   * Downloads a dataset.
   *
   * @throws InvalidRequestException if nothing downloads this name, or as {@link
   *     DatasetFetcher#fetch}
   */
  public Path fetch(DatasetFetcher.Request request, DatasetFetcher.Progress progress) {
    for (DatasetFetcher fetcher : fetchers) {
      if (fetcher.sources().stream().anyMatch(source -> source.name().equals(request.name()))) {
        return fetcher.fetch(request, progress);
      }
    }
    throw InvalidRequestException.of(
        "dataset",
        "one of " + String.join(", ", sources().stream().map(DatasetFetcher.Source::name).toList()),
        "'" + request.name() + "'",
        "Others have to be downloaded by hand.");
  }
}
