package io.measureflow.datasets;

import io.measureflow.datasets.TableFile.Cells;
import java.io.IOException;

/**
 * Writes rows of typed columns in some format, forward and in bounded memory. It does not own the
 * file: whoever does commits it after {@link #finish}.
 */
interface TableWriter extends AutoCloseable {

  /**
   * Appends rows.
   *
   * @param columns the cells of each column
   * @param rows the number of rows, the first of the cells
   */
  void append(Cells[] columns, int rows) throws IOException;

  /** Writes what comes after the rows. */
  void finish() throws IOException;

  /** Frees memory; what was not finished is not a file of the format. */
  @Override
  void close();
}
