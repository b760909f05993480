package io.measureflow.datasets.image;

import java.util.ArrayList;
import java.util.List;

/**
 * A style of writing a digit.
 *
 * @param strokes lines through points x0, y0, x1, y1, ...; x to the right and y down, both in [-1,
 *     1]
 */
record Glyph(List<float[]> strokes) {

  /** The styles of each digit. */
  static final List<List<Glyph>> STYLES =
      List.of(
          List.of(
              of(new Path().arc(0, 0, 0.62, 0.95, -90, 360)),
              of(new Path().arc(0, 0, 0.42, 0.9, -60, 360)),
              of(new Path().arc(0, 0, 0.6, 0.9, -70, 330))),
          List.of(
              of(new Path().to(0, -0.95).to(0, 0.95)),
              of(new Path().to(-0.35, -0.6).to(0.05, -0.95).to(0.05, 0.95)),
              of(
                  new Path().to(-0.35, -0.6).to(0.05, -0.95).to(0.05, 0.95),
                  new Path().to(-0.4, 0.95).to(0.45, 0.95))),
          List.of(
              of(new Path().arc(0, -0.42, 0.55, 0.5, 190, 190).to(-0.55, 0.9).to(0.6, 0.9)),
              of(
                  new Path()
                      .arc(-0.05, -0.45, 0.5, 0.48, 180, 200)
                      .to(-0.2, 0.6)
                      .arc(-0.35, 0.7, 0.2, 0.2, 0, -300)
                      .to(0.6, 0.9)),
              of(new Path().to(-0.55, -0.85).to(0.5, -0.85).to(-0.55, 0.88).to(0.6, 0.88))),
          List.of(
              of(
                  new Path()
                      .arc(-0.05, -0.47, 0.5, 0.46, 200, 250)
                      .arc(-0.05, 0.46, 0.58, 0.48, -90, 250)),
              of(
                  new Path()
                      .to(-0.5, -0.9)
                      .to(0.5, -0.9)
                      .to(-0.05, -0.15)
                      .arc(-0.05, 0.38, 0.56, 0.53, -90, 245)),
              of(
                  new Path()
                      .arc(0, -0.5, 0.45, 0.42, 215, 215)
                      .to(-0.15, -0.05)
                      .arc(0, 0.42, 0.5, 0.5, -70, 215))),
          List.of(
              of(
                  new Path().to(-0.35, -0.9).to(-0.55, 0.15).to(0.6, 0.15),
                  new Path().to(0.3, -0.5).to(0.25, 0.95)),
              of(new Path().to(0.25, 0.95).to(0.25, -0.95).to(-0.6, 0.3).to(0.6, 0.3)),
              of(
                  new Path().arc(-0.05, -0.75, 0.5, 0.8, 180, -160).to(0.42, -0.3),
                  new Path().to(0.45, -0.9).to(0.4, 0.95))),
          List.of(
              of(
                  new Path()
                      .to(0.5, -0.9)
                      .to(-0.4, -0.9)
                      .to(-0.47, -0.1)
                      .arc(-0.05, 0.35, 0.58, 0.56, -130, 260)),
              of(
                  new Path()
                      .arc(0.05, -0.48, 0.5, 0.45, -40, -220)
                      .arc(-0.05, 0.42, 0.54, 0.5, -80, 230)),
              of(
                  new Path().to(-0.35, -0.85).to(-0.4, -0.1).arc(-0.08, 0.4, 0.52, 0.5, -120, 250),
                  new Path().to(-0.35, -0.85).to(0.55, -0.92))),
          List.of(
              of(new Path().arc(0.45, 0.3, 0.95, 1.25, -95, -85).arc(0, 0.42, 0.5, 0.5, 180, -360)),
              of(new Path().to(0.2, -0.95).to(-0.4, 0.2).arc(0, 0.45, 0.48, 0.47, 205, -370)),
              of(
                  new Path()
                      .arc(0.1, -0.2, 0.6, 0.72, -50, -130)
                      .to(-0.5, 0.4)
                      .arc(0, 0.45, 0.5, 0.42, 180, -350))),
          List.of(
              of(new Path().to(-0.55, -0.85).to(0.55, -0.85).to(-0.1, 0.95)),
              of(
                  new Path().to(-0.55, -0.85).to(0.55, -0.85).to(-0.15, 0.95),
                  new Path().to(-0.3, 0).to(0.45, 0.05)),
              of(
                  new Path()
                      .to(-0.5, -0.55)
                      .to(-0.45, -0.88)
                      .to(0.5, -0.85)
                      .arc(0.75, 0.95, 0.7, 1.5, -115, -60))),
          List.of(
              of(
                  new Path().arc(0, -0.47, 0.45, 0.45, 90, 360),
                  new Path().arc(0, 0.47, 0.55, 0.48, -90, 360)),
              of(
                  new Path().arc(0, -0.45, 0.42, 0.48, 60, 330),
                  new Path().arc(0, 0.46, 0.48, 0.45, -70, 330)),
              of(
                  new Path()
                      .arc(0, -0.5, 0.45, 0.42, -20, -200)
                      .to(0.35, 0.2)
                      .arc(0, 0.48, 0.46, 0.42, -30, 200)
                      .to(0.4, -0.6))),
          List.of(
              of(new Path().arc(0, -0.42, 0.5, 0.5, 0, -360).to(0.48, -0.42).to(0.4, 0.95)),
              of(
                  new Path()
                      .arc(-0.02, -0.42, 0.5, 0.48, 0, -360)
                      .arc(-0.45, -0.3, 0.95, 1.25, -5, 85)),
              of(
                  new Path().arc(-0.05, -0.45, 0.48, 0.45, -30, -320),
                  new Path().to(0.45, -0.85).to(0.1, 0.95))));

  private static Glyph of(Path... paths) {
    var strokes = new ArrayList<float[]>();
    for (Path path : paths) {
      strokes.add(path.points());
    }
    return new Glyph(List.copyOf(strokes));
  }

  /** Builds a line. */
  private static final class Path {
    private static final double DEGREES_PER_POINT = 30;
    private final List<Double> points = new ArrayList<>();

    Path to(double x, double y) {
      points.add(x);
      points.add(y);
      return this;
    }

    /**
     * Adds an arc of an ellipse, preceded by a line to its start; 0 degrees is right, 90 is down.
     */
    Path arc(double x, double y, double radiusX, double radiusY, double start, double sweep) {
      int pieces = (int) Math.ceil(Math.abs(sweep) / DEGREES_PER_POINT);
      for (int i = 0; i <= pieces; i++) {
        double angle = StrictMath.toRadians(start + sweep * i / pieces);
        to(x + radiusX * StrictMath.cos(angle), y + radiusY * StrictMath.sin(angle));
      }
      return this;
    }

    float[] points() {
      float[] array = new float[points.size()];
      for (int i = 0; i < array.length; i++) {
        array[i] = points.get(i).floatValue();
      }
      return array;
    }
  }
}
