package io.measureflow.api.data;

import io.measureflow.api.backend.Precision;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What is asked for. A loader does not split, fill or standardise: that is done above it, for all
 * loaders alike (see {@link DatasetProvider#load}).
 *
 * @param name the name of a dataset or of a format
 * @param data the folder of a dataset or the file of a table; empty for built-in data
 * @param test the file of the test rows, for tables that have one
 * @param columns how the columns of a table are understood
 * @param scaling how features are scaled; the loader's own choice where empty
 * @param split which rows are held out as test rows
 * @param storage where the rows are kept
 * @param precision the precision in which real numbers are kept
 * @param use what the rows are for
 * @param preprocessing how the rows that a model was trained on were treated, where these are to be
 *     treated alike
 */
public record DatasetRequest(
    String name,
    Optional<Path> data,
    Optional<Path> test,
    Columns columns,
    Optional<Scaling> scaling,
    Split split,
    Storage storage,
    Precision precision,
    Use use,
    Optional<Preprocessing> preprocessing) {

  /**
   * How the columns of a table are understood.
   *
   * @param labels what is to be predicted: the names of columns, or their numbers from 0, from the
   *     end with a minus; a name goes before a number. For datasets with several sets of labels,
   *     the name of one of them
   * @param separator the character between the cells of a table of text; found by itself where
   *     empty
   * @param header whether the first row names the columns
   * @param missing what is done about missing values
   * @param target what the labels are; by their values where empty
   */
  public record Columns(
      List<String> labels,
      Optional<Character> separator,
      Header header,
      Missing missing,
      Optional<TargetKind> target) {

    /** One label column of the name "label"; missing values are refused. */
    public static final Columns USUAL =
        new Columns(
            List.of("label"), Optional.empty(), Header.AUTO, Missing.REFUSE, Optional.empty());

    /** Copies the list. */
    public Columns {
      labels = List.copyOf(labels);
    }

    /** The same with other labels. */
    public Columns withLabels(String... others) {
      return new Columns(List.of(others), separator, header, missing, target);
    }

    /** The same with another separator. */
    public Columns withSeparator(char other) {
      return new Columns(labels, Optional.of(other), header, missing, target);
    }

    /** The same with another header. */
    public Columns withHeader(Header other) {
      return new Columns(labels, separator, other, missing, target);
    }

    /** The same with another treatment of missing values. */
    public Columns withMissing(Missing other) {
      return new Columns(labels, separator, header, other, target);
    }

    /** The same with another kind of target. */
    public Columns withTarget(TargetKind other) {
      return new Columns(labels, separator, header, missing, Optional.of(other));
    }
  }

  /** Whether the first row of a table of text names the columns. */
  public enum Header {
    /**
     * It does, unless it holds numbers alone that do not count the columns, or looks like the rows
     * below: numbers where they have numbers, and a text that they have in the same column.
     */
    AUTO,
    /** It does. */
    TRUE,
    /** It is a row like the others; the columns are named 0, 1, 2, ... */
    FALSE
  }

  /** What is done about cells without a value. */
  public enum Missing {
    /** They are an error. */
    REFUSE,
    /** Their rows are left out. */
    DROP,
    /**
     * A feature gets the mean of its column over the training rows; a label that is missing is an
     * error. Loaders hand such features over as NaN.
     */
    MEAN
  }

  /** What labels are. */
  public enum TargetKind {
    /** One of several classes. */
    CLASSES,
    /** Real numbers. */
    REAL
  }

  /** How raw feature values become features. */
  public enum Scaling {
    /** Values as they are in the source. */
    NONE,
    /** Values over the range of their type, so that a byte becomes a number from 0 to 1. */
    UNIT,
    /**
     * Values less the mean of their column, over its standard deviation (with divisor n), both of
     * the training rows. A constant column becomes 0.
     */
    STANDARDISE
  }

  /**
   * Which rows are held out as test rows, where the source has none of its own.
   *
   * @param test the fraction, from 0 to below 1; of each class alike, where the target is classes
   * @param seed decides which
   */
  public record Split(double test, long seed) {

    /** No rows. */
    public static final Split NONE = new Split(0, 0);
  }

  /**
   * Where the rows are kept.
   *
   * @param kind in memory, in a file that is mapped, or in their own file
   * @param folder where files of caches lie
   * @param window about how many rows an order may mix; where empty, all of them, or for rows that
   *     are streamed 2^18
   */
  public record Storage(Kind kind, Optional<Path> folder, OptionalInt window) {

    /** In memory. */
    public static final Storage MEMORY =
        new Storage(Kind.MEMORY, Optional.empty(), OptionalInt.empty());

    /** A place for rows. */
    public enum Kind {
      /** In memory. */
      MEMORY,
      /** In a file that is made once for each source and mapped into memory. */
      CACHE,
      /** In their own file, which is read again in each epoch; for Parquet and Arrow files. */
      STREAM
    }
  }

  /** What the rows are for. */
  public enum Use {
    /** Training and testing: labels are required. */
    TRAIN,
    /** Prediction: label columns are left out of the features and not otherwise read. */
    PREDICT
  }

  /** A request for a built-in or named dataset in float32 with default settings. */
  public static DatasetRequest of(String name, Optional<Path> data) {
    return new DatasetRequest(
        name,
        data,
        Optional.empty(),
        Columns.USUAL,
        Optional.empty(),
        Split.NONE,
        Storage.MEMORY,
        Precision.FLOAT32,
        Use.TRAIN,
        Optional.empty());
  }

  /** The same with a file of test rows. */
  public DatasetRequest withTest(Path file) {
    return new DatasetRequest(
        name,
        data,
        Optional.of(file),
        columns,
        scaling,
        split,
        storage,
        precision,
        use,
        preprocessing);
  }

  /** The same with other rules for columns. */
  public DatasetRequest withColumns(Columns other) {
    return new DatasetRequest(
        name, data, test, other, scaling, split, storage, precision, use, preprocessing);
  }

  /** The same with other label columns. */
  public DatasetRequest withLabels(String... labels) {
    return withColumns(columns.withLabels(labels));
  }

  /** The same with another scaling. */
  public DatasetRequest withScaling(Optional<Scaling> other) {
    return new DatasetRequest(
        name, data, test, columns, other, split, storage, precision, use, preprocessing);
  }

  /** The same with another split. */
  public DatasetRequest withSplit(Split other) {
    return new DatasetRequest(
        name, data, test, columns, scaling, other, storage, precision, use, preprocessing);
  }

  /** The same with another storage. */
  public DatasetRequest withStorage(Storage other) {
    return new DatasetRequest(
        name, data, test, columns, scaling, split, other, precision, use, preprocessing);
  }

  /** The same in another precision. */
  public DatasetRequest withPrecision(Precision other) {
    return new DatasetRequest(
        name, data, test, columns, scaling, split, storage, other, use, preprocessing);
  }

  /** The same for another use. */
  public DatasetRequest withUse(Use other) {
    return new DatasetRequest(
        name, data, test, columns, scaling, split, storage, precision, other, preprocessing);
  }

  /** The same, to be treated as the rows that a model was trained on. */
  public DatasetRequest withPreprocessing(Optional<Preprocessing> other) {
    return new DatasetRequest(
        name, data, test, columns, scaling, split, storage, precision, use, other);
  }
}
