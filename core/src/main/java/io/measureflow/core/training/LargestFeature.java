package io.measureflow.core.training;

import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.Schema;
import io.measureflow.api.data.Table;
import io.measureflow.api.program.Shape;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

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

  private static final int MOST_ROWS = 1 << 10;
  private static final int MOST_NUMBERS = 1 << 20;

  /**
   * Reads all rows of a table, one after the other.
   *
   * @param width d, the number of features
   * @return empty if no feature is suspiciously large
   */
  static Optional<LargestFeature> of(Table table, int width) {
    int batch = Math.clamp(MOST_NUMBERS / Math.max(1, width), 1, MOST_ROWS);
    int found = -1;
    int feature = -1;
    double largest = SUSPICIOUS;
    double value = 0;
    for (int from = 0; from < table.rows(); from += batch) {
      int[] order = new int[Math.min(batch, table.rows() - from)];
      for (int i = 0; i < order.length; i++) {
        order[i] = from + i;
      }
      Tensor features = Tensor.zeros(Shape.of(order.length, width), ElementType.FLOAT64);
      table.features(order, 0, features);
      for (int i = 0; i < order.length; i++) {
        for (int j = 0; j < width; j++) {
          double at = features.get((long) i * width + j);
          if (Math.abs(at) > largest) {
            largest = Math.abs(at);
            value = at;
            found = from + i;
            feature = j;
          }
        }
      }
    }
    return found < 0 ? Optional.empty() : Optional.of(new LargestFeature(found, feature, value));
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
