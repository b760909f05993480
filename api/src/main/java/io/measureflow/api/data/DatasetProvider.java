package io.measureflow.api.data;

import io.measureflow.api.registry.Extensions;
import io.measureflow.api.registry.Kind;
import java.util.List;

/** A loader. Found by {@link java.util.ServiceLoader}. {@link #descriptions} reads no data. */
public interface DatasetProvider {

  /** Loaders are found by the names of the datasets and formats they describe. */
  Kind<DatasetProvider> KIND =
      Kind.ofSeveral(
          DatasetProvider.class,
          "dataset",
          "datasets",
          provider -> provider.descriptions().stream().map(Description::name).toList());

  /**
   * Returns this loader, looking up what it needs by name, such as table formats, among these
   * extensions.
   */
  default DatasetProvider using(Extensions extensions) {
    return this;
  }

  /** Returns the datasets or formats that it loads. */
  List<Description> descriptions();

  /**
   * Loads a dataset. A loader handles columns, scaling to the range of the type, storage, precision
   * and use. Splits, filling of missing values and standardization happen above it; it treats
   * {@link DatasetRequest.Scaling#STANDARDISE} as {@link DatasetRequest.Scaling#NONE}.
   *
   * @throws io.measureflow.api.error.InvalidRequestException if the files are missing or malformed;
   *     the message names file, position, what was expected and what was found
   */
  Dataset load(DatasetRequest request);

  /**
   * How features are scaled for training where the request does not say: those of tables are
   * standardised; providers of images, whose bytes have a range, choose {@link
   * DatasetRequest.Scaling#UNIT}.
   *
   * @param name one of the names on offer
   */
  default DatasetRequest.Scaling defaultScaling(String name) {
    return DatasetRequest.Scaling.STANDARDISE;
  }

  /**
   * A dataset or format on offer.
   *
   * @param name the name to request it by
   * @param summary a description of one line
   * @param howToGet what {@code --data} must name, and where to get it
   */
  record Description(String name, String summary, String howToGet) {}
}
