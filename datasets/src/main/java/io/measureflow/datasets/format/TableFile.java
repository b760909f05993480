package io.measureflow.datasets.format;

import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.datasets.io.Numeral;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * An open table: named and typed columns, read forward in batches. What the columns mean, what is
 * done about missing values and where rows are kept is decided above this, for all formats alike.
 *
 * <p>Calls come from one thread at a time.
 */
public interface TableFile extends AutoCloseable {

  /** Where it lies. */
  Path path();

  /** Its columns, at least one. */
  List<Column> columns();

  /** Whether the file names its columns; otherwise their names are their numbers. */
  default boolean named() {
    return true;
  }

  /**
   * What a reader of the table should know: what was inferred where there is doubt, with the option
   * that decides. Each is said in one line.
   */
  default List<String> remarks() {
    return List.of();
  }

  /**
   * All rows from the first on. Several cursors may be open at a time.
   *
   * @throws IOException if the file cannot be read; so may the cursor
   */
  Batches read(Selection columns) throws IOException;

  /** The number of parts that can be read by themselves; 0 if the table cannot be streamed. */
  default int blocks() {
    return 0;
  }

  /** The rows of one part. Only one part is read at a time. */
  default Batches readBlock(Selection columns, int block) throws IOException {
    throw new IllegalStateException(path() + " has no blocks.");
  }

  /** The error for a file that cannot be read to its end. */
  default InvalidRequestException malformed(Throwable cause) {
    String message = cause.getMessage();
    return new InvalidRequestException(
        path()
            + ": expected a table, found data that cannot be read ("
            + (message == null ? cause.getClass().getSimpleName() : message)
            + "). Check how the file was written.",
        cause);
  }

  /** Frees what the file holds. */
  @Override
  default void close() throws IOException {}

  /** What the cells of a column hold. */
  enum Kind {
    /** Integers in a typed column. */
    INTEGER,
    /** Floating-point numbers in a typed column. */
    REAL,
    /** Text that reads as numbers. */
    NUMERAL,
    /** Truth values: as features 0 and 1, as labels "false" and "true". */
    TRUTH,
    /** Text: labels, but no features. */
    TEXT,
    /** Something else: dates, nested values, an index. */
    OTHER;

    /** Whether a column of this kind can be a feature. */
    public boolean isNumeric() {
      return this != TEXT && this != OTHER;
    }
  }

  /**
   * A column.
   *
   * @param type the type in the words of the format, for messages
   * @param values what its cells hold, if that is known and a {@link ValueType}; columns without it
   *     are left out of conversions
   * @param nullable whether cells may lack a value
   * @param aside why it is no feature unless a model or a label names it, such as an index of rows;
   *     empty for columns of data
   */
  record Column(
      String name,
      Kind kind,
      String type,
      Optional<ValueType> values,
      boolean nullable,
      Optional<String> aside) {

    /** A column of data. */
    public Column(
        String name, Kind kind, String type, Optional<ValueType> values, boolean nullable) {
      this(name, kind, type, values, nullable, Optional.empty());
    }

    /** A column of which no more is known. */
    public Column(String name, Kind kind, String type) {
      this(name, kind, type, Optional.empty(), true);
    }

    /** The same column, which is no feature. */
    public Column setAside(String reason) {
      return new Column(name, kind, type, values, nullable, Optional.of(reason));
    }
  }

  /** A cursor over batches of rows. It starts before the first batch. */
  interface Batches extends AutoCloseable {

    /** Goes to the next batch; false after the last one. */
    boolean next() throws IOException;

    /** The number of rows of the batch. */
    int rows();

    /**
     * The cells of a column in the current batch; valid until the next one.
     *
     * @param column the number of a column that the selection wants
     */
    Cells cells(int column);

    /**
     * Where a row of the batch stands in the file, for messages.
     *
     * @param first the number of rows before this batch
     */
    default long line(int row, long first) {
      return first + row + 1;
    }

    /** Frees what the cursor holds. */
    @Override
    default void close() throws IOException {}
  }

  /** The cells of a column in one batch, by the number of the row in the batch. */
  interface Cells {

    /** Whether there is no value. NaN is a value, returned by {@link #number}. */
    boolean isMissing(int row);

    /**
     * The number in a cell of a numeric column; NaN where there is none.
     *
     * @throws InvalidRequestException if the cell holds something else; see {@link #badCell}
     */
    double number(int row);

    /**
     * The numbers of several cells; NaN where there is none.
     *
     * @param to where the first number goes
     * @param step how far apart they are put
     */
    default void numbers(int from, int count, double[] numbers, int to, int step) {
      for (int i = 0; i < count; i++) {
        numbers[to + i * step] = isMissing(from + i) ? Double.NaN : number(from + i);
      }
    }

    /**
     * The integer in a cell of a column whose {@link Column#values} are integers; of unsigned ones
     * of 64 bits, the bits.
     *
     * @throws IllegalStateException if the column holds something else
     */
    default long integer(int row) {
      throw new IllegalStateException("no integers");
    }

    /** The cell as a label; "true" or "false" for truth values, "" where there is no value. */
    String text(int row);
  }

  /**
   * The error for a cell.
   *
   * @param line where the row stands in the file; see {@link Batches#line}
   */
  static InvalidRequestException badCell(
      Path file, long line, String column, String expected, String found) {
    return InvalidRequestException.of(
        file + ", row " + line + ", column \"" + column + "\"",
        expected,
        found,
        Numeral.isMissing(found) || found.startsWith("nothing")
            ? "Choose --missing mean or --missing drop, or leave the row or the column out."
            : "Correct the cell, or leave the row or the column out.");
  }
}
