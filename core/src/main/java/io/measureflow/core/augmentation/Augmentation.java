package io.measureflow.core.augmentation;

import io.measureflow.api.data.Schema;
import io.measureflow.api.error.InvalidRequestException;

/**
 * How the images of training rows are changed at random, anew in each epoch. Rows for validation
 * and tests stay as they are.
 *
 * @param shift the largest number of pixels by which an image moves, each way, horizontally and
 *     vertically; what moves in has the raw value 0. The same as a random crop of the image padded
 *     by so many zeros on each side. 0 for none
 * @param flip whether half of the images are mirrored left to right
 */
public record Augmentation(int shift, boolean flip) {

  /** Images stay as they are. */
  public static final Augmentation NONE = new Augmentation(0, false);

  private static final String WHERE = "training.augment";

  /**
   * Checks the shift.
   *
   * @throws IllegalArgumentException if it is negative
   */
  public Augmentation {
    if (shift < 0) {
      throw new IllegalArgumentException("shift: expected at least 0, found " + shift);
    }
  }

  /** Shifts by up to so many pixels. */
  public static Augmentation shift(int pixels) {
    return new Augmentation(pixels, false);
  }

  /** The same with images mirrored as well. */
  public Augmentation andFlip() {
    return new Augmentation(shift, true);
  }

  /** Returns whether images stay as they are. */
  public boolean isNone() {
    return shift == 0 && !flip;
  }

  /**
   * Checks that the data are images, and larger than the shift.
   *
   * @throws InvalidRequestException if they are not
   */
  public void requireFit(Schema schema) {
    if (isNone()) {
      return;
    }
    Schema.ImageShape image =
        schema
            .image()
            .filter(
                shape -> shape.channels() * shape.height() * shape.width() == schema.featureCount())
            .orElseThrow(
                () ->
                    InvalidRequestException.of(
                        WHERE,
                        "images",
                        "rows of " + schema.featureCount() + " features that are not pixels",
                        "Leave the augmentation out, or train on images."));
    int size = Math.min(image.height(), image.width());
    if (shift >= size) {
      throw InvalidRequestException.of(
          WHERE + ".shift",
          "less than " + size + ", the smaller side of the images",
          String.valueOf(shift),
          "Choose a smaller shift: a tenth of that is usual.");
    }
  }
}
