package io.measureflow.datasets.format;

import java.io.IOException;
import java.util.List;

/**
 * A table format that can also be written: {@code datasets convert} and the predictions of {@code
 * predict} use it for files with its extensions.
 */
public interface WritableTableFormat extends TableFormat {

  /**
   * Starts a table. On failure, everything that the writer opened is closed.
   *
   * @param fields the columns, at least one
   * @throws io.measureflow.api.error.InvalidRequestException if the format cannot represent them
   */
  TableWriter create(TableOutput output, List<Field> fields) throws IOException;
}
