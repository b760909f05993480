package io.measureflow.cli.report;

import io.measureflow.api.data.Schema;
import io.measureflow.api.data.Schema.ImageShape;
import io.measureflow.plots.Figure;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Features that form an image, as small PNG pictures. */
final class Pictures {

  /** Larger images are reduced to this many pixels on the longer side. */
  private static final int MOST_PIXELS = 64;

  private static final int LEAST_SIDE = 8;
  private static final Pattern NUMBERED = Pattern.compile("(\\D*)(\\d{1,9})");

  private final ImageShape shape;

  Pictures(ImageShape shape) {
    this.shape = shape;
  }

  /**
   * Returns pictures of the features: images of a known shape, or columns of a table that are
   * numbered like pixels and form a square.
   */
  static Optional<Pictures> of(Schema schema) {
    return schema
        .image()
        .or(() -> square(schema))
        .filter(shape -> shape.channels() == 1 || shape.channels() == 3)
        .map(Pictures::new);
  }

  private static Optional<ImageShape> square(Schema schema) {
    int side = (int) Math.round(Math.sqrt(schema.featureCount()));
    return side >= LEAST_SIDE
            && side * side == schema.featureCount()
            && areNumbered(schema.features())
        ? Optional.of(new ImageShape(1, side, side))
        : Optional.empty();
  }

  private static boolean areNumbered(List<String> names) {
    String prefix = "";
    long first = 0;
    for (int j = 0; j < names.size(); j++) {
      Matcher name = NUMBERED.matcher(names.get(j));
      if (!name.matches()) {
        return false;
      }
      long number = Long.parseLong(name.group(2));
      if (j == 0) {
        prefix = name.group(1);
        first = number;
      }
      // A table x0, x1, ... of measurements is no image; pixels and plain numbers are.
      if (number != first + j
          || !name.group(1).equals(prefix)
          || !(prefix.isEmpty() || prefix.toLowerCase(Locale.ROOT).startsWith("p"))) {
        return false;
      }
    }
    return !names.isEmpty();
  }

  /** Draws an image whose least value is black and whose greatest is white. */
  byte[] image(float[] values) {
    float least = Float.POSITIVE_INFINITY;
    float most = Float.NEGATIVE_INFINITY;
    for (float value : values) {
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
    // Images in [0, 1] keep their brightness.
    boolean unit = least >= 0 && most <= 1;
    double low = unit ? 0 : least;
    double range = unit ? 1 : Math.max(Float.MIN_NORMAL, most - least);
    return draw(
        (channel, row, column) -> (value(values, channel, row, column) - low) / range, false);
  }

  /** Draws numbers of both signs: blue below 0, white at 0, red above; in colors around grey. */
  byte[] signed(double[] values) {
    double most = largest(values);
    return draw(
        shape.channels() == 1
            ? (channel, row, column) -> value(values, channel, row, column) / most
            : (channel, row, column) -> 0.5 + value(values, channel, row, column) / (2 * most),
        shape.channels() == 1);
  }

  /** Draws numbers that are not negative: white at 0, dark blue at the largest; or in colors. */
  byte[] spread(double[] values) {
    double most = largest(values);
    return draw(
        shape.channels() == 1
            ? (channel, row, column) -> -value(values, channel, row, column) / most
            : (channel, row, column) -> value(values, channel, row, column) / most,
        shape.channels() == 1);
  }

  private double largest(double[] values) {
    double most = Double.MIN_NORMAL;
    for (int j = 0; j < pixels(); j++) {
      most = Math.max(most, Math.abs(values[j]));
    }
    return most;
  }

  /** The number of features that are pixels. */
  int pixels() {
    return shape.channels() * shape.height() * shape.width();
  }

  private double value(float[] values, int channel, int row, int column) {
    return values[(channel * shape.height() + row) * shape.width() + column];
  }

  private double value(double[] values, int channel, int row, int column) {
    return values[(channel * shape.height() + row) * shape.width() + column];
  }

  @FunctionalInterface
  private interface Pixels {
    double at(int channel, int row, int column);
  }

  /**
   * @param diverging whether values are from -1, blue, over 0, white, to 1, red; else from 0,
   *     black, to 1
   */
  private byte[] draw(Pixels pixels, boolean diverging) {
    int side = Math.max(shape.width(), shape.height());
    int block = Math.max(1, Math.ceilDiv(side, MOST_PIXELS));
    int width = Math.ceilDiv(shape.width(), block);
    int height = Math.ceilDiv(shape.height(), block);
    boolean grey = shape.channels() == 1 && !diverging;
    var image =
        new BufferedImage(
            width, height, grey ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        if (grey) {
          image.getRaster().setSample(x, y, 0, level(mean(pixels, 0, y, x, block)));
        } else if (diverging) {
          image.setRGB(x, y, diverging(mean(pixels, 0, y, x, block)));
        } else {
          int rgb = 0;
          for (int channel = 0; channel < 3; channel++) {
            rgb = rgb << 8 | level(mean(pixels, channel, y, x, block));
          }
          image.setRGB(x, y, rgb);
        }
      }
    }
    return Figure.exactPng(image);
  }

  private double mean(Pixels pixels, int channel, int y, int x, int block) {
    double sum = 0;
    int count = 0;
    for (int row = y * block; row < Math.min(shape.height(), (y + 1) * block); row++) {
      for (int column = x * block; column < Math.min(shape.width(), (x + 1) * block); column++) {
        sum += pixels.at(channel, row, column);
        count++;
      }
    }
    return sum / count;
  }

  private static int level(double value) {
    return Math.clamp(Math.round(255 * value), 0, 255);
  }

  private static int diverging(double value) {
    double to = Math.clamp(Math.abs(value), 0, 1);
    int[] end = value < 0 ? new int[] {0x05, 0x4A, 0x91} : new int[] {0xB2, 0x18, 0x2B};
    int rgb = 0;
    for (int channel : end) {
      rgb = rgb << 8 | level(1 - to * (1 - channel / 255.0));
    }
    return rgb;
  }
}
