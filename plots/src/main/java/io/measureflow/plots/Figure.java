package io.measureflow.plots;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Writes plots and pictures as PNG files. */
public final class Figure {

  private Figure() {}

  /**
   * Arranges plots of equal size row by row in one PNG file.
   *
   * @param columns the number of plots in a row
   */
  public static byte[] png(List<LinePlot> plots, int columns) {
    int width = plots.getFirst().width();
    int height = plots.getFirst().height();
    int across = Math.min(columns, plots.size());
    int rows = Math.ceilDiv(plots.size(), across);
    var image = new BufferedImage(width * across, height * rows, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, image.getWidth(), image.getHeight());
    for (int i = 0; i < plots.size(); i++) {
      graphics.drawImage(plots.get(i).image(), i % across * width, i / across * height, null);
    }
    graphics.dispose();
    return png(image);
  }

  /** Writes a picture as a PNG file with at most 256 colors, which takes a third of the space. */
  public static byte[] png(BufferedImage image) {
    return exactPng(Palette.of(List.of(image)).apply(image));
  }

  /** Writes a picture as a PNG file with all of its colors, as photographs need. */
  public static byte[] exactPng(BufferedImage image) {
    var bytes = new ByteArrayOutputStream();
    // In memory: a stream of its own choice would be cached in a file, and register a shutdown hook
    // for that, which is too late when a program that is being stopped draws a last picture.
    try (var stream = new MemoryCacheImageOutputStream(bytes)) {
      if (!ImageIO.write(image, "png", stream)) {
        throw new IllegalStateException("Every Java platform writes PNG.");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }
}
