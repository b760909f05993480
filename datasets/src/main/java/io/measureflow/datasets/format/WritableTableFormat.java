package io.measureflow.datasets.format;

import java.io.IOException;
import java.util.List;

/**
 * A format of tables that can be written as well: {@code datasets convert} and the predictions of
 * {@code predict} go to files with its extensions.
 */
public interface WritableTableFormat extends TableFormat {

  /**
   * Begins a table; whatever the writer opened is closed again if that fails.
   *
   * @param fields the columns, at least one
   * @throws io.measureflow.api.error.InvalidRequestException if the format cannot hold them
   */
  TableWriter create(TableOutput output, List<Field> fields) throws IOException;
}
