package io.measureflow.api.data;

import io.measureflow.api.data.DatasetRequest.Scaling;
import java.util.List;

/**
 * How the rows that a model was trained on became features and targets. Stored with the model, so
 * that rows for evaluation and prediction are treated alike.
 *
 * @param features the names of the features in order; empty if they have none
 * @param featureCount d, the number of features
 * @param target what the model was trained to predict, including the class names
 * @param scaling how values were scaled
 * @param fill the replacement of a missing value per feature, before scaling; empty if missing
 *     values were refused or their rows dropped
 * @param mean the number subtracted from each feature; empty unless {@link Scaling#STANDARDISE}
 * @param deviation the number it was then divided by, above 0; empty unless standardized
 */
public record Preprocessing(
    List<String> features,
    int featureCount,
    Schema.Target target,
    Scaling scaling,
    List<Double> fill,
    List<Double> mean,
    List<Double> deviation) {

  /**
   * Copies the lists.
   *
   * @throws IllegalArgumentException if a list has another size than the number of features, or a
   *     deviation is not above 0
   */
  public Preprocessing {
    features = List.copyOf(features);
    fill = List.copyOf(fill);
    mean = List.copyOf(mean);
    deviation = List.copyOf(deviation);
    if ((!features.isEmpty() && features.size() != featureCount)
        || (!fill.isEmpty() && fill.size() != featureCount)
        || mean.size() != (scaling == Scaling.STANDARDISE ? featureCount : 0)
        || deviation.size() != mean.size()) {
      throw new IllegalArgumentException(
          "expected lists of " + featureCount + " features, found others");
    }
    for (double divisor : deviation) {
      if (!(divisor > 0 && divisor < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException(
            "expected deviations above 0 and finite, found " + divisor);
      }
    }
  }

  /** No preprocessing. */
  public static Preprocessing none(Schema schema) {
    return scaled(schema, Scaling.NONE);
  }

  /** Scaling that needs no statistics: none or unit. */
  public static Preprocessing scaled(Schema schema, Scaling scaling) {
    return new Preprocessing(
        schema.features(),
        schema.featureCount(),
        schema.target(),
        scaling,
        List.of(),
        List.of(),
        List.of());
  }

  /** Returns whether values still change after a loader has read them. */
  public boolean changesValues() {
    return !fill.isEmpty() || !mean.isEmpty();
  }
}
