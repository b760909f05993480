package io.measureflow.core.config;

import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.DatasetProvider;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.core.data.PreparedDataset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.ServiceLoader;

/** The datasets and formats that can be loaded, by name. */
public final class Datasets {

  private final SequencedMap<String, DatasetProvider> byName = new LinkedHashMap<>();
  private final SequencedMap<String, DatasetProvider.Description> descriptions =
      new LinkedHashMap<>();

  /**
   * What these providers load.
   *
   * @throws IllegalStateException if two of them load the same name
   */
  public Datasets(Iterable<DatasetProvider> providers) {
    for (DatasetProvider provider : providers) {
      for (DatasetProvider.Description description : provider.descriptions()) {
        DatasetProvider other = byName.putIfAbsent(description.name(), provider);
        if (other != null) {
          throw new IllegalStateException(
              "Dataset "
                  + description.name()
                  + ": expected one provider, found "
                  + other.getClass().getName()
                  + " and "
                  + provider.getClass().getName());
        }
        descriptions.put(description.name(), description);
      }
    }
  }

  /** What the providers on the class path load. */
  public static Datasets onClassPath() {
    return new Datasets(ServiceLoader.load(DatasetProvider.class, Datasets.class.getClassLoader()));
  }

  /** All descriptions. */
  public List<DatasetProvider.Description> descriptions() {
    return List.copyOf(descriptions.values());
  }

  /** The description of a name. */
  public DatasetProvider.Description description(String name) {
    return require(name, descriptions);
  }

  /**
   * Loads data, split, filled and standardised as the request says.
   *
   * @throws InvalidRequestException if nothing loads this name, if the data do not allow what is
   *     asked for, or as {@link DatasetProvider#load}
   */
  public Dataset load(DatasetRequest request) {
    return PreparedDataset.load(request, require(request.name(), byName)::load);
  }

  /** Loads data as the loader yields them: neither split nor filled nor standardised. */
  public Dataset loadUnprepared(DatasetRequest request) {
    return require(request.name(), byName).load(request);
  }

  private static <T> T require(String name, Map<String, T> known) {
    T found = known.get(name);
    if (found == null) {
      throw InvalidRequestException.of(
          "dataset",
          "one of " + String.join(", ", known.keySet()),
          "'" + name + "'",
          "The command 'datasets' says what each of them is.");
    }
    return found;
  }
}
