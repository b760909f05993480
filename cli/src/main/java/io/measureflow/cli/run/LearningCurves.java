package io.measureflow.cli.run;

import io.measureflow.api.error.MeasureFlowException;
import io.measureflow.api.io.AtomicFile;
import io.measureflow.plots.Figure;
import io.measureflow.plots.LinePlot;
import java.awt.Color;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** Draws loss and accuracy along training, side by side. */
public final class LearningCurves {

  private static final int WIDTH = 760;
  private static final int HEIGHT = 520;
  private static final Color TRAIN = LinePlot.COLORS.get(0);
  private static final Color TEST = LinePlot.COLORS.get(1);
  private static final Color VALIDATION = LinePlot.COLORS.get(2);

  private LearningCurves() {}

  /**
   * Draws the epochs of a run. If that fails, logs a warning; the run continues without the plot.
   */
  public static void draw(List<MetricsFile.Row> rows, String title, Path file) {
    if (rows.isEmpty()) {
      return;
    }
    save(file, () -> png(rows, title));
  }

  /** Writes a plot. If that fails, logs a warning; what was plotted is not affected. */
  public static void save(Path file, Supplier<byte[]> png) {
    try {
      AtomicFile.write(file, png.get());
    } catch (MeasureFlowException e) {
      // The plot was drawn but could not be written.
      System.getLogger(LearningCurves.class.getName())
          .log(
              System.Logger.Level.WARNING,
              e.getMessage() + " The numbers are in metrics.csv; 'measureflow plot' draws them.",
              e);
    } catch (RuntimeException | LinkageError e) {
      System.getLogger(LearningCurves.class.getName())
          .log(
              System.Logger.Level.WARNING,
              file
                  + " could not be drawn ("
                  + AtomicFile.reason(e)
                  + "); the numbers are in metrics.csv."
                  + (isAboutFonts(e) ? " Install fontconfig and a font." : ""),
              e);
    }
  }

  private static byte[] png(List<MetricsFile.Row> rows, String title) {
    LinePlot loss = plot(title + ": loss", "loss").automaticY();
    if (rows.stream().allMatch(MetricsFile.Row::isNeverBelowZero)) {
      // Of a logarithmic axis 0 is no end.
      loss.yFrom(0);
    }
    add(loss, "training", rows, MetricsFile.Row::trainLoss, TRAIN);
    add(loss, "validation", rows, MetricsFile.Row::validationLoss, VALIDATION);
    add(loss, "test", rows, MetricsFile.Row::testLoss, TEST);
    LinePlot accuracy =
        plot(title + ": accuracy", "accuracy in per cent").legend(LinePlot.Legend.SOUTH_EAST);
    add(accuracy, "training", rows, row -> 100 * row.trainAccuracy(), TRAIN);
    add(accuracy, "validation", rows, row -> 100 * row.validationAccuracy(), VALIDATION);
    add(accuracy, "test", rows, row -> 100 * row.testAccuracy(), TEST);
    return Figure.png(accuracy.isEmpty() ? List.of(loss) : List.of(loss, accuracy), 2);
  }

  /** Java needs fontconfig on Linux, and fails in several ways without it. */
  private static boolean isAboutFonts(Throwable e) {
    for (Throwable at = e; at != null; at = at.getCause()) {
      if (at instanceof LinkageError
          || String.valueOf(at.getMessage()).toLowerCase(Locale.ROOT).contains("font")) {
        return true;
      }
    }
    return false;
  }

  private static void add(
      LinePlot plot,
      String name,
      List<MetricsFile.Row> rows,
      ToDoubleFunction<MetricsFile.Row> value,
      Color color) {
    plot.line(
        name,
        rows.stream().mapToDouble(MetricsFile.Row::epoch).toArray(),
        rows.stream().mapToDouble(value).toArray(),
        color);
  }

  private static LinePlot plot(String title, String quantity) {
    return new LinePlot(WIDTH, HEIGHT, title, "epoch", quantity).wholeNumbersOnX();
  }
}
