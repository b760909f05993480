package io.measureflow.api.data;

import io.measureflow.api.backend.Precision;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * A request for a dataset. Loaders do not split, fill or standardize: that is done above them, for
 * all loaders alike (see {@link DatasetProvider#load}).
 *
 * @param name the name of a dataset or of a format
 * @param data the folder of a dataset or the file of a table; empty for built-in data
 * @param test the file of the test rows, for tables that have one
 * @param columns how the columns of a table are understood
 * @param scaling how features are scaled; the loader's own choice where empty
 * @param targetScaling {@link Scaling#STANDARDISE} for real targets less their mean, over their
 *     standard deviation, or {@link Scaling#NONE}; where empty, as features
 * @param split which rows are held out as test rows
 * @param storage where to keep the rows
 * @param precision the precision in which real numbers are kept
 * @param use what the rows are for
 * @param preprocessing the preprocessing of a trained model, to be repeated for these rows
 */
public record DatasetRequest(
    String name,
    Optional<Path> data,
    Optional<Path> test,
    Columns columns,
    Optional<Scaling> scaling,
    Optional<Scaling> targetScaling,
    Split split,
    Storage storage,
    Precision precision,
    Use use,
    Optional<Preprocessing> preprocessing) {

  /**
   * How to interpret the columns of a table.
   *
   * @param labels the label columns, by name or by index from 0, negative from the end; a name
   *     takes precedence over an index. For datasets with several sets of labels, the name of one
   *     of them
   * @param header whether the first row names the columns
   * @param missing how to treat missing values
   * @param target what the labels are; decided by their values if empty
   * @param mostCategories the most different values of a column of text that becomes features, one
   *     for each value; 0 to leave out all columns of text
   * @param categories the columns that become features in this way whatever their type and the
   *     number of their values
   * @param dates what columns of dates and times become
   */
  public record Columns(
      List<String> labels,
      Optional<Character> separator,
      Header header,
      Missing missing,
      Optional<TargetKind> target,
      int mostCategories,
      List<String> categories,
      Dates dates) {

    /** The usual value of {@code mostCategories}. */
    public static final int MOST_CATEGORIES = 64;

    /** One label column named "label"; missing values are filled in, dates are left out. */
    public static final Columns DEFAULT =
        new Columns(
            List.of("label"),
            Optional.empty(),
            Header.AUTO,
            Missing.AUTO,
            Optional.empty(),
            MOST_CATEGORIES,
            List.of(),
            Dates.LEAVE_OUT);

    /** Copies the lists. */
    public Columns {
      labels = List.copyOf(labels);
      categories = List.copyOf(categories);
    }

    /** Returns a copy with other labels. */
    public Columns withLabels(String... others) {
      return new Columns(
          List.of(others), separator, header, missing, target, mostCategories, categories, dates);
    }

    /** The same with another separator. */
    public Columns withSeparator(char other) {
      return new Columns(
          labels, Optional.of(other), header, missing, target, mostCategories, categories, dates);
    }

    /** Returns a copy with another header. */
    public Columns withHeader(Header other) {
      return new Columns(
          labels, separator, other, missing, target, mostCategories, categories, dates);
    }

    /** Returns a copy with another treatment of missing values. */
    public Columns withMissing(Missing other) {
      return new Columns(
          labels, separator, header, other, target, mostCategories, categories, dates);
    }

    /** Returns a copy with another kind of target. */
    public Columns withTarget(TargetKind other) {
      return new Columns(
          labels,
          separator,
          header,
          missing,
          Optional.of(other),
          mostCategories,
          categories,
          dates);
    }

    /** Returns a copy with another limit on the values of a column of text. */
    public Columns withMostCategories(int other) {
      return new Columns(labels, separator, header, missing, target, other, categories, dates);
    }

    /** Returns a copy with other columns that are categories. */
    public Columns withCategories(String... others) {
      return new Columns(
          labels, separator, header, missing, target, mostCategories, List.of(others), dates);
    }

    /** Returns a copy with another treatment of dates. */
    public Columns withDates(Dates other) {
      return new Columns(
          labels, separator, header, missing, target, mostCategories, categories, other);
    }
  }

  /** What columns of dates and times become. */
  public enum Dates {
    /** They are left out, which is said. */
    LEAVE_OUT,
    /** Days since 1970-01-01 in UTC, with a fraction; times of a day are a fraction of a day. */
    NUMBER
  }

  /** Whether the first row of a text table names the columns. */
  public enum Header {
    /** It does, unless every cell is a number and they are not just the column indices. */
    AUTO,
    /** It does. */
    TRUE,
    /** It does not; the columns are named 0, 1, 2, ... */
    FALSE
  }

  /** How to treat cells without a value. */
  public enum Missing {
    /**
     * As {@link #MEAN}, where features may be missing: not the pixels of images, and not where rows
     * are to be treated as those of a model without values to fill in.
     */
    AUTO,
    /** They are an error. */
    REFUSE,
    /** Rows with missing values are dropped. */
    DROP,
    /**
     * A missing feature is replaced by the mean of its column over the training rows; a missing
     * label is an error. Loaders return missing features as NaN. A column without any value becomes
     * 0.
     */
    MEAN;

    /** Returns whether loaders return missing features as NaN, to be filled above them. */
    public boolean fills() {
      return this == AUTO || this == MEAN;
    }
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
    /** Values are kept as in the source. */
    NONE,
    /** Values are divided by the range of their type: a byte becomes a number from 0 to 1. */
    UNIT,
    /**
     * The mean of the column is subtracted and the result divided by its standard deviation (with
     * divisor n), both over the training rows. A constant column becomes 0.
     */
    STANDARDISE
  }

  /**
   * Which rows are held out as test rows, if the source has none of its own.
   *
   * @param test the fraction held out, from 0 to below 1, stratified by class for classes
   * @param seed the seed of the random choice
   */
  public record Split(double test, long seed) {

    /** No rows are held out. */
    public static final Split NONE = new Split(0, 0);
  }

  /**
   * Where to keep the rows.
   *
   * @param kind in memory, in a memory-mapped file, or in their own file
   * @param folder the folder for cache files
   * @param window about how many rows a random order may mix; if empty, all of them, or 2^18 for
   *     streamed rows
   */
  public record Storage(Kind kind, Optional<Path> folder, OptionalInt window) {

    /** In memory. */
    public static final Storage MEMORY =
        new Storage(Kind.MEMORY, Optional.empty(), OptionalInt.empty());

    /** A place for rows. */
    public enum Kind {
      /** In memory. */
      MEMORY,
      /** In a cache file, created once per source and memory-mapped. */
      CACHE,
      /** In their own file, read again in each epoch; for Parquet and Arrow files. */
      STREAM
    }
  }

  /** What the rows are for. */
  public enum Use {
    /** Training and testing: labels are required, and features are scaled as suits training. */
    TRAIN,
    /** Evaluation and description: labels are required, features are as the loader has them. */
    EVALUATE,
    /** Prediction: label columns are left out of the features and not otherwise read. */
    PREDICT
  }

  /** Returns a request for a built-in or named dataset in float32 with default settings. */
  public static DatasetRequest of(String name, Optional<Path> data) {
    return new DatasetRequest(
        name,
        data,
        Optional.empty(),
        Columns.DEFAULT,
        Optional.empty(),
        Optional.empty(),
        Split.NONE,
        Storage.MEMORY,
        Precision.FLOAT32,
        Use.TRAIN,
        Optional.empty());
  }

  /** Returns a copy with a file of test rows. */
  public DatasetRequest withTest(Path file) {
    return with(draft -> draft.test = Optional.of(file));
  }

  /** Returns a copy with other rules for columns. */
  public DatasetRequest withColumns(Columns other) {
    return with(draft -> draft.columns = other);
  }

  /** Returns a copy with other label columns. */
  public DatasetRequest withLabels(String... labels) {
    return withColumns(columns.withLabels(labels));
  }

  /** Returns a copy with another scaling. */
  public DatasetRequest withScaling(Optional<Scaling> other) {
    return with(draft -> draft.scaling = other);
  }

  /** Returns a copy with another scaling of real targets. */
  public DatasetRequest withTargetScaling(Optional<Scaling> other) {
    return with(draft -> draft.targetScaling = other);
  }

  /** Returns a copy with another split. */
  public DatasetRequest withSplit(Split other) {
    return with(draft -> draft.split = other);
  }

  /** Returns a copy with another storage. */
  public DatasetRequest withStorage(Storage other) {
    return with(draft -> draft.storage = other);
  }

  /** Returns a copy with another precision. */
  public DatasetRequest withPrecision(Precision other) {
    return with(draft -> draft.precision = other);
  }

  /** Returns a copy for another use. */
  public DatasetRequest withUse(Use other) {
    return with(draft -> draft.use = other);
  }

  /** Returns a copy that repeats the preprocessing of a trained model. */
  public DatasetRequest withPreprocessing(Optional<Preprocessing> other) {
    return with(draft -> draft.preprocessing = other);
  }

  private DatasetRequest with(Consumer<Draft> change) {
    var draft = new Draft(this);
    change.accept(draft);
    return draft.request();
  }

  /** The parts of a request that may change, while a copy is made. */
  private static final class Draft {

    private final DatasetRequest original;
    private Optional<Path> test;
    private Columns columns;
    private Optional<Scaling> scaling;
    private Optional<Scaling> targetScaling;
    private Split split;
    private Storage storage;
    private Precision precision;
    private Use use;
    private Optional<Preprocessing> preprocessing;

    Draft(DatasetRequest original) {
      this.original = original;
      test = original.test;
      columns = original.columns;
      scaling = original.scaling;
      targetScaling = original.targetScaling;
      split = original.split;
      storage = original.storage;
      precision = original.precision;
      use = original.use;
      preprocessing = original.preprocessing;
    }

    DatasetRequest request() {
      return new DatasetRequest(
          original.name,
          original.data,
          test,
          columns,
          scaling,
          targetScaling,
          split,
          storage,
          precision,
          use,
          preprocessing);
    }
  }
}
