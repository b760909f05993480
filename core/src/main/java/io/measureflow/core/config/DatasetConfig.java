package io.measureflow.core.config;

import io.measureflow.api.backend.Precision;
import io.measureflow.api.data.DatasetRequest;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The section {@code dataset}: which data to load.
 *
 * @param name the name of a dataset or of a format
 * @param data its folder or file; empty for built-in data
 * @param test the file of the test rows
 * @param columns how the columns of a table are understood
 * @param scaling how features are scaled; empty: the loader's own choice
 * @param split which rows are held out as test rows
 * @param storage where the rows are kept
 */
public record DatasetConfig(
    String name,
    Optional<Path> data,
    Optional<Path> test,
    DatasetRequest.Columns columns,
    Optional<DatasetRequest.Scaling> scaling,
    DatasetRequest.Split split,
    DatasetRequest.Storage storage) {

  /** The same for another dataset or format. */
  public DatasetConfig named(String other) {
    return new DatasetConfig(other, data, test, columns, scaling, split, storage);
  }

  /** The request to a loader. */
  public DatasetRequest request(Precision precision, DatasetRequest.Use use) {
    return new DatasetRequest(
        name, data, test, columns, scaling, split, storage, precision, use, Optional.empty());
  }
}
