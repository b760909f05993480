package io.measureflow.api.data;

import io.measureflow.api.backend.Tensor;
import java.nio.file.Path;

/**
 * Writes predictions as a table with columns {@code y0, y1, ...}, found by {@link
 * java.util.ServiceLoader}. The file appears whole when the writer is closed after {@link
 * Rows#commit}; otherwise nothing appears.
 */
public interface PredictionWriter {

  /** Whether it writes files of this name's extension. */
  boolean writes(Path file);

  /**
   * Begins a file.
   *
   * @param columns p, the number of columns
   */
  Rows open(Path file, int columns);

  /** A file being written. */
  interface Rows extends AutoCloseable {

    /** Appends the first {@code rows} rows of a batch [B, p]. */
    void append(Tensor batch, int rows);

    /** Declares the file complete. */
    void commit();

    @Override
    void close();
  }
}
