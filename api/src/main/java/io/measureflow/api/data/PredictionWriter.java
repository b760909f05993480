package io.measureflow.api.data;

import io.measureflow.api.backend.Tensor;
import io.measureflow.api.registry.Extensions;
import io.measureflow.api.registry.Kind;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * Writes predictions as a table. Found by {@link java.util.ServiceLoader}. The file appears,
 * complete, when the writer is closed after {@link Rows#commit}; otherwise no file is left.
 */
public interface PredictionWriter {

  /** Writers are found by the file extensions that they write. */
  Kind<PredictionWriter> KIND =
      Kind.ofFiles(PredictionWriter.class, "format", "formats", PredictionWriter::extensions);

  /**
   * Returns this writer, looking up what it needs by name, such as table formats, among these
   * extensions.
   */
  default PredictionWriter using(Extensions extensions) {
    return this;
  }

  /** Returns the file extensions that it writes, without the first dot: {@code csv.gz}. */
  List<String> extensions();

  /** Returns whether it writes files with this extension. */
  default boolean writes(Path file) {
    String name = file.toString().toLowerCase(Locale.ROOT);
    return extensions().stream().anyMatch(extension -> name.endsWith("." + extension));
  }

  /**
   * Opens a file for writing.
   *
   * @param file a path with one of the {@link #extensions}
   * @param columns the names of the columns, at least one
   */
  Rows open(Path file, List<String> columns);

  /** A file being written. */
  interface Rows extends AutoCloseable {

    /** Appends the first {@code rows} rows of a batch [B, columns]. */
    void append(Tensor batch, int rows);

    /** Marks the file as complete. */
    void commit();

    @Override
    void close();
  }
}
