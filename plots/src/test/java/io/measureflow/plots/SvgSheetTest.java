package io.measureflow.plots;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;

class SvgSheetTest {

  private static SvgPlot plot(String title) {
    return new SvgPlot(title, "rate", "loss")
        .logarithmicX()
        .xBetween(0.001, 1)
        .yBetween(0, 10)
        .points("early", 3, new double[] {0.01, 0.1}, new double[] {5, Double.POSITIVE_INFINITY})
        .points("", 0, new double[] {0.5}, new double[] {1})
        .highlight("best", 1, new double[] {1}, new double[] {0});
  }

  @Test
  void aSheetIsAnSvgFileOfItsOwn() throws Exception {
    String sheet =
        SvgSheet.of("Search <of> \"things\"", List.of(plot("a"), plot("b"), plot("c")), 2);
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
    Document document =
        factory
            .newDocumentBuilder()
            .parse(new ByteArrayInputStream(sheet.getBytes(StandardCharsets.UTF_8)));
    assertEquals("svg", document.getDocumentElement().getTagName());
    assertEquals(
        2 * 360 + 20 + 2 * 16,
        Integer.parseInt(document.getDocumentElement().getAttribute("width")));
    assertFalse(sheet.contains("NaN") || sheet.contains("Infinity"), sheet);
    // 0.01 and 0.1 are a third and two thirds of the way from 60 to 348; the area is 200 to 10
    // down.
    assertTrue(sheet.contains("class=\"points s3\" d=\"M156 105h0M252 10h0\""), sheet);
    assertTrue(sheet.contains("class=\"highlight s1\" d=\"M348 200h0\""), sheet);
    // Three plots with two legend entries each: the series without a name has none.
    assertEquals(6, sheet.split("class=\"legend\"", -1).length - 1);
  }

  @Test
  void namesLieInTheMiddleOfTheirShare() {
    var page = new Html();
    new SvgPlot("family", "family", "loss")
        .namesOnX(List.of("diagonal", "a-name-that-is-far-too-long-for-its-place"))
        .yBetween(0, 1)
        .points("all", 0, new double[] {0, 1}, new double[] {0, 1})
        .writeTo(page, "", "what it shows");
    String svg = page.toString();
    assertTrue(svg.contains("class=\"points s0\" d=\"M132 200h0M276 10h0\""), svg);
    assertTrue(svg.contains(">diagonal<"), svg);
    assertTrue(svg.contains("a-name-that-is-far-…") || svg.contains("…<"), svg);
  }

  @Test
  void aBandLeavesOutWhatIsNotKnown() {
    double[] x = {1, 2, 3};
    LinePlot plot =
        new LinePlot(400, 300, "t", "x", "y")
            .band(
                "",
                x,
                new double[] {1, Double.NaN, 2},
                new double[] {2, 3, 4},
                LinePlot.COLORS.get(0))
            .line("mean", x, new double[] {1, 2, 3}, LinePlot.COLORS.get(0));
    assertEquals(2, plot.series().getFirst().x().length);
    assertEquals(1, plot.named().size());
    assertEquals(400, plot.image().getWidth());
  }
}
