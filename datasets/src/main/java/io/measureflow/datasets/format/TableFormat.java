package io.measureflow.datasets.format;

import io.measureflow.api.data.DatasetRequest.Columns;
import io.measureflow.api.registry.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A format of tables that can be read. {@link WritableTableFormat} adds writing.
 *
 * <p>An implementation is a public class with a public constructor without parameters. It is found
 * by {@link java.util.ServiceLoader}: its jar lists it in {@code
 * META-INF/services/io.measureflow.datasets.format.TableFormat}. It then loads by its name ({@code
 * --dataset NAME --data FILE}), with all that holds for tables: labels, missing values, scaling,
 * splits and caches.
 */
public interface TableFormat {

  /** Formats are found by name. */
  Kind<TableFormat> KIND =
      Kind.of(TableFormat.class, "table format", "table formats", TableFormat::name);

  /**
   * The name to ask by: lower-case letters and digits, also with hyphens inside, such as {@code
   * csv}. No other format has it.
   */
  String name();

  /** What it is, in one line, such as "A table as a Parquet file". */
  String summary();

  /**
   * The endings of its files' names without the first dot, in lower case, such as {@code csv} and
   * {@code csv.gz}; the usual one first. No two formats write files with the same one.
   */
  default List<String> extensions() {
    return List.of(name());
  }

  /**
   * Opens a file.
   *
   * @param file a regular file
   * @param columns how the columns are understood; only formats without types or names need it
   * @throws IOException if the file cannot be read
   * @throws io.measureflow.api.error.InvalidRequestException if it is not a table of the format;
   *     the message names file, position, what was expected and what was found
   */
  TableFile open(Path file, Columns columns) throws IOException;

  /**
   * Opens a file to be converted: each column says what its cells hold ({@link
   * TableFile.Column#values}), if need be after a look at all rows.
   */
  default TableFile openTyped(Path file, Columns columns) throws IOException {
    return open(file, columns);
  }
}
