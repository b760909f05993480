package io.measureflow.plots;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.AffineTransform;
import java.awt.geom.Ellipse2D;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;

/**
 * Frames of an animation: the components of a layer as ellipses, over its decisions in the plane.
 */
public final class FlowPicture {

  private static final int SIDE = 290;
  private static final int MARGIN = 10;
  private static final int TITLE = 30;
  private static final int SHADES = 8;
  private static final double DOT = 5;
  private static final double ROOM = 0.94;
  private static final Color TEXT = new Color(0x33, 0x33, 0x33);
  private static final Color[] CLASSES = {LinePlot.COLORS.get(1), LinePlot.COLORS.get(0)};

  private FlowPicture() {}

  /** A data point of class 0 or 1. */
  public record Point(double x, double y, int label) {}

  /** A Gaussian in the plane of the weights, and the class that it votes for. */
  public record Ellipse(double x, double y, double xx, double xy, double yy, int label) {

    private double reach() {
      return Math.max(
          Math.abs(x) + Math.sqrt(Math.max(0, xx)), Math.abs(y) + Math.sqrt(Math.max(0, yy)));
    }
  }

  /**
   * One task at one step.
   *
   * @param probabilities the probabilities of the second class on a grid, row by row from the upper
   *     left
   */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  public record Panel(
      String title, double[] probabilities, List<Point> points, List<Ellipse> mixture) {

    /** Copies the lists. */
    public Panel {
      points = List.copyOf(points);
      mixture = List.copyOf(mixture);
    }
  }

  /**
   * Draws the frames. The plane of the weights is scaled so that the largest ellipse of a task just
   * fits; the scale is the same in all frames.
   *
   * @param frames the panels of each frame, side by side
   * @param grid the number of grid squares per side
   * @param extent the plane of the inputs is shown from minus this value to this value
   */
  public static List<BufferedImage> frames(List<List<Panel>> frames, int grid, double extent) {
    double[] reach = new double[frames.getFirst().size()];
    for (List<Panel> frame : frames) {
      for (int i = 0; i < reach.length; i++) {
        for (Ellipse ellipse : frame.get(i).mixture()) {
          reach[i] = Math.max(reach[i], ellipse.reach());
        }
      }
    }
    var images = new ArrayList<BufferedImage>();
    for (List<Panel> frame : frames) {
      int width = frame.size() * (SIDE + MARGIN) + MARGIN;
      var image = new BufferedImage(width, SIDE + TITLE + MARGIN, BufferedImage.TYPE_INT_RGB);
      Graphics2D graphics = image.createGraphics();
      graphics.setRenderingHint(
          RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
      graphics.setColor(Color.WHITE);
      graphics.fillRect(0, 0, width, image.getHeight());
      for (int i = 0; i < frame.size(); i++) {
        int left = MARGIN + i * (SIDE + MARGIN);
        graphics.setColor(TEXT);
        graphics.setFont(new Font(Font.SANS_SERIF, Font.BOLD, 14));
        graphics.drawString(frame.get(i).title(), left, 20);
        graphics.drawImage(panel(frame.get(i), grid, extent, reach[i]), left, TITLE, null);
      }
      graphics.dispose();
      images.add(image);
    }
    return images;
  }

  private static BufferedImage panel(Panel panel, int grid, double extent, double reach) {
    var image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < SIDE; y++) {
      for (int x = 0; x < SIDE; x++) {
        double probability = panel.probabilities()[y * grid / SIDE * grid + x * grid / SIDE];
        image.setRGB(x, y, region(probability).getRGB());
      }
    }
    Graphics2D graphics = image.createGraphics();
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    double scale = SIDE / (2 * extent);
    for (Point point : panel.points()) {
      graphics.setColor(mixed(CLASSES[point.label()], 0.85));
      graphics.fill(
          new Ellipse2D.Double(
              SIDE / 2.0 + scale * point.x() - DOT / 2,
              SIDE / 2.0 - scale * point.y() - DOT / 2,
              DOT,
              DOT));
    }
    double weights = ROOM * SIDE / 2 / Math.max(reach, Double.MIN_NORMAL);
    for (Ellipse ellipse : panel.mixture()) {
      var shape = new AffineTransform(weights, 0, 0, -weights, SIDE / 2.0, SIDE / 2.0);
      shape.concatenate(
          new NeuronPicture.Ellipse(
                  ellipse.x(), ellipse.y(), ellipse.xx(), ellipse.xy(), ellipse.yy(), 0)
              .transform(1));
      var outline = shape.createTransformedShape(new Ellipse2D.Double(-1, -1, 2, 2));
      Color color = CLASSES[ellipse.label()];
      graphics.setColor(new Color(color.getRed(), color.getGreen(), color.getBlue(), 0x50));
      graphics.fill(outline);
      graphics.setColor(TEXT);
      graphics.setStroke(new BasicStroke(1.4f));
      graphics.draw(outline);
    }
    graphics.dispose();
    return image;
  }

  /** The color of the likelier class, in a few shades that fade to white at equal probability. */
  private static Color region(double probability) {
    double sure = Math.abs(2 * probability - 1);
    double shade = Math.ceil(sure * SHADES) / SHADES;
    return mixed(CLASSES[probability > 0.5 ? 1 : 0], 0.08 + 0.3 * shade);
  }

  private static Color mixed(Color color, double opacity) {
    return new Color(
        mixed(color.getRed(), opacity),
        mixed(color.getGreen(), opacity),
        mixed(color.getBlue(), opacity));
  }

  private static int mixed(int channel, double opacity) {
    return (int) Math.round(255 * (1 - opacity) + opacity * channel);
  }
}
