package io.measureflow.datasets.arrow;

import io.measureflow.api.data.DatasetRequest.Columns;
import io.measureflow.datasets.format.Field;
import io.measureflow.datasets.format.TableFile;
import io.measureflow.datasets.format.TableOutput;
import io.measureflow.datasets.format.TableWriter;
import io.measureflow.datasets.format.WritableTableFormat;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Arrow IPC files and streams. */
public final class ArrowFormat implements WritableTableFormat {

  private static final String STREAM = "arrows";

  @Override
  public String name() {
    return "arrow";
  }

  @Override
  public String summary() {
    return "A table as an Arrow IPC file or stream";
  }

  @Override
  public List<String> extensions() {
    return List.of(name(), STREAM);
  }

  @Override
  public TableFile open(Path file, Columns columns) {
    return ArrowIpcTable.open(file);
  }

  @Override
  public TableWriter create(TableOutput output, List<Field> fields) throws IOException {
    return new ArrowTableWriter(output.channel(), fields, output.extension().equals(STREAM));
  }
}
