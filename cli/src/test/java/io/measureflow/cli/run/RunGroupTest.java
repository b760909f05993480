package io.measureflow.cli.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.core.training.FlowReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bands over seeds, worked out by hand. */
class RunGroupTest {

  private static final double NONE = Double.NaN;

  @TempDir Path folder;

  private static List<MetricsFile.Row> run(double... losses) {
    var rows = new ArrayList<MetricsFile.Row>();
    for (double loss : losses) {
      rows.add(
          new MetricsFile.Row(
              rows.size() + 1,
              0.1,
              loss,
              NONE,
              NONE,
              NONE,
              NONE,
              NONE,
              10,
              1,
              1,
              new FlowReport(NONE, NONE, NONE, NONE, NONE)));
    }
    return rows;
  }

  private static RunGroup.Band band(double most, double[]... runs) {
    return new RunGroup("name", Stream.of(runs).map(RunGroupTest::run).toList())
        .band(MetricsFile.Row::trainLoss, most);
  }

  @Test
  void aBandIsOneDeviationWide() {
    RunGroup.Band band =
        band(
            Double.POSITIVE_INFINITY,
            new double[] {1, 0.1, -1},
            new double[] {2, 0.2, -2},
            new double[] {6, 3.0, -6});
    assertArrayEquals(new double[] {1, 2, 3}, band.epochs());
    // The deviation of 1, 2 and 6 is the root of (4 + 1 + 9) / 2.
    double deviation = Math.sqrt(7);
    assertArrayEquals(new double[] {3, 1.1, -3}, band.mean(), 1e-12);
    assertEquals(3 - deviation, band.low()[0], 1e-12);
    assertEquals(3 + deviation, band.high()[0], 1e-12);
    // What is never negative does not reach below 0; what is negative does.
    assertEquals(0, band.low()[1]);
    assertEquals(-3 - deviation, band.low()[2], 1e-12);
  }

  @Test
  void twoRunsAreTheirOwnBandAndOneHasNone() {
    RunGroup.Band two = band(9, new double[] {1, 5}, new double[] {3, 4, 7});
    assertArrayEquals(new double[] {2, 4.5, 7}, two.mean());
    assertArrayEquals(new double[] {1, 4, NONE}, two.low());
    assertArrayEquals(new double[] {3, 5, NONE}, two.high());
    assertEquals("name (2 seeds, range)", new RunGroup("name", List.of(run(1), run(2))).legend());
    assertEquals("name", new RunGroup("name", List.of(run(1))).legend());
    assertEquals(
        "name (3 seeds, ± 1 deviation)",
        new RunGroup("name", List.of(run(1), run(2), run(3))).legend());
  }

  @Test
  void nothingExceedsItsMost() {
    assertEquals(
        100, band(100, new double[] {99}, new double[] {100}, new double[] {90}).high()[0]);
  }

  @Test
  void numbersOfAnySizeHaveAMeanAndADeviation() {
    MeanDeviation large = MeanDeviation.of(1e300, 1.5e300, 0.5e300);
    assertEquals(1e300, large.mean(), 1e286);
    assertEquals(0.5e300, large.deviation(), 1e286);
    assertEquals(Double.MAX_VALUE, MeanDeviation.of(Double.MAX_VALUE, Double.MAX_VALUE).mean());
    assertEquals(Double.POSITIVE_INFINITY, MeanDeviation.of(1, 1.0 / 0).mean());
    assertTrue(Double.isNaN(MeanDeviation.of(1, 1.0 / 0).deviation()));
    assertEquals(new MeanDeviation(2, 0, 0), MeanDeviation.of(0, NONE, 0));
    assertEquals(0, MeanDeviation.of(NONE).count());
    assertTrue(Double.isNaN(MeanDeviation.of(4).deviation()));
  }

  @Test
  void anyNumbersAreDrawn() throws IOException {
    double[][][] cases = {
      {{1, 1e300}, {2, -1e300}, {3, 1.7e308}},
      {{1, 1.0 / 0}, {1.0 / 0, 2}, {NONE, NONE}},
      {{-1.0 / 0, 1}, {1.0 / 0, 2}},
      {{0, 0}, {0, 0}, {0, 0}},
      {{1e-320, 5}, {1e308, NONE}, {4}},
      {{NONE}, {3}}
    };
    int number = 0;
    for (double[][] losses : cases) {
      byte[] png =
          RunCurves.png(
              List.of(
                  new RunGroup("all", Stream.of(losses).map(RunGroupTest::run).toList()),
                  new RunGroup("first", List.of(run(1, 2, 3)))));
      assertTrue(png.length > 1000);
      Files.write(folder.resolve(number++ + ".png"), png);
    }
  }
}
