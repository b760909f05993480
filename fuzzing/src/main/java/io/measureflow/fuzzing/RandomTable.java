package io.measureflow.fuzzing;

import java.util.List;

/**
 * A table as a CSV file that is well-formed but odd.
 *
 * @param seed what it was made from: the same seed makes the same table
 * @param csv the bytes of the file
 * @param rows the number of rows, without the header
 * @param columns the number of columns, with those of the target
 * @param options what a command has to be told to read it, such as {@code --label y}
 * @param about what is odd about it, in a few words
 */
// A table is only stored and printed, never compared.
@SuppressWarnings("ArrayRecordComponent")
public record RandomTable(
    long seed, byte[] csv, int rows, int columns, List<String> options, String about) {

  /** Copies the list. */
  public RandomTable {
    options = List.copyOf(options);
  }

  /** Makes a table. */
  public static RandomTable of(long seed) {
    return new RandomTableWriter(seed).table();
  }
}
