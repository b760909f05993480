package io.measureflow.plots;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.AffineTransform;
import java.awt.geom.Ellipse2D;
import java.awt.image.BufferedImage;
import java.util.List;

/** Points in a plane, above a mixture of Gaussians in the same plane, at several times. */
public final class NeuronPicture {

  private static final int SIDE = 280;
  private static final int MARGIN = 14;
  private static final int TITLE = 36;
  private static final int LABEL = 40;
  private static final double DOT = 4;
  private static final double ROOM = 0.06;
  private static final double LEAST_DEVIATION = 2.5;
  private static final Color TEXT = new Color(0x33, 0x33, 0x33);
  private static final Color FRAME = new Color(0xC8, 0xC8, 0xC8);

  private NeuronPicture() {}

  /** A point of a group. */
  public record Point(double x, double y, int group) {}

  /** A Gaussian of a group: its mean (x, y) and its covariance. */
  public record Ellipse(double x, double y, double xx, double xy, double yy, int group) {

    /** The ellipse of a number of standard deviations, as a map of the unit circle. */
    AffineTransform transform(double deviations) {
      // The square root of a symmetric 2x2 matrix: (C + sqrt(det) I) / sqrt(trace + 2 sqrt(det)).
      double root = Math.sqrt(Math.max(0, xx * yy - xy * xy));
      double trace = Math.sqrt(Math.max(Double.MIN_NORMAL, xx + yy + 2 * root));
      double scale = deviations / trace;
      return new AffineTransform(
          scale * (xx + root), scale * xy, scale * xy, scale * (yy + root), x, y);
    }
  }

  /** The points and the mixture at one time. */
  public record Panel(String title, List<Point> points, List<Ellipse> mixture) {

    /** Copies the lists. */
    public Panel {
      points = List.copyOf(points);
      mixture = List.copyOf(mixture);
    }
  }

  /** The visible part of the plane. */
  private record View(double left, double bottom, double scale) {

    static View of(List<Panel> panels) {
      double left = Double.POSITIVE_INFINITY;
      double right = Double.NEGATIVE_INFINITY;
      double bottom = Double.POSITIVE_INFINITY;
      double top = Double.NEGATIVE_INFINITY;
      for (Panel panel : panels) {
        for (Point point : panel.points()) {
          left = Math.min(left, point.x());
          right = Math.max(right, point.x());
          bottom = Math.min(bottom, point.y());
          top = Math.max(top, point.y());
        }
        for (Ellipse ellipse : panel.mixture()) {
          double dx = 2 * Math.sqrt(ellipse.xx());
          double dy = 2 * Math.sqrt(ellipse.yy());
          left = Math.min(left, ellipse.x() - dx);
          right = Math.max(right, ellipse.x() + dx);
          bottom = Math.min(bottom, ellipse.y() - dy);
          top = Math.max(top, ellipse.y() + dy);
        }
      }
      double extent = Math.max(right - left, top - bottom) * (1 + 2 * ROOM);
      return new View((left + right - extent) / 2, (bottom + top - extent) / 2, SIDE / extent);
    }

    double x(double value) {
      return (value - left) * scale;
    }

    double y(double value) {
      return SIDE - (value - bottom) * scale;
    }
  }

