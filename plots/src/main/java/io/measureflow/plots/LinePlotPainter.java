package io.measureflow.plots;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.AffineTransform;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;
import java.awt.image.BufferedImage;
import java.util.List;

/** Draws a {@link LinePlot}. */
final class LinePlotPainter {

  private static final Color TEXT = new Color(0x33, 0x33, 0x33);
  private static final Color GRID = new Color(0xE6, 0xE6, 0xE6);
  private static final Font TITLE = new Font(Font.SANS_SERIF, Font.BOLD, 18);
  private static final Font AXIS = new Font(Font.SANS_SERIF, Font.PLAIN, 15);
  private static final Font TICK = new Font(Font.SANS_SERIF, Font.PLAIN, 13);
  private static final Font LEGEND = new Font(Font.SANS_SERIF, Font.PLAIN, 14);
  private static final Font LABEL = new Font(Font.SANS_SERIF, Font.PLAIN, 12);
  private static final float STROKE = 2.2f;
  private static final float[] DASHES = {8, 7};
  private static final int PADDING = 18;
  private static final int INSET = 10;
  private static final int MARKER = 6;
  private static final int MOST_MARKERS = 60;
  private static final int SAMPLE = 26;
  private static final int LINE_HEIGHT = 20;
  private static final int BAND_OPACITY = 0x38;

  private final LinePlot plot;
  private final BufferedImage image;
  private final Graphics2D graphics;
  private final Axis x;
  private final Axis y;
  private final int left;
  private final int right;
  private final int top;
  private final int bottom;

  LinePlotPainter(LinePlot plot) {
    this.plot = plot;
    image = new BufferedImage(plot.width(), plot.height(), BufferedImage.TYPE_INT_RGB);
    graphics = image.createGraphics();
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
    x = plot.xAxis(Math.max(3, plot.width() / 95));
    y = plot.yAxis(Math.max(3, plot.height() / 75));
    FontMetrics ticks = graphics.getFontMetrics(TICK);
    int widest =
        y.ticks().stream().mapToInt(tick -> ticks.stringWidth(tick.label())).max().orElse(0);
    left = PADDING + LINE_HEIGHT + 8 + widest;
    right =
        plot.width()
            - PADDING
            - (plot.legend() == LinePlot.Legend.OUTSIDE ? legendWidth() + 10 : 0);
    top = PADDING + 30;
    bottom = plot.height() - PADDING - 46;
  }

