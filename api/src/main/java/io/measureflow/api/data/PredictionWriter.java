package io.measureflow.api.data;

import io.measureflow.api.backend.Tensor;
import java.nio.file.Path;
import java.util.List;

/**
 * Writes predictions as a table, found by {@link java.util.ServiceLoader}. The file appears whole
 * when the writer is closed after {@link Rows#commit}; otherwise nothing appears.
 */
public interface PredictionWriter {

  /** Whether it writes files of this name's extension. */
  boolean writes(Path file);

  /**
   * Begins a file.
   *
   * @param columns the names of the columns, at least one
   */
  Rows open(Path file, List<String> columns);

  /** A file being written. */
  interface Rows extends AutoCloseable {

    /** Appends the first {@code rows} rows of a batch [B, columns]. */
    void append(Tensor batch, int rows);

    /** Declares the file complete. */
    void commit();

    @Override
    void close();
  }
}
