package io.measureflow.api.data;

import io.measureflow.api.registry.Extensions;
import io.measureflow.api.registry.Kind;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;

/** Writes the rows of a dataset as a table, found by {@link java.util.ServiceLoader}. */
public interface DatasetConverter {

  /** Converters are found by the formats that they write. */
  Kind<DatasetConverter> KIND =
      Kind.ofFiles(DatasetConverter.class, "format", "formats", DatasetConverter::formats);

  /**
   * The same converter, which looks up by name what it needs itself, such as formats of tables,
   * among these extensions.
   */
  default DatasetConverter using(Extensions extensions) {
    return this;
  }

  /** The names of the formats that it writes, which are the endings of their files as well. */
  List<String> formats();

  /**
   * Converts. Values are those of the source, neither scaled nor split nor filled: a table keeps
   * its columns, with their names and types as far as the format has them; other datasets become a
   * column for each feature and one for the label. The file appears whole, or not at all.
   *
   * @throws io.measureflow.api.error.InvalidRequestException if the source is missing or malformed,
   *     if the format cannot hold what is in it, or if there is a file that must not be replaced
   * @throws io.measureflow.api.error.RunFailedException if the file cannot be written
   */
  Converted convert(Request request);

  /** A part of a dataset. */
  enum Part {
    /** The rows to train on, or the only ones. */
    TRAIN,
    /** The rows to test on. */
    TEST
  }

  /**
   * What is to be converted.
   *
   * @param source the dataset; of the columns of a table, the labels and the header count
   * @param loader loads a dataset that is no table, with the values that the source holds
   * @param part which rows
   * @param file where they go
   * @param format one of {@link #formats}
   * @param overwrite whether a file that is there is replaced
   */
  record Request(
      DatasetRequest source,
      Supplier<Dataset> loader,
      Part part,
      Path file,
      String format,
      boolean overwrite) {}

  /**
   * What became of it.
   *
   * @param rows the number of rows
   * @param columns the number of columns
   * @param leftOut the columns of a table that no loader reads: dates, decimals, nested values
   */
  record Converted(long rows, int columns, List<SourceColumn> leftOut) {

    /** Copies the list. */
    public Converted {
      leftOut = List.copyOf(leftOut);
    }
  }
}
