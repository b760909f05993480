package io.measureflow.cli.tune;

import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.Preprocessing;
import io.measureflow.api.data.Schema;
import io.measureflow.api.data.SourceColumn;
import io.measureflow.api.data.Table;
import java.util.List;
import java.util.Optional;

/** A dataset without its test rows, which no choice may depend on. Closing it does nothing. */
record TrainingRows(Dataset all) implements Dataset {

  @Override
  public String name() {
    return all.name();
  }

  @Override
  public Schema schema() {
    return all.schema();
  }

  @Override
  public Table train() {
    return all.train();
  }

  @Override
  public Optional<Table> test() {
    return Optional.empty();
  }

  @Override
  public String fingerprint() {
    return all.fingerprint();
  }

  @Override
  public Preprocessing preprocessing() {
    return all.preprocessing();
  }

  @Override
  public List<SourceColumn> columns() {
    return all.columns();
  }

  @Override
  public List<String> trainFiles() {
    return all.trainFiles();
  }

  @Override
  public void close() {}
}
