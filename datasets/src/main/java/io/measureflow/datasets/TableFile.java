package io.measureflow.datasets;

import io.measureflow.api.error.InvalidRequestException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A table in a file of some format: named and typed columns, read forward in batches. This is all
 * that a format has to provide; what the columns mean is decided by {@link TablePlan} alone.
 */
interface TableFile extends AutoCloseable {

  /** Where it lies. */
  Path path();

  /** Its columns, at least one. */
  List<Column> columns();

  /** Whether the file names its columns; otherwise their names are their numbers. */
  default boolean named() {
    return true;
  }

  /**
   * All rows from the first on.
   *
   * @param plan which columns are wanted
   */
  Batches read(TablePlan plan) throws IOException;

  /** The number of parts that can be read by themselves; 0 where there are none. */
  default int blocks() {
    return 0;
  }

  /** The rows of one part. */
  default Batches readBlock(TablePlan plan, int block) throws IOException {
    throw new IllegalStateException(path() + " has no blocks.");
  }

  /** The error of a file that cannot be read to its end. */
  InvalidRequestException malformed(Throwable cause);

  @Override
  void close() throws IOException;

  /** What the cells of a column hold. */
  enum Kind {
    /** Integers in a typed column. */
    INTEGER,
    /** Floating-point numbers in a typed column. */
    REAL,
    /** Text that reads as numbers. */
    NUMERAL,
    /** Text or truth values: labels, but no features. */
    TEXT,
    /** Something else: dates, decimals, nested values. */
    OTHER;

    /** Whether a column of this kind can be a feature. */
    boolean isNumeric() {
      return this == INTEGER || this == REAL || this == NUMERAL;
    }
  }

  /**
   * A column.
   *
   * @param type what the file says of it, for messages
   * @param values what its cells hold, where that is known without a look at them and there is a
   *     name for it here
   * @param nullable whether cells may lack a value
   */
  record Column(String name, Kind kind, String type, Optional<ValueType> values, boolean nullable) {

    /** A column of which no more is known. */
    Column(String name, Kind kind, String type) {
      this(name, kind, type, Optional.empty(), true);
    }
  }

  /** A cursor over batches of rows. */
  interface Batches extends AutoCloseable {

    /** Goes to the next batch; false after the last one. */
    boolean next() throws IOException;

    /** The number of rows of the batch. */
    int rows();

    /**
     * The cells of a column in the current batch; valid until the next one.
     *
     * @param column the number of a column that the plan wants
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

    @Override
    void close() throws IOException;
  }

  /** The cells of a column in one batch. */
  interface Cells {

    /** Whether there is no value; NaN is told by {@link #number}. */
    boolean isMissing(int row);

    /** The number in a cell of a numeric column; NaN where there is none. */
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
     * The integer in a cell of a column of integers; of unsigned ones of 64 bits, the bits.
     *
     * @throws IllegalStateException if the column holds something else
     */
    default long integer(int row) {
      throw new IllegalStateException("no integers");
    }

    /** The cell as a label. */
    String text(int row);
  }
}
