package io.measureflow.cli.run;

import io.measureflow.plots.Figure;
import io.measureflow.plots.LinePlot;
import java.awt.Color;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Draws losses and accuracies of several runs along training, each quantity in a plot. */
public final class RunCurves {

  private static final String ACCURACY = "accuracy in per cent";
  private static final int WIDTH = 760;
  private static final int HEIGHT = 520;

  // Loss and accuracy of the same rows stand side by side.
  private static final List<Quantity> QUANTITIES =
      List.of(
          new Quantity("training loss", "loss", MetricsFile.Row::trainLoss),
          new Quantity("training accuracy", ACCURACY, row -> 100 * row.trainAccuracy()),
          new Quantity("validation loss", "loss", MetricsFile.Row::validationLoss),
          new Quantity("validation accuracy", ACCURACY, row -> 100 * row.validationAccuracy()),
          new Quantity("test loss", "loss", MetricsFile.Row::testLoss),
          new Quantity("test accuracy", ACCURACY, row -> 100 * row.testAccuracy()));

  private RunCurves() {}

  /** A quantity that is drawn for each run. */
  private record Quantity(String title, String axis, ToDoubleFunction<MetricsFile.Row> value) {}

  /**
   * Returns a PNG file with a line for each group: a run, or the mean of several with a band.
   *
   * @param groups at most {@link #most}
   */
  public static byte[] png(List<RunGroup> groups) {
    var plots = new ArrayList<LinePlot>();
    for (Quantity quantity : QUANTITIES) {
      boolean accuracy = quantity.axis().equals(ACCURACY);
      LinePlot plot =
          new LinePlot(WIDTH, HEIGHT, quantity.title(), "epoch", quantity.axis())
              .wholeNumbersOnX()
              .legend(accuracy ? LinePlot.Legend.SOUTH_EAST : LinePlot.Legend.NORTH_EAST);
      if (!accuracy) {
        plot.automaticY();
      }
      List<RunGroup.Band> bands =
          groups.stream()
              .map(group -> group.band(quantity.value(), accuracy ? 100 : Double.POSITIVE_INFINITY))
              .toList();
      for (int i = 0; i < bands.size(); i++) {
        RunGroup.Band band = bands.get(i);
        plot.band("", band.epochs(), band.low(), band.high(), color(i));
      }
      for (int i = 0; i < bands.size(); i++) {
        RunGroup.Band band = bands.get(i);
        plot.line(groups.get(i).legend(), band.epochs(), band.mean(), color(i));
      }
      if (!plot.isEmpty()) {
        plots.add(plot);
      }
    }
    return Figure.png(plots, 2);
  }

  /** Returns the largest number of groups, one for each color. */
  public static int most() {
    return LinePlot.COLORS.size();
  }

  private static Color color(int group) {
    return LinePlot.COLORS.get(group);
  }
}
