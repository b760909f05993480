package io.measureflow.api.data;

import io.measureflow.api.registry.Extensions;
import io.measureflow.api.registry.Kind;
import java.util.List;

/**
 * A loader, found by {@link java.util.ServiceLoader}. Asking for its descriptions reads no data.
 */
public interface DatasetProvider {

  /** Datasets and formats are found by the names of their descriptions. */
  Kind<DatasetProvider> KIND =
      Kind.ofSeveral(
          DatasetProvider.class,
          "dataset",
          "datasets",
          provider -> provider.descriptions().stream().map(Description::name).toList());

  /**
   * The same provider, which looks up by name what it needs itself, such as formats of tables,
   * among these extensions.
   */
  default DatasetProvider using(Extensions extensions) {
    return this;
  }

  /** The datasets or formats that it loads. */
  List<Description> descriptions();

  /**
   * Loads one of them. A loader honours what concerns its source: columns, scaling to the range of
   * the type, storage, precision and use. Splits, the means that fill missing values and
   * standardised features are made from its tables by whoever calls it; to it, {@link
   * DatasetRequest.Scaling#STANDARDISE} is {@link DatasetRequest.Scaling#NONE}.
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
  default DatasetRequest.Scaling usualScaling(String name) {
    return DatasetRequest.Scaling.STANDARDISE;
  }

  /**
   * A dataset or format on offer.
   *
   * @param name the name to ask by
   * @param summary what it is, in one line
   * @param howToGet what {@code --data} must name, and where to get it
   */
  record Description(String name, String summary, String howToGet) {}
}
