package io.measureflow.api.data;

import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.registry.Extensions;
import io.measureflow.api.registry.Kind;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

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

  /** Opens a file for writing. */
  Rows open(Request request);

  /**
   * Opens a file for numbers, of the type of the first batch.
   *
   * @param file a path with one of the {@link #extensions}
   * @param columns the names of the columns, at least one
   */
  default Rows open(Path file, List<String> columns) {
    return open(
        new Request(
            file,
            Optional.empty(),
            columns.stream().<Column>map(name -> new Numbers(name, Optional.empty())).toList(),
            Optional.empty()));
  }

  /**
   * What to write.
   *
   * @param file the file; {@link io.measureflow.api.io.AtomicFile#STANDARD_OUTPUT} for standard
   *     output. A device or a pipe is written directly
   * @param extension the extension that names the format; empty where the name of the file ends
   *     with one of the {@link #extensions}
   * @param columns the columns of the predictions, of different names, at least one
   * @param kept columns of the source of the rows to be repeated before them
   */
  record Request(Path file, Optional<String> extension, List<Column> columns, Optional<Kept> kept) {

    /** Copies the list. */
    public Request {
      columns = List.copyOf(columns);
    }
  }

  /** A column of predictions. */
  sealed interface Column {

    /** Returns the name. */
    String name();
  }

  /**
   * A column of numbers.
   *
   * @param type FLOAT32 or FLOAT64; empty: the type of the batches
   */
  record Numbers(String name, Optional<ElementType> type) implements Column {}

  /**
   * A column of texts, such as the names of classes. Integers in plain form ({@code 0}, {@code 12},
   * {@code -3}) become an integer column where all values are of that kind.
   *
   * @param values the texts that occur; a batch has their indices
   */
  record Texts(String name, List<String> values) implements Column {
    /** Copies the list. */
    public Texts {
      values = List.copyOf(values);
    }
  }

  /**
   * Columns of a table to be repeated as they are, in their own types.
   *
   * @param source the table whose rows are predicted for; its columns and their options matter
   * @param columns their names, at least one
   */
  record Kept(DatasetRequest source, List<String> columns) {
    /** Copies the list. */
    public Kept {
      columns = List.copyOf(columns);
    }
  }

  /** A file being written. */
  interface Rows extends AutoCloseable {

    /**
     * Appends the first {@code rows} rows of a batch [B, columns] of FLOAT32 or FLOAT64, all
     * batches of one type. For {@link Texts} a number is the index of a text.
     */
    void append(Tensor batch, int rows);

    /** Marks the file as complete. */
    void commit();

    @Override
    void close();
  }
}
