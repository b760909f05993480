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
 * @param label the column to be predicted
 * @param scaling how features are scaled; empty: the loader's own choice
 */
public record DatasetConfig(
    String name,
    Optional<Path> data,
    Optional<Path> test,
    String label,
    Optional<DatasetRequest.Scaling> scaling) {

  /** The request to a loader. */
  public DatasetRequest request(Precision precision, DatasetRequest.Use use) {
    return new DatasetRequest(name, data, test, label, scaling, precision, use);
  }
}
