package io.measureflow.api.data;

import io.measureflow.api.program.Shape;
import java.util.List;
import java.util.Optional;

/**
 * The features and the target of a dataset.
 *
 * @param features the names of the features, in the order of the columns; may be empty for images,
 *     whose features are pixels
 * @param featureCount d, the number of features
 * @param target what is to be predicted
 * @param image the shape of the image that the features form, if they do
 * @param encoding which features are values of a category, or dates
 */
public record Schema(
    List<String> features,
    int featureCount,
    Target target,
    Optional<ImageShape> image,
    Encoding encoding) {

  /**
   * Copies the list.
   *
   * @throws IllegalArgumentException if the encoding is not one of these features
   */
  public Schema {
    features = List.copyOf(features);
    encoding.requireFit(features.size());
  }

  /** Creates the schema of features that are numbers. */
  public Schema(
      List<String> features, int featureCount, Target target, Optional<ImageShape> image) {
    this(features, featureCount, target, image, Encoding.NONE);
  }

  /** Returns the shape of a sample: [C, H, W] of images, [d] of other rows. */
  public Shape sample() {
    return image
        .map(size -> Shape.of(size.channels(), size.height(), size.width()))
        .orElseGet(() -> Shape.of(featureCount));
  }

  /** Returns a copy with another target. */
  public Schema withTarget(Target other) {
    return new Schema(features, featureCount, other, image, encoding);
  }

  /** What is to be predicted. */
  public sealed interface Target {

    /** Returns the number of outputs of a model that predicts it. */
    int outputs();

    /**
     * One of several classes, as indices from 0.
     *
     * @param names the name of each class
     */
    record Classes(List<String> names) implements Target {
      /** Copies the list. */
      public Classes {
        names = List.copyOf(names);
      }

      @Override
      public int outputs() {
        return names.size();
      }
    }

    /**
     * Real numbers.
     *
     * @param names the name of each target column
     */
    record Real(List<String> names) implements Target {
      /** Copies the list. */
      public Real {
        names = List.copyOf(names);
      }

      @Override
      public int outputs() {
        return names.size();
      }
    }

    /** No target: rows to predict for. */
    record None() implements Target {
      @Override
      public int outputs() {
        return 0;
      }
    }
  }

  /** An image whose features are ordered by channel, then row, then column. */
  public record ImageShape(int channels, int height, int width) {}
}
