package io.measureflow.cli.data;

import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.DatasetRequest.Scaling;
import io.measureflow.api.data.Schema;
import io.measureflow.api.data.Table;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.io.AtomicFile;
import io.measureflow.api.program.Shape;
import io.measureflow.plots.Figure;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Draws the first training images of each class, one row per class. */
final class ContactSheet {

  private static final int EXAMPLES = 12;
  private static final int MOST_CLASSES = 256;
  private static final int LEAST_CELL = 48;
  private static final int MOST_CELL = 128;
  private static final int GAP = 4;
  private static final int LABEL_WIDTH = 120;
  private static final int BATCH = 1 << 12;

  private ContactSheet() {}

  /** Throws unless the dataset has images with classes. */
  static void requireImages(Dataset dataset) {
    if (dataset.schema().image().isEmpty()
        || !(dataset.schema().target() instanceof Schema.Target.Classes)) {
      throw InvalidRequestException.of(
          "--contact-sheet",
          "a dataset of images with classes",
          dataset.name() + ", which has none",
          "Omit the option.");
    }
    int channels = dataset.schema().image().get().channels();
    if (channels != 1 && channels != 3) {
      throw InvalidRequestException.of(
          "--contact-sheet",
          "images of 1 or 3 channels",
          channels + " channels",
          "Omit the option.");
    }
  }

  /**
   * Draws the sheet and writes the file atomically.
   *
   * @param dataset images as the loader returns them, not standardized
   */
  static void write(Dataset dataset, Path file) {
    requireImages(dataset);
    AtomicFile.write(file, Figure.exactPng(draw(dataset)));
  }

  private static BufferedImage draw(Dataset dataset) {
    Schema schema = dataset.schema();
    Schema.ImageShape shape = schema.image().orElseThrow();
    List<String> names =
        schema.target() instanceof Schema.Target.Classes classes ? classes.names() : List.of();
    List<List<Integer>> examples = examples(dataset.train(), Math.min(MOST_CLASSES, names.size()));
    int side = Math.max(shape.width(), shape.height());
    // Integer scale factors, so that pixels stay squares, unless images are too large.
    double zoom =
        side > MOST_CELL ? (double) MOST_CELL / side : Math.max(1, Math.ceilDiv(LEAST_CELL, side));
    int width = Math.max(1, (int) (shape.width() * zoom));
    int height = Math.max(1, (int) (shape.height() * zoom));
    var sheet =
        new BufferedImage(
            LABEL_WIDTH + EXAMPLES * (width + GAP) + GAP,
            examples.size() * (height + GAP) + GAP,
            BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = sheet.createGraphics();
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, sheet.getWidth(), sheet.getHeight());
    graphics.setColor(Color.BLACK);
    graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 13));
    graphics.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION,
        zoom < 1
            ? RenderingHints.VALUE_INTERPOLATION_BILINEAR
            : RenderingHints.VALUE_INTERPOLATION_NEAREST_NEIGHBOR);
    double full = dataset.preprocessing().scaling() == Scaling.UNIT ? 255 : 1;
    Tensor pixels = Tensor.zeros(Shape.of(1, schema.featureCount()), ElementType.FLOAT32);
    for (int label = 0; label < examples.size(); label++) {
      int y = GAP + label * (height + GAP);
      graphics.setClip(0, y, LABEL_WIDTH, height);
      graphics.drawString(names.get(label), GAP, y + height / 2 + 5);
      graphics.setClip(null);
      for (int i = 0; i < examples.get(label).size(); i++) {
        dataset.train().features(new int[] {examples.get(label).get(i)}, 0, pixels);
        graphics.drawImage(
            image(pixels, shape, full), LABEL_WIDTH + i * (width + GAP), y, width, height, null);
      }
    }
    graphics.dispose();
    return sheet;
  }

  private static List<List<Integer>> examples(Table table, int classes) {
    var examples = new ArrayList<List<Integer>>();
    for (int i = 0; i < classes; i++) {
      examples.add(new ArrayList<>());
    }
    int wanted = classes * EXAMPLES;
    for (int from = 0; from < table.rows() && wanted > 0; from += BATCH) {
      int[] order = new int[Math.min(BATCH, table.rows() - from)];
      for (int i = 0; i < order.length; i++) {
        order[i] = from + i;
      }
      Tensor labels = Tensor.zeros(Shape.of(order.length), ElementType.INT32);
      table.targets(order, 0, labels);
      for (int i = 0; i < order.length; i++) {
        int label = (int) labels.get(i);
        if (label < classes && examples.get(label).size() < EXAMPLES) {
          examples.get(label).add(from + i);
          wanted--;
        }
      }
    }
    return examples;
  }

  /** Returns an image from its planes: grey, or red, green and blue. */
  private static BufferedImage image(Tensor pixels, Schema.ImageShape shape, double full) {
    var image = new BufferedImage(shape.width(), shape.height(), BufferedImage.TYPE_INT_RGB);
    int plane = shape.width() * shape.height();
    for (int at = 0; at < plane; at++) {
      int rgb = 0;
      for (int colour = 0; colour < 3; colour++) {
        int channel = shape.channels() == 1 ? 0 : colour;
        long value = Math.round(full * pixels.get((long) channel * plane + at));
        rgb = rgb << 8 | Math.clamp(value, 0, 255);
      }
      image.setRGB(at % shape.width(), at / shape.width(), rgb);
    }
    return image;
  }
}
