package io.measureflow.cli;

import io.measureflow.core.checkpoint.AtomicFile;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.ToDoubleFunction;
import javax.imageio.ImageIO;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Draws loss and accuracy along training, side by side. */
final class LearningCurves {

  private static final int WIDTH = 760;
  private static final int HEIGHT = 520;
  private static final Color TEXT = new Color(0x33, 0x33, 0x33);
  private static final Color GRID = new Color(0xE6, 0xE6, 0xE6);

  /** Blue, orange and green that people of every colour vision can tell apart [okabe2008]. */
  private static final Color TRAIN = new Color(0x00, 0x72, 0xB2);

  private static final Color TEST = new Color(0xD5, 0x5E, 0x00);
  private static final Color VALIDATION = new Color(0x00, 0x9E, 0x73);

  private LearningCurves() {}

  /** Draws the epochs of a run. A machine that cannot draw loses the plot only. */
  static void draw(List<MetricsFile.Row> rows, String title, Path file) {
    if (rows.isEmpty()) {
      return;
    }
    try {
      XYChart loss = chart(title + ": loss", "loss");
      loss.getStyler().setYAxisMin(0.0);
      add(loss, "training", rows, MetricsFile.Row::trainLoss, TRAIN);
      add(loss, "validation", rows, MetricsFile.Row::validationLoss, VALIDATION);
      add(loss, "test", rows, MetricsFile.Row::testLoss, TEST);
      XYChart accuracy = chart(title + ": accuracy", "accuracy in per cent");
      add(accuracy, "training", rows, row -> 100 * row.trainAccuracy(), TRAIN);
      add(accuracy, "validation", rows, row -> 100 * row.validationAccuracy(), VALIDATION);
      add(accuracy, "test", rows, row -> 100 * row.testAccuracy(), TEST);
      accuracy.getStyler().setLegendPosition(Styler.LegendPosition.InsideSE);
      AtomicFile.write(
          file,
          accuracy.getSeriesCollection().isEmpty()
              ? png(List.of(loss))
              : png(List.of(loss, accuracy)));
    } catch (IOException | RuntimeException | LinkageError e) {
      System.getLogger(LearningCurves.class.getName())
          .log(
              System.Logger.Level.WARNING,
              file
                  + " could not be drawn ("
                  + e
                  + "); the numbers are in metrics.csv. On a bare Linux install fontconfig and a"
                  + " font.",
              e);
    }
  }

  private static byte[] png(List<XYChart> charts) throws IOException {
    var image = new BufferedImage(WIDTH * charts.size(), HEIGHT, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    for (int i = 0; i < charts.size(); i++) {
      graphics.drawImage(BitmapEncoder.getBufferedImage(charts.get(i)), i * WIDTH, 0, null);
    }
    graphics.dispose();
    var bytes = new ByteArrayOutputStream();
    ImageIO.write(image, "png", bytes);
    return bytes.toByteArray();
  }

  private static void add(
      XYChart chart,
      String name,
      List<MetricsFile.Row> rows,
      ToDoubleFunction<MetricsFile.Row> value,
      Color color) {
    List<MetricsFile.Row> known =
        rows.stream().filter(row -> !Double.isNaN(value.applyAsDouble(row))).toList();
    if (known.isEmpty()) {
      return;
    }
    XYSeries series =
        chart.addSeries(
            name,
            known.stream().mapToDouble(MetricsFile.Row::epoch).toArray(),
            known.stream().mapToDouble(value).toArray());
    series.setLineColor(color);
    series.setLineStyle(new BasicStroke(2.2f, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    series.setMarkerColor(color);
    series.setMarker(SeriesMarkers.CIRCLE);
  }

  private static XYChart chart(String title, String quantity) {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(title)
            .xAxisTitle("epoch")
            .yAxisTitle(quantity)
            .build();
    var styler = chart.getStyler();
    styler.setChartBackgroundColor(Color.WHITE);
    styler.setPlotBackgroundColor(Color.WHITE);
    styler.setPlotBorderVisible(false);
    styler.setPlotGridLinesColor(GRID);
    styler.setPlotGridVerticalLinesVisible(false);
    styler.setChartFontColor(TEXT);
    styler.setAxisTickLabelsColor(TEXT);
    styler.setChartTitleFont(new Font(Font.SANS_SERIF, Font.BOLD, 18));
    styler.setAxisTitleFont(new Font(Font.SANS_SERIF, Font.PLAIN, 15));
    styler.setAxisTickLabelsFont(new Font(Font.SANS_SERIF, Font.PLAIN, 13));
    styler.setLegendFont(new Font(Font.SANS_SERIF, Font.PLAIN, 14));
    styler.setLegendBorderColor(GRID);
    styler.setLegendPosition(Styler.LegendPosition.InsideNE);
    styler.setChartTitleBoxVisible(false);
    styler.setMarkerSize(6);
    styler.setChartPadding(18);
    styler.setXAxisTickLabelsFormattingFunction(
        epoch -> epoch == Math.rint(epoch) ? String.valueOf(Math.round(epoch)) : "");
    return chart;
  }
}
