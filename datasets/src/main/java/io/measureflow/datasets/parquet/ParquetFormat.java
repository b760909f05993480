package io.measureflow.datasets.parquet;

import io.measureflow.api.data.DatasetRequest.Columns;
import io.measureflow.datasets.format.Field;
import io.measureflow.datasets.format.TableFile;
import io.measureflow.datasets.format.TableOutput;
import io.measureflow.datasets.format.TableWriter;
import io.measureflow.datasets.format.WritableTableFormat;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Parquet files. */
public final class ParquetFormat implements WritableTableFormat {

  @Override
  public String name() {
    return "parquet";
  }

  @Override
  public String summary() {
    return "A table as a Parquet file";
  }

  @Override
  public TableFile open(Path file, Columns columns) {
    return ParquetTable.open(file);
  }

  @Override
  public TableWriter create(TableOutput output, List<Field> fields) throws IOException {
    return new ParquetTableWriter(output.channel(), fields);
  }
}
