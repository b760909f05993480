package io.measureflow.api.data;

import io.measureflow.api.registry.Extensions;
import io.measureflow.api.registry.Kind;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;

/** Writes a dataset as a table. Found by {@link java.util.ServiceLoader}. */
public interface DatasetConverter {

  /** Converters are found by the formats that they write. */
  Kind<DatasetConverter> KIND =
      Kind.ofFiles(DatasetConverter.class, "format", "formats", DatasetConverter::formats);

  /**
   * Returns this converter, looking up what it needs by name, such as table formats, among these
   * extensions.
   */
  default DatasetConverter using(Extensions extensions) {
    return this;
  }

  /** Returns the names of the formats that it writes, which are also their file extensions. */
  List<String> formats();

  /**
   * Converts a dataset. Values are written as in the source, neither scaled nor split nor filled. A
   * table keeps its columns, with names and types as far as the format supports them; other
   * datasets get a column per feature and one for the label. The file is written atomically.
   *
   * @throws io.measureflow.api.error.InvalidRequestException if the source is missing or malformed,
   *     the format cannot represent it, or the file exists and may not be replaced
   * @throws io.measureflow.api.error.RunFailedException if the file cannot be written
   */
  Converted convert(Request request);

  /** A part of a dataset. */
  enum Part {
    /** The training rows, which are all rows if there are no test rows. */
    TRAIN,
    /** The test rows. */
    TEST
  }

  /**
   * A request for a conversion.
   *
   * @param source the dataset; for a table, only its labels and header matter
   * @param loader loads a dataset that is no table, with the values that the source holds
   * @param part which rows
   * @param file the file to write
   * @param format one of {@link #formats}
   * @param overwrite whether an existing file is replaced
   */
  record Request(
      DatasetRequest source,
      Supplier<Dataset> loader,
      Part part,
      Path file,
      String format,
      boolean overwrite) {}

  /**
   * The result of a conversion.
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