  BufferedImage image() {
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, plot.width(), plot.height());
    text(TITLE, plot.title(), (left + right) / 2.0, PADDING + 12, 0.5);
    axes();
    List<LinePlot.Series> all = plot.series();
    for (int i = 0; i < all.size(); i++) {
      LinePlot.Series one = all.get(i);
      // Dashes let the line below shine through.
      draw(one, all.subList(0, i).stream().anyMatch(one::coincidesWith));
    }
    for (LinePlot.Label label : plot.labels()) {
      text(LABEL, label.text(), x(label.x()), y(label.y()) + 4, 0.5);
    }
    legend();
    note();
    graphics.dispose();
    return image;
  }

  private double x(double value) {
    return left + INSET + x.position(value) * (right - left - 2 * INSET);
  }

  private double y(double value) {
    return bottom - y.position(value) * (bottom - top);
  }

  private void text(Font font, String words, double at, double baseline, double shareBefore) {
    graphics.setFont(font);
    graphics.setColor(TEXT);
    double length = graphics.getFontMetrics().stringWidth(words);
    graphics.drawString(words, (float) (at - shareBefore * length), (float) baseline);
  }

  private void axes() {
    graphics.setStroke(new BasicStroke(1));
    for (Axis.Tick tick : y.ticks()) {
      double at = bottom - tick.position() * (bottom - top);
      graphics.setColor(GRID);
      graphics.draw(new Line2D.Double(left, at, right, at));
      text(TICK, tick.label(), left - 7, at + 5, 1);
    }
    graphics.setColor(TEXT);
    graphics.draw(new Line2D.Double(left, bottom, right, bottom));
    double end = Double.NEGATIVE_INFINITY;
    for (Axis.Tick tick : x.ticks()) {
      double at = left + INSET + tick.position() * (right - left - 2 * INSET);
      double half = graphics.getFontMetrics(TICK).stringWidth(tick.label()) / 2.0;
      graphics.setColor(TEXT);
      graphics.draw(new Line2D.Double(at, bottom, at, bottom + 4));
      if (at - half > end + 6) {
        text(TICK, tick.label(), at, bottom + 19, 0.5);
        end = at + half;
      }
    }
    text(AXIS, plot.xTitle(), (left + right) / 2.0, bottom + 41, 0.5);
    AffineTransform before = graphics.getTransform();
    graphics.translate(PADDING + 8, (top + bottom) / 2.0);
    graphics.rotate(-Math.PI / 2);
    text(AXIS, plot.yTitle(), 0, 0, 0.5);
    graphics.setTransform(before);
  }

  private void draw(LinePlot.Series series, boolean coincides) {
    if (series.kind() == LinePlot.Kind.BAND) {
      band(series);
      return;
    }
    graphics.setColor(series.color());
    errorBars(series);
    boolean dashed = series.kind() == LinePlot.Kind.DASHED || coincides;
    if (series.kind() != LinePlot.Kind.POINTS) {
      var path = new Path2D.Double();
      for (int i = 0; i < series.x().length; i++) {
        if (i == 0) {
          path.moveTo(x(series.x()[i]), y(series.y()[i]));
        } else {
          path.lineTo(x(series.x()[i]), y(series.y()[i]));
        }
      }
      graphics.setStroke(stroke(dashed));
      graphics.draw(path);
    }
    if (series.kind() == LinePlot.Kind.POINTS
        || (series.kind() == LinePlot.Kind.LINE && series.x().length <= MOST_MARKERS)) {
      for (int i = 0; i < series.x().length; i++) {
        marker(x(series.x()[i]), y(series.y()[i]));
      }
    }
  }

  private static BasicStroke stroke(boolean dashed) {
    // Round ends would fill the gaps.
    return dashed
        ? new BasicStroke(STROKE, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 10, DASHES, 0)
        : new BasicStroke(STROKE, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND);
  }

  private void marker(double atX, double atY) {
    graphics.fill(new Ellipse2D.Double(atX - MARKER / 2.0, atY - MARKER / 2.0, MARKER, MARKER));
  }

  private void errorBars(LinePlot.Series series) {
    graphics.setStroke(new BasicStroke(1.4f));
    for (int i = 0; i < series.error().length; i++) {
      double at = x(series.x()[i]);
      double low = y(series.y()[i] - series.error()[i]);
      double high = y(series.y()[i] + series.error()[i]);
      graphics.draw(new Line2D.Double(at, low, at, high));
      graphics.draw(new Line2D.Double(at - 3, low, at + 3, low));
      graphics.draw(new Line2D.Double(at - 3, high, at + 3, high));
    }
  }

  private void band(LinePlot.Series series) {
    var path = new Path2D.Double();
    int count = series.x().length;
    for (int i = 0; i < count; i++) {
      if (i == 0) {
        path.moveTo(x(series.x()[i]), y(series.high()[i]));
      } else {
        path.lineTo(x(series.x()[i]), y(series.high()[i]));
      }
    }
    for (int i = count - 1; i >= 0; i--) {
      path.lineTo(x(series.x()[i]), y(series.y()[i]));
    }
    path.closePath();
    graphics.setColor(pale(series.color()));
    graphics.fill(path);
  }

  private static Color pale(Color color) {
    return new Color(color.getRed(), color.getGreen(), color.getBlue(), BAND_OPACITY);
  }

  private int legendWidth() {
    FontMetrics metrics = graphics.getFontMetrics(LEGEND);
    return plot.named().stream().mapToInt(s -> metrics.stringWidth(s.name())).max().orElse(0)
        + SAMPLE
        + 24;
  }

  private void legend() {
    List<LinePlot.Series> all = plot.named();
    int wide = legendWidth();
    int high = all.size() * LINE_HEIGHT + 10;
    int atX =
        switch (plot.legend()) {
          case NORTH_WEST, SOUTH_WEST -> left + 12;
          case NORTH_EAST, SOUTH_EAST -> right - wide - 6;
          case OUTSIDE -> right + 10;
        };
    int atY =
        switch (plot.legend()) {
          case NORTH_EAST, NORTH_WEST, OUTSIDE -> top + 6;
          case SOUTH_EAST, SOUTH_WEST -> bottom - high - 8;
        };
    // Not opaque, so that error bars and lines behind it can be seen.
    graphics.setColor(new Color(0xFF, 0xFF, 0xFF, 0xD0));
    graphics.fillRect(atX, atY, wide, high);
    graphics.setStroke(new BasicStroke(1));
    graphics.setColor(GRID);
    graphics.drawRect(atX, atY, wide, high);
    for (int i = 0; i < all.size(); i++) {
      LinePlot.Series one = all.get(i);
      double middle = atY + 5 + (i + 0.5) * LINE_HEIGHT;
      boolean band = one.kind() == LinePlot.Kind.BAND;
      graphics.setColor(band ? pale(one.color()) : one.color());
      if (band) {
        graphics.fillRect(atX + 8, (int) middle - 6, SAMPLE, 12);
      } else if (one.kind() == LinePlot.Kind.POINTS) {
        marker(atX + 8 + SAMPLE / 2.0, middle);
      } else {
        graphics.setStroke(
            stroke(
                one.kind() == LinePlot.Kind.DASHED
                    || all.subList(0, i).stream().anyMatch(one::coincidesWith)));
        graphics.draw(new Line2D.Double(atX + 8, middle, atX + 8 + SAMPLE, middle));
        if (one.kind() == LinePlot.Kind.LINE) {
          marker(atX + 8 + SAMPLE / 2.0, middle);
        }
      }
      text(LEGEND, one.name(), atX + 16 + SAMPLE, middle + 5, 0);
    }
  }

  /** Says how many points are drawn at the end of an axis, as they lie beyond it. */
  private void note() {
    long beyond = 0;
    for (LinePlot.Series series : plot.series()) {
      for (int i = 0; i < series.x().length; i++) {
        beyond += x.isBeyond(series.x()[i]) || y.isBeyond(series.y()[i]) ? 1 : 0;
      }
    }
    if (beyond > 0) {
      text(
          LABEL,
          beyond + (beyond == 1 ? " point" : " points") + " beyond the axis, drawn at its end",
          right,
          top - 6,
          1);
    }
  }
}
