package io.measureflow.plots;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class LinePlotTest {

  private static final Color BLUE = LinePlot.COLORS.get(0);
  private static final Color ORANGE = LinePlot.COLORS.get(1);

  private static LinePlot plot() {
    return new LinePlot(400, 300, "title", "epoch", "loss").wholeNumbersOnX();
  }

  private static long pixels(BufferedImage image, Color color) {
    int[] all = image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
    return Arrays.stream(all).filter(rgb -> rgb == color.getRGB()).count();
  }

  /** The library used before looped for ever on the first of these. */
  @Test
  void anyLossIsDrawn() {
    double[][] losses = {
      {1, 1e15},
      {1, 1.7e308},
      {1, Double.POSITIVE_INFINITY},
      {-1.7e308, 1.7e308},
      {3},
      {0, 0},
      {1e15}
    };
    for (double[] loss : losses) {
      double[] x = new double[loss.length];
      Arrays.setAll(x, i -> i + 1);
      for (LinePlot plot : new LinePlot[] {plot(), plot().yFrom(0), plot().automaticY()}) {
        BufferedImage image = plot.line("training", x, loss, BLUE).image();
        assertTrue(pixels(image, BLUE) > 20, Arrays.toString(loss));
      }
    }
  }

  @Test
  void linesThatCoincideAreBothSeen() {
    double[] x = {1, 2, 3, 4};
    double[] y = {4, 3, 2, 1};
    BufferedImage one = plot().line("first", x, y, BLUE).image();
    BufferedImage both = plot().line("first", x, y, BLUE).line("second", x, y, ORANGE).image();
    assertTrue(pixels(both, ORANGE) > pixels(one, BLUE) / 4);
    assertTrue(
        pixels(both, BLUE) > pixels(one, BLUE) / 4, pixels(both, BLUE) + " " + pixels(one, BLUE));
  }

  @Test
  void errorBarsDoNotReachBelowZeroOfWhatIsNeverNegative() {
    LinePlot plot =
        plot().line("share", new double[] {1, 2}, new double[] {1, 2}, new double[] {5, 5}, BLUE);
    assertEquals(0, plot.yAxis(5).position(0));
    LinePlot signed =
        plot().line("signed", new double[] {1, 2}, new double[] {-1, 2}, new double[] {5, 5}, BLUE);
    assertTrue(signed.yAxis(5).position(-6) < signed.yAxis(5).position(-1));
  }
}