  /**
   * Draws a row of points above a row of densities.
   *
   * @param points the label of the points
   * @param mixture the label of the mixture
   */
  public static BufferedImage draw(List<Panel> panels, String points, String mixture) {
    int width = LABEL + panels.size() * (SIDE + MARGIN) + MARGIN;
    int height = TITLE + 2 * (SIDE + MARGIN) + MARGIN;
    var image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, width, height);
    View view = View.of(panels);
    for (int i = 0; i < panels.size(); i++) {
      int left = LABEL + i * (SIDE + MARGIN);
      graphics.setColor(TEXT);
      graphics.setFont(new Font(Font.SANS_SERIF, Font.BOLD, 17));
      String title = panels.get(i).title();
      graphics.drawString(
          title, left + (SIDE - graphics.getFontMetrics().stringWidth(title)) / 2, 24);
      graphics.drawImage(points(panels.get(i), view), left, TITLE, null);
      graphics.drawImage(density(panels.get(i), view), left, TITLE + SIDE + MARGIN, null);
    }
    label(graphics, points, TITLE);
    label(graphics, mixture, TITLE + SIDE + MARGIN);
    graphics.dispose();
    return image;
  }

  private static void label(Graphics2D graphics, String text, int top) {
    graphics.setColor(TEXT);
    graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 16));
    AffineTransform before = graphics.getTransform();
    int length = graphics.getFontMetrics().stringWidth(text);
    graphics.translate(26, top + (SIDE + length) / 2.0);
    graphics.rotate(-Math.PI / 2);
    graphics.drawString(text, 0, 0);
    graphics.setTransform(before);
  }

  private static Graphics2D panel(BufferedImage image) {
    Graphics2D graphics = image.createGraphics();
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    return graphics;
  }

  private static void frame(Graphics2D graphics) {
    graphics.setTransform(new AffineTransform());
    graphics.setStroke(new BasicStroke(1));
    graphics.setColor(FRAME);
    graphics.drawRect(0, 0, SIDE - 1, SIDE - 1);
  }

  private static Color color(int group, int opacity) {
    Color color = LinePlot.COLORS.get(group % LinePlot.COLORS.size());
    return new Color(color.getRed(), color.getGreen(), color.getBlue(), opacity);
  }

  private static BufferedImage points(Panel panel, View view) {
    var image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = panel(image);
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, SIDE, SIDE);
    for (Point point : panel.points()) {
      graphics.setColor(color(point.group(), 0xA0));
      graphics.fill(
          new Ellipse2D.Double(view.x(point.x()) - DOT / 2, view.y(point.y()) - DOT / 2, DOT, DOT));
    }
    frame(graphics);
    graphics.dispose();
    return image;
  }

  /** Draws the density; each component has its own color and is scaled to its own maximum. */
  private static BufferedImage density(Panel panel, View view) {
    var image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = panel(image);
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, SIDE, SIDE);
    for (Ellipse ellipse : panel.mixture()) {
      shade(image, ellipse, view);
    }
    for (Ellipse ellipse : panel.mixture()) {
      graphics.setTransform(new AffineTransform());
      var outline = new AffineTransform(view.scale(), 0, 0, -view.scale(), view.x(0), view.y(0));
      outline.concatenate(ellipse.transform(2));
      graphics.setColor(color(ellipse.group(), 0xFF));
      graphics.setStroke(new BasicStroke(1.6f));
      graphics.draw(outline.createTransformedShape(new Ellipse2D.Double(-1, -1, 2, 2)));
    }
    frame(graphics);
    graphics.dispose();
    return image;
  }

  private static void shade(BufferedImage image, Ellipse ellipse, View view) {
    // In pixels, and at least wide enough for a point to be visible.
    double square = view.scale() * view.scale();
    double least = LEAST_DEVIATION * LEAST_DEVIATION;
    double xx = ellipse.xx() * square + least;
    double yy = ellipse.yy() * square + least;
    double xy = -ellipse.xy() * square;
    double determinant = xx * yy - xy * xy;
    Color color = color(ellipse.group(), 0xFF);
    for (int row = 0; row < SIDE; row++) {
      for (int column = 0; column < SIDE; column++) {
        double dx = column - view.x(ellipse.x());
        double dy = row - view.y(ellipse.y());
        double exponent = (yy * dx * dx - 2 * xy * dx * dy + xx * dy * dy) / determinant;
        // Few shades keep the file small.
        double opacity = Math.round(24 * Math.exp(-exponent / 2)) / 32.0;
        if (opacity > 0) {
          image.setRGB(column, row, mixed(image.getRGB(column, row), color, opacity));
        }
      }
    }
  }

  private static int mixed(int background, Color color, double opacity) {
    int red = mixed(background >> 16 & 0xFF, color.getRed(), opacity);
    int green = mixed(background >> 8 & 0xFF, color.getGreen(), opacity);
    int blue = mixed(background & 0xFF, color.getBlue(), opacity);
    return red << 16 | green << 8 | blue;
  }

  private static int mixed(int background, int foreground, double opacity) {
    return (int) Math.round((1 - opacity) * background + opacity * foreground);
  }
}
