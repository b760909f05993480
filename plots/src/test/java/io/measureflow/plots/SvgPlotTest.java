package io.measureflow.plots;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class SvgPlotTest {

  private static String written(SvgPlot plot) {
    var page = new Html();
    plot.writeTo(page, "", "what it shows");
    return page.toString();
  }

  @Test
  void aLineGoesThroughItsPoints() {
    String svg =
        written(
            new SvgPlot("Loss", "epoch", "loss")
                .xBetween(0, 4)
                .yBetween(0, 1)
                .line("training", 0, new double[] {0, 2, 4}, new double[] {0, 0.5, 1}));
    // The area is 60 to 348 across and 200 to 10 down.
    assertTrue(svg.contains("class=\"line s0\" d=\"M60 200L204 105L348 10\""), svg);
  }

  @Test
  void anyNumbersStayWithinThePlot() {
    double[][] losses = {
      {1, 1e15}, {1, 1.7e308}, {1, Double.POSITIVE_INFINITY}, {Double.NaN, 2}, {0.5}, {1, 2, -1e308}
    };
    for (double[] loss : losses) {
      double[] x = new double[loss.length];
      Arrays.setAll(x, i -> i + 1);
      String svg =
          written(new SvgPlot("Loss", "epoch", "loss").automaticY().line("training", 0, x, loss));
      assertFalse(svg.contains("NaN\""), svg);
      assertFalse(svg.contains("Infinity"), svg);
      Matcher numbers = Pattern.compile("d=\"M([0-9.]+) ([0-9.]+)").matcher(svg);
      int count = 0;
      while (numbers.find()) {
        count++;
        assertTrue(Double.parseDouble(numbers.group(1)) <= 360, svg);
        assertTrue(Double.parseDouble(numbers.group(2)) <= 240, svg);
      }
      assertTrue(count > 2, svg);
    }
  }

  @Test
  void aLongLineIsThinnedButKeepsItsPeaks() {
    double[] x = new double[100_000];
    Arrays.setAll(x, i -> i);
    double[] y = new double[x.length];
    y[77_777] = 1;
    String svg =
        written(new SvgPlot("Loss", "epoch", "loss").yBetween(0, 1).line("training", 0, x, y));
    assertTrue(svg.length() < 20_000, String.valueOf(svg.length()));
    assertTrue(svg.contains(" 10L"), "the peak is at the top of the plot");
  }

  @Test
  void wordsAreEscaped() {
    String svg =
        written(
            new SvgPlot("<b>&\"'", "<x>", "<y>")
                .line("<script>", 0, new double[] {1}, new double[] {1})
                .line("two", 1, new double[] {1}, new double[] {2}));
    assertFalse(svg.contains("<script"), svg);
    assertFalse(svg.contains("<b>"), svg);
    assertEquals("&lt;a b=&quot;&#39;&amp;&gt;\uFFFD\uFFFD", Html.escaped("<a b=\"'&>\0\u202E"));
  }
}
