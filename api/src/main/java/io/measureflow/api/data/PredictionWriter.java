package io.measureflow.api.data;

import io.measureflow.api.backend.Tensor;
import io.measureflow.api.registry.Extensions;
import io.measureflow.api.registry.Kind;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * Writes predictions as a table, found by {@link java.util.ServiceLoader}. The file appears whole
 * when the writer is closed after {@link Rows#commit}; otherwise nothing appears.
 */
public interface PredictionWriter {

  /** Writers are found by the extensions of the files that they write. */
  Kind<PredictionWriter> KIND =
      Kind.ofFiles(PredictionWriter.class, "format", "formats", PredictionWriter::extensions);

  /**
   * The same writer, which looks up by name what it needs itself, such as formats of tables, among
   * these extensions.
   */
  default PredictionWriter using(Extensions extensions) {
    return this;
  }

  /** The endings of the files that it writes, without the first dot: {@code csv.gz}. */
  List<String> extensions();

  /** Whether it writes files of this name's extension. */
  default boolean writes(Path file) {
    String name = file.toString().toLowerCase(Locale.ROOT);
    return extensions().stream().anyMatch(extension -> name.endsWith("." + extension));
  }

  /**
   * Begins a file.
   *
   * @param file a name with one of the {@link #extensions}
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
