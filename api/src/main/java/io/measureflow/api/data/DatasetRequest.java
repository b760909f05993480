package io.measureflow.api.data;

import io.measureflow.api.backend.Precision;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a loader is asked for.
 *
 * @param name the name of a dataset or of a format
 * @param data the folder of a dataset or the file of a table; empty for built-in data
 * @param test the file of the test rows, for tables that have one
 * @param label the name of the label column of a table
 * @param scaling how features are scaled; the loader's own choice where empty
 * @param precision the precision in which real numbers are kept
 * @param use what the rows are for
 */
public record DatasetRequest(
    String name,
    Optional<Path> data,
    Optional<Path> test,
    String label,
    Optional<Scaling> scaling,
    Precision precision,
    Use use) {

  /** How raw feature values become features. */
  public enum Scaling {
    /** Values as they are in the source. */
    NONE,
    /** Values over the range of their type, so that a byte becomes a number from 0 to 1. */
    UNIT
  }

  /** What the rows are for. */
  public enum Use {
    /** Training and testing: labels are required. */
    TRAIN,
    /** Prediction: a label column is left out of the features and not otherwise read. */
    PREDICT
  }

  /** A request for a built-in or named dataset in float32 with default settings. */
  public static DatasetRequest of(String name, Optional<Path> data) {
    return new DatasetRequest(
        name, data, Optional.empty(), "label", Optional.empty(), Precision.FLOAT32, Use.TRAIN);
  }
}
