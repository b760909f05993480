package io.measureflow.api.data;

import java.util.List;
import java.util.Optional;

/** Rows to train on and, where they were given apart, rows to test on. Owns its memory. */
public interface Dataset extends AutoCloseable {

  /** The name by which it was asked for. */
  String name();

  /** What its rows are; the same for training and test rows. */
  Schema schema();

  /** The rows to train on, or the only ones. */
  Table train();

  /** The rows to test on, where the source holds them apart. */
  Optional<Table> test();

  /** A hash of everything that decides the content: for provenance and caches. */
  String fingerprint();

  /** How raw values became features: what has to be done again to rows that come later. */
  default Preprocessing preprocessing() {
    return Preprocessing.none(schema());
  }

  /** The columns of the source in its order, where it is a table that says so; else none. */
  default List<SourceColumn> columns() {
    return List.of();
  }

  @Override
  void close();
}
