package io.measureflow;

import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.DatasetProvider;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.registry.Extensions;
import io.measureflow.api.registry.Registry;
import io.measureflow.core.data.ArrayDataset;
import io.measureflow.core.data.PreparedDataset;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Loads datasets and formats by name, and creates datasets from arrays.
 *
 * <pre>{@code
 * Dataset mine = Datasets.classes(features, labels);
 * Dataset mnist = Datasets.load("mnist", Path.of("data/mnist"));
 * }</pre>
 *
 * <p>The caller closes the dataset.
 */
public final class Datasets {

  private final Registry<DatasetProvider> registry;

  private Datasets(Registry<DatasetProvider> registry) {
    this.registry = registry;
  }

  /** Returns the datasets and formats that these extensions load. */
  public static Datasets of(Extensions extensions) {
    return new Datasets(
        extensions.of(DatasetProvider.KIND).map(provider -> provider.using(extensions)));
  }

  /** Returns the datasets and formats that the class path loads. */
  public static Datasets onClassPath() {
    return of(Extensions.onClassPath());
  }

  /**
   * Loads built-in data, for example {@code digits}.
   *
   * @throws io.measureflow.api.error.InvalidRequestException as {@link #load(DatasetRequest)}
   */
  public static Dataset load(String name) {
    return onClassPath().load(DatasetRequest.of(name, Optional.empty()));
  }

  /**
   * Loads a dataset from its folder, or a file of a format: {@code load("mnist", folder)}, {@code
   * load("csv", file)}. The label column of a table must be named {@code label}; use a {@link
   * DatasetRequest} for other names.
   *
   * @throws io.measureflow.api.error.InvalidRequestException as {@link #load(DatasetRequest)}
   */
  public static Dataset load(String name, Path data) {
    return onClassPath().load(DatasetRequest.of(name, Optional.of(data)));
  }

  /**
   * Creates a dataset of rows with one of several classes each from arrays, which are copied.
   *
   * @param features [rows][d]
   * @param labels [rows]; the classes are 0 to the largest label
   * @throws IllegalArgumentException if the sizes do not match, or a label is negative
   */
  public static Dataset classes(float[][] features, int[] labels) {
    return ArrayDataset.classes(features, labels);
  }

  /**
   * Creates a dataset of rows with one of several classes each from arrays, which are copied.
   *
   * @param features [rows][d]
   * @param labels [rows]; the classes are the distinct strings, sorted
   * @throws IllegalArgumentException if the sizes do not match
   */
  public static Dataset classes(float[][] features, String[] labels) {
    return ArrayDataset.classes(features, labels);
  }

  /**
   * Creates a dataset of rows with one real target each from arrays, which are copied.
   *
   * @param features [rows][d]
   * @param targets [rows]
   * @throws IllegalArgumentException if the sizes do not match
   */
  public static Dataset real(float[][] features, float[] targets) {
    return ArrayDataset.real(features, targets);
  }

  /**
   * Creates a dataset of rows with several real targets each from arrays, which are copied.
   *
   * @param features [rows][d]
   * @param targets [rows][p]
   * @throws IllegalArgumentException if the sizes do not match
   */
  public static Dataset real(float[][] features, float[][] targets) {
    return ArrayDataset.real(features, targets);
  }

  /**
   * Creates a dataset of rows without labels from an array, which is copied.
   *
   * @param features [rows][d]
   * @throws IllegalArgumentException if the rows differ in length
   */
  public static Dataset rows(float[][] features) {
    return ArrayDataset.rows(features);
  }

  /** Returns the descriptions of all datasets and formats, in the order of their loaders. */
  public List<DatasetProvider.Description> descriptions() {
    return registry.services().stream()
        .flatMap(
            provider ->
                provider.descriptions().stream()
                    .filter(
                        description -> provider.equals(registry.byName().get(description.name()))))
        .toList();
  }

  /** Returns the description of a name. */
  public DatasetProvider.Description description(String name) {
    return registry.get(name).descriptions().stream()
        .filter(description -> description.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  /**
   * Loads data, split, filled and standardised as the request says; for training, features are
   * standardised (tables) or scaled to [0, 1] (images) where it does not say.
   *
   * @throws io.measureflow.api.error.InvalidRequestException if nothing loads this name, the data
   *     do not allow what is requested, or as {@link DatasetProvider#load}
   */
  public Dataset load(DatasetRequest request) {
    DatasetProvider provider = registry.get(request.name());
    boolean open =
        request.use() == DatasetRequest.Use.TRAIN
            && request.scaling().isEmpty()
            && request.preprocessing().isEmpty();
    return PreparedDataset.load(
        open ? request.withScaling(Optional.of(provider.defaultScaling(request.name()))) : request,
        provider::load);
  }

  /** Loads data as the loader returns them: neither split nor filled nor standardized. */
  public Dataset loadUnprepared(DatasetRequest request) {
    return registry.get(request.name()).load(request);
  }
}
