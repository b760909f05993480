package io.measureflow.datasets.format;

import io.measureflow.api.data.DatasetRequest.Columns;
import io.measureflow.api.registry.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A table format that can be read. {@link WritableTableFormat} adds writing.
 *
 * <p>An implementation is a public class with a public constructor without parameters. It is found
 * by {@link java.util.ServiceLoader}: its jar lists it in {@code
 * META-INF/services/io.measureflow.datasets.format.TableFormat}. Tables then load by its name
 * ({@code --dataset NAME --data FILE}), with all the usual features: labels, missing values,
 * scaling, splits and caches.
 */
public interface TableFormat {

  /** Formats are found by name. */
  Kind<TableFormat> KIND =
      Kind.of(TableFormat.class, "table format", "table formats", TableFormat::name);

  /**
   * Returns the unique name of the format: lower-case letters and digits, with hyphens inside, such
   * as {@code csv}.
   */
  String name();

  /** Returns a description of one line, such as "A table as a Parquet file". */
  String summary();

  /**
   * Returns the file extensions without the first dot, in lower case, such as {@code csv} and
   * {@code csv.gz}; the default first. No two formats write files with the same extension.
   */
  default List<String> extensions() {
    return List.of(name());
  }

  /**
   * Opens a file.
   *
   * @param file a regular file
   * @param columns how to interpret the columns; only needed by formats without types or names
   * @throws IOException if the file cannot be read
   * @throws io.measureflow.api.error.InvalidRequestException if it is not a table of the format;
   *     the message names file, position, what was expected and what was found
   */
  TableFile open(Path file, Columns columns) throws IOException;

  /**
   * Opens a file for conversion: each column has a type ({@link TableFile.Column#values}), if
   * necessary by reading all rows.
   */
  default TableFile openTyped(Path file, Columns columns) throws IOException {
    return open(file, columns);
  }

  /**
   * Opens a file as {@link #openTyped} does, to repeat its cells beside others: a column that holds
   * both numbers and text is text. Formats that store types need not override this.
   */
  default TableFile openMixed(Path file, Columns columns) throws IOException {
    return openTyped(file, columns);
  }
}
