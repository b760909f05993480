package io.measureflow.datasets.format;

import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.io.AtomicFile;
import io.measureflow.datasets.io.Numeral;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * An open table: named and typed columns, read forward in batches. The meaning of the columns,
 * missing values and storage are handled above this interface, for all formats alike.
 *
 * <p>Used by one thread at a time.
 */
public interface TableFile extends AutoCloseable {

  /** Returns the path of the file. */
  Path path();

  /** Returns the columns, at least one. */
  List<Column> columns();

  /** Returns whether the file names its columns; otherwise their names are their indices. */
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
   * @throws IOException if the file cannot be read; the cursor may throw it too
   */
  Batches read(Selection columns) throws IOException;

  /**
   * Returns the number of blocks that can be read independently; 0 if the table cannot be streamed.
   */
  default int blocks() {
    return 0;
  }

  /** Reads the rows of one block. Only one block is read at a time. */
  default Batches readBlock(Selection columns, int block) throws IOException {
    throw new IllegalStateException(path() + " has no blocks.");
  }

  /** Creates the error for a file that cannot be read to its end. */
  default InvalidRequestException malformed(Throwable cause) {
    return new InvalidRequestException(
        path()
            + ": expected a table, found data that cannot be read ("
            + AtomicFile.reason(cause)
            + "). Check how the file was written.",
        cause);
  }

  /** Releases the resources of the file. */
  @Override
  default void close() throws IOException {}

  /** The kind of the cells of a column. */
  enum Kind {
    /** Integers in a typed column. */
    INTEGER,
    /** Floating-point numbers in a typed column. */
    REAL,
    /** Strings that represent numbers. */
    NUMERAL,
    /** Truth values: as features 0 and 1, as labels "false" and "true". */
    TRUTH,
    /** Text: labels, and features that are categories. */
    TEXT,
    /** Dates, times, or both: {@link Cells#number} returns days since 1970-01-01 in UTC. */
    DATE,
    /** Something else: nested values, bytes. */
    OTHER;

    /** Returns whether a column of this kind is a feature as it is. */
    public boolean isNumeric() {
      return this != TEXT && this != DATE && this != OTHER;
    }

    /** Returns whether the values of a column of this kind can be classes or categories. */
    public boolean isCategorical() {
      return this != DATE && this != OTHER;
    }
  }

  /**
   * A column.
   *
   * @param type the type in the terms of the format, for messages
   * @param values the type of its cells, if known and a {@link ValueType}; conversions leave out
   *     columns without it
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

    /** Creates a column of otherwise unknown properties. */
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

    /** Advances to the next batch; returns false after the last one. */
    boolean next() throws IOException;

    /** Returns the number of rows of the batch. */
    int rows();

    /**
     * Returns the cells of a column in the current batch; valid until the next one.
     *
     * @param column the index of a column in the selection
     */
    Cells cells(int column);

    /**
     * Returns the position of a row of the batch in the file, for messages.
     *
     * @param first the number of rows before this batch
     */
    default long line(int row, long first) {
      return first + row + 1;
    }

    /** Releases the resources of the cursor. */
    @Override
    default void close() throws IOException {}
  }

  /** The cells of a column in one batch, by row index within the batch. */
  interface Cells {

    /** Returns whether the value is missing. NaN is a value, returned by {@link #number}. */
    boolean isMissing(int row);

    /**
     * Returns the number in a cell of a numeric column, or of one of dates; NaN if missing.
     *
     * @throws InvalidRequestException if the cell is not a number; see {@link #badCell}
     */
    double number(int row);

    /**
     * Reads the numbers of several cells; NaN if missing.
     *
     * @param to the position of the first number
     * @param step the distance between positions
     */
    default void numbers(int from, int count, double[] numbers, int to, int step) {
      for (int i = 0; i < count; i++) {
        numbers[to + i * step] = isMissing(from + i) ? Double.NaN : number(from + i);
      }
    }

    /**
     * Returns the integer in a cell of a column whose {@link Column#values} are integers; for
     * unsigned 64-bit integers, their bits.
     *
     * @throws IllegalStateException if the column has another type
     */
    default long integer(int row) {
      throw new IllegalStateException("no integers");
    }

    /** Returns the cell as a label: "true" or "false" for booleans, "" if missing. */
    String text(int row);
  }

  /**
   * Creates the error for a cell.
   *
   * @param line the position of the row in the file; see {@link Batches#line}
   */
  static InvalidRequestException badCell(
      Path file, long line, String column, String expected, String found) {
    return InvalidRequestException.of(
        file + ", row " + line + ", column \"" + column + "\"",
        expected,
        found,
        Numeral.isMissing(found) || found.startsWith("nothing")
            ? "Train with --missing auto (the mean of a column of numbers, a value of its own for"
                + " text) or --missing drop, or leave the row or the column out."
            : "Correct the cell, or leave the row or the column out.");
  }

  /** Creates the error for a label without a value. */
  static InvalidRequestException noLabel(Path file, long line, String column, String found) {
    return InvalidRequestException.of(
        file + ", row " + line + ", column \"" + column + "\"",
        "a label",
        found,
        "Choose --missing drop, which leaves such rows out, or correct the cell.");
  }
}
