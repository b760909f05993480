package io.measureflow.api.data;

import io.measureflow.api.data.DatasetRequest.Scaling;
import java.util.List;

/**
 * How the rows that a model was trained on became features and targets. Stored with the model, so
 * that rows for evaluation and prediction are treated alike.
 *
 * @param features the names of the features in order; empty if they have none
 * @param featureCount d, the number of features
 * @param encoding which features are values of a category, or dates
 * @param target what the model was trained to predict, including the class names
 * @param scaling how values were scaled
 * @param fill what took the place of a missing value, for each feature, before scaling; empty where
 *     missing values were refused or their rows left out
 * @param mean what was subtracted from each feature; empty but for {@link Scaling#STANDARDISE}
 * @param deviation what it was then divided by, above 0; empty as {@code mean}
 * @param targetMean what was subtracted from each real target; empty where targets are as they are
 * @param targetDeviation what it was then divided by, above 0; empty as {@code targetMean}
 * @param link how an output becomes the prediction of a real target, before this is undone
 */
public record Preprocessing(
    List<String> features,
    int featureCount,
    Encoding encoding,
    Schema.Target target,
    Scaling scaling,
    List<Double> fill,
    List<Double> mean,
    List<Double> deviation,
    List<Double> targetMean,
    List<Double> targetDeviation,
    Link link) {

  /**
   * Copies the lists.
   *
   * @throws IllegalArgumentException if a list has another size than the number of features, a
   *     deviation is not above 0, or the encoding is not one of these features
   */
  public Preprocessing {
    features = List.copyOf(features);
    fill = List.copyOf(fill);
    mean = List.copyOf(mean);
    deviation = List.copyOf(deviation);
    targetMean = List.copyOf(targetMean);
    targetDeviation = List.copyOf(targetDeviation);
    if ((!features.isEmpty() && features.size() != featureCount)
        || (!fill.isEmpty() && fill.size() != featureCount)
        || mean.size() != (scaling == Scaling.STANDARDISE ? featureCount : 0)
        || deviation.size() != mean.size()) {
      throw new IllegalArgumentException(
          "expected lists of " + featureCount + " features, found others");
    }
    encoding.requireFit(features.size());
    int targets = target instanceof Schema.Target.Real(List<String> names) ? names.size() : 0;
    if ((!targetMean.isEmpty() && targetMean.size() != targets)
        || targetDeviation.size() != targetMean.size()) {
      throw new IllegalArgumentException(
          "expected lists of " + targets + " real targets, found others");
    }
    requireDivisors(deviation);
    requireDivisors(targetDeviation);
  }

  private static void requireDivisors(List<Double> deviations) {
    for (double divisor : deviations) {
      if (!(divisor > 0 && divisor < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException(
            "expected deviations above 0 and finite, found " + divisor);
      }
    }
  }

  /** Values as they are. */
  public static Preprocessing none(Schema schema) {
    return scaled(schema, Scaling.NONE);
  }

  /** Scaling that needs no statistics: none or unit. */
  public static Preprocessing scaled(Schema schema, Scaling scaling) {
    return new Preprocessing(
        schema.features(),
        schema.featureCount(),
        schema.encoding(),
        schema.target(),
        scaling,
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        Link.IDENTITY);
  }

  /**
   * Returns a copy with another treatment of features.
   *
   * @throws IllegalArgumentException as the constructor
   */
  public Preprocessing withFeatures(
      Scaling scaling, List<Double> fill, List<Double> mean, List<Double> deviation) {
    return new Preprocessing(
        features,
        featureCount,
        encoding,
        target,
        scaling,
        fill,
        mean,
        deviation,
        targetMean,
        targetDeviation,
        link);
  }

  /**
   * Returns a copy with real targets less {@code mean}, over {@code deviation}.
   *
   * @throws IllegalArgumentException as the constructor
   */
  public Preprocessing withTargets(List<Double> mean, List<Double> deviation) {
    return new Preprocessing(
        features,
        featureCount,
        encoding,
        target,
        scaling,
        fill,
        this.mean,
        this.deviation,
        mean,
        deviation,
        link);
  }

  /** Returns a copy for a model whose outputs become predictions in another way. */
  public Preprocessing withLink(Link other) {
    return new Preprocessing(
        features,
        featureCount,
        encoding,
        target,
        scaling,
        fill,
        mean,
        deviation,
        targetMean,
        targetDeviation,
        other);
  }

  /** Returns whether values still change after a loader has read them. */
  public boolean changesValues() {
    return !fill.isEmpty() || !mean.isEmpty() || !targetMean.isEmpty();
  }
}
