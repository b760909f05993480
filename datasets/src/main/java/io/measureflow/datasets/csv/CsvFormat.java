package io.measureflow.datasets.csv;

import io.measureflow.api.data.DatasetRequest.Columns;
import io.measureflow.datasets.format.Field;
import io.measureflow.datasets.format.TableFile;
import io.measureflow.datasets.format.TableOutput;
import io.measureflow.datasets.format.TableWriter;
import io.measureflow.datasets.format.WritableTableFormat;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Comma-separated values. */
public final class CsvFormat implements WritableTableFormat {

  private static final String GZIP = "csv.gz";

  @Override
  public String name() {
    return "csv";
  }

  @Override
  public String summary() {
    return "A table as comma-separated values, with or without a header row, plain or gzip";
  }

  @Override
  public List<String> extensions() {
    return List.of(name(), GZIP);
  }

  @Override
  public TableFile open(Path file, Columns columns) throws IOException {
    return CsvTable.open(file, columns);
  }

  @Override
  public TableFile openTyped(Path file, Columns columns) throws IOException {
    return CsvTable.openTyped(file, columns);
  }

  @Override
  public TableFile openMixed(Path file, Columns columns) throws IOException {
    return CsvTable.openMixed(file, columns);
  }

  @Override
  public TableWriter create(TableOutput output, List<Field> fields) throws IOException {
    return new CsvTableWriter(output, fields, output.extension().equals(GZIP));
  }
}
