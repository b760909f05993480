package io.measureflow.api.data;

import java.util.List;
import java.util.Optional;

/** Rows to train on and optional separate rows to test on. Owns its memory. */
public interface Dataset extends AutoCloseable {

  /** Returns the name by which it was requested. */
  String name();

  /** Returns the features and the target, the same for training and test rows. */
  Schema schema();

  /** Returns the training rows, or all rows if there are no test rows. */
  Table train();

  /** Returns the test rows, if the source has them separately. */
  Optional<Table> test();

  /** Returns a hash of the content, for provenance and caches. */
  String fingerprint();

  /** Returns how raw values became features, to be repeated for later rows. */
  default Preprocessing preprocessing() {
    return Preprocessing.none(schema());
  }

  /**
   * Returns the columns of the source table in order; empty if it is not a table or does not say.
   */
  default List<SourceColumn> columns() {
    return List.of();
  }

  /**
   * Returns the files that the training rows are from, one for each row, relative to the folder of
   * the data; empty if rows are not files.
   */
  default List<String> trainFiles() {
    return List.of();
  }

  /** Returns the files that the test rows are from, as {@link #trainFiles}. */
  default List<String> testFiles() {
    return List.of();
  }

  @Override
  void close();
}
