package io.measureflow.datasets.store;

import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.DatasetRequest.Scaling;
import io.measureflow.api.data.Preprocessing;
import io.measureflow.api.data.Schema;
import io.measureflow.api.data.SourceColumn;
import io.measureflow.api.data.Table;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A dataset of tables and their memory.
 *
 * @param scaling how the features were scaled
 * @param hash computes the fingerprint, or waits for it
 * @param columns the columns of the source
 * @param release frees everything; may be called more than once
 */
public record ArrowDataset(
    String name,
    Schema schema,
    Scaling scaling,
    Table train,
    Optional<Table> test,
    Supplier<String> hash,
    List<SourceColumn> columns,
    Runnable release)
    implements Dataset {

  /** Creates a dataset without source columns. */
  public ArrowDataset(
      String name,
      Schema schema,
      Scaling scaling,
      Table train,
      Optional<Table> test,
      Supplier<String> hash,
      Runnable release) {
    this(name, schema, scaling, train, test, hash, List.of(), release);
  }

  @Override
  public Preprocessing preprocessing() {
    return Preprocessing.scaled(schema, scaling);
  }

  @Override
  public String fingerprint() {
    return hash.get();
  }

  @Override
  public void close() {
    release.run();
  }
}
