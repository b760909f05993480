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
 * The datasets and formats that can be loaded, by name, and datasets from arrays.
 *
 * <pre>{@code
 * Dataset mine = Datasets.classes(features, labels);
 * Dataset mnist = Datasets.load("mnist", Path.of("data/mnist"));
 * }</pre>
 *
 * <p>Whoever gets a dataset closes it.
 */
public final class Datasets {

  private final Registry<DatasetProvider> registry;

  private Datasets(Registry<DatasetProvider> registry) {
    this.registry = registry;
  }

  /** What can be loaded with these extensions, formats of tables among them. */
  public static Datasets of(Extensions extensions) {
    return new Datasets(
        extensions.of(DatasetProvider.KIND).map(provider -> provider.using(extensions)));
  }

  /** What can be loaded with what is on the class path. */
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
   * load("csv", file)}. The label column of a table is called {@code label}; a {@link
   * DatasetRequest} names others.
   *
   * @throws io.measureflow.api.error.InvalidRequestException as {@link #load(DatasetRequest)}
   */
  public static Dataset load(String name, Path data) {
    return onClassPath().load(DatasetRequest.of(name, Optional.of(data)));
  }

  /**
   * Rows of one of several classes each, from arrays, which are copied.
   *
   * @param features [rows][d]
   * @param labels [rows]; the classes are the numbers from 0 to the largest
   * @throws IllegalArgumentException if the sizes do not fit, or a label is negative
   */
  public static Dataset classes(float[][] features, int[] labels) {
    return ArrayDataset.classes(features, labels);
  }

  /**
   * Rows of one of several classes each, from arrays, which are copied.
   *
   * @param features [rows][d]
   * @param labels [rows]; the classes are the different texts, sorted
   * @throws IllegalArgumentException if the sizes do not fit
   */
  public static Dataset classes(float[][] features, String[] labels) {
    return ArrayDataset.classes(features, labels);
  }

  /**
   * Rows with one real target each, from arrays, which are copied.
   *
   * @param features [rows][d]
   * @param targets [rows]
   * @throws IllegalArgumentException if the sizes do not fit
   */
  public static Dataset real(float[][] features, float[] targets) {
    return ArrayDataset.real(features, targets);
  }

  /**
   * Rows with several real targets each, from arrays, which are copied.
   *
   * @param features [rows][d]
   * @param targets [rows][p]
   * @throws IllegalArgumentException if the sizes do not fit
   */
  public static Dataset real(float[][] features, float[][] targets) {
    return ArrayDataset.real(features, targets);
  }

  /**
   * Rows without labels, from an array, which is copied.
   *
   * @param features [rows][d]
   * @throws IllegalArgumentException if the rows are not of one length
   */
  public static Dataset rows(float[][] features) {
    return ArrayDataset.rows(features);
  }

  /** The descriptions of all that can be loaded, by provider, in its order. */
  public List<DatasetProvider.Description> descriptions() {
    return registry.services().stream()
        .flatMap(
            provider ->
                provider.descriptions().stream()
                    .filter(
                        description -> provider.equals(registry.byName().get(description.name()))))
        .toList();
  }

  /** The description of a name. */
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
   * @throws io.measureflow.api.error.InvalidRequestException if nothing loads this name, if the
   *     data do not allow what is asked for, or as {@link DatasetProvider#load}
   */
  public Dataset load(DatasetRequest request) {
    DatasetProvider provider = registry.get(request.name());
    boolean open =
        request.use() == DatasetRequest.Use.TRAIN
            && request.scaling().isEmpty()
            && request.preprocessing().isEmpty();
    return PreparedDataset.load(
        open
            ? request.withScaling(Optional.of(provider.usualScaling(request.name())))
            : request,
        provider::load);
  }

  /** Loads data as the loader yields them: neither split nor filled nor standardised. */
  public Dataset loadUnprepared(DatasetRequest request) {
    return registry.get(request.name()).load(request);
  }
}
