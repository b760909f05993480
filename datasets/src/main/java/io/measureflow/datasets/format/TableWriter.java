package io.measureflow.datasets.format;

import io.measureflow.datasets.format.TableFile.Cells;
import java.io.IOException;

/** Writes rows of typed columns, forward and in bounded memory. */
public interface TableWriter extends AutoCloseable {

  /**
   * Appends rows.
   *
   * @param columns the cells of each column
   * @param rows the number of rows, the first of the cells
   * @throws IOException if the output cannot be written
   * @throws io.measureflow.api.error.InvalidRequestException if the format cannot represent a value
   */
  void append(Cells[] columns, int rows) throws IOException;

  /** Writes the end of the table. */
  void finish() throws IOException;

  /** Frees memory. Without {@link #finish}, the output is incomplete. */
  @Override
  default void close() {}
}
