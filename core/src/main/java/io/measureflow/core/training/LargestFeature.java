package io.measureflow.core.training;

import io.measureflow.api.data.Schema;
import io.measureflow.api.data.Table;
import io.measureflow.core.data.TableScan;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The largest absolute value among the features of a table: what to look at when a loss is not
 * finite.
 *
 * @param row the index of its row in the table
 * @param feature its index
 * @param value the value, as the model gets it
 */
record LargestFeature(int row, int feature, double value) {

  /** Features that were standardised, or are pixels, stay far below. */
  private static final double SUSPICIOUS = 1e4;

  /** What to do about it. */
  static final String REMEDY =
      ", as the model gets it: correct the value, leave the column out, or, where features are not"
          + " standardised, standardise them (scaling standardise).";

  /**
   * Reads all rows of a table, one after the other.
   *
   * @param width d, the number of features
   * @return empty if no feature is suspiciously large
   */
  static Optional<LargestFeature> of(Table table, int width) {
    var largest = new AtomicReference<>(new LargestFeature(-1, -1, SUSPICIOUS));
    TableScan.features(
        table,
        width,
        (values, first, count) -> {
          for (int i = 0; i < count * width; i++) {
            if (Math.abs(values[i]) > Math.abs(largest.get().value)) {
              largest.set(new LargestFeature(first + i / width, i % width, values[i]));
            }
          }
        });
    return Optional.of(largest.get()).filter(found -> found.row >= 0);
  }

  /** The feature by its name, if it has one, or else by its index. */
  String name(Schema schema) {
    List<String> names = schema.features();
    return feature < names.size() ? "'" + names.get(feature) + "'" : String.valueOf(feature);
  }

  /** The value, to four digits. */
  String shown() {
    return String.format(Locale.ROOT, "%.4g", value);
  }
}
