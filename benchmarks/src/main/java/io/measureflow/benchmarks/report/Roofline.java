package io.measureflow.benchmarks.report;

import io.measureflow.benchmarks.step.StepCase;
import io.measureflow.plots.Figure;
import io.measureflow.plots.LinePlot;
import java.awt.Color;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleBiFunction;

/**
 * Draws a roofline [williams2009]: the rate of each case against its arithmetic intensity, below
 * the limits set by memory and arithmetic units; one plot for each number of threads, on the same
 * axes.
 */
public final class Roofline {

  private static final int WIDTH = 820;
  private static final int HEIGHT = 620;
  private static final Color ROOF = LinePlot.COLORS.getLast();

  /** The distance of a label above its point, as a factor on the logarithmic axis. */
  private static final double ABOVE = 1.09;

  /** The distance of a label beside its point, with room for four digits. */
  private static final double BESIDE = 1.12;

  /** From this K on, the points of a family crowd together, since their intensity converges. */
  private static final int CROWDED = 256;

  private final Results results;
  private final double leastX;
  private final double mostX;
  private final double leastY;
  private final double mostY;

  private Roofline(Results results) {
    this.results = results;
    leastX = 0.4 * least((step, threads) -> Math.min(intensity(step), ridge(threads)));
    mostX = 1.6 * -least((step, threads) -> -intensity(step));
    leastY =
        0.6 * least((step, threads) -> Math.min(results.rate(step, threads), leastRoof(threads)));
    // Leaves room for the legend above the roof.
    mostY = 3 * -least((step, threads) -> -Math.max(results.rate(step, threads), product(threads)));
  }

  /** The minimum over all cases and numbers of threads, since all plots share their axes. */
  private double least(ToDoubleBiFunction<StepCase, Integer> what) {
    return results.cases().stream()
        .flatMapToDouble(
            step ->
                results.threads().stream()
                    .mapToDouble(threads -> what.applyAsDouble(step, threads)))
        .min()
        .orElseThrow();
  }

  /** Draws the plots as one PNG file. */
  public static byte[] png(Results results) {
    var roofline = new Roofline(results);
    return Figure.png(results.threads().stream().map(roofline::plot).toList(), 2);
  }

  private LinePlot plot(int threads) {
    LinePlot plot =
        new LinePlot(
                WIDTH,
                HEIGHT,
                threads == 1 ? "1 thread" : threads + " threads",
                "operations per byte of compulsory traffic",
                "GFLOP/s")
            .logarithmicX()
            .logarithmicY()
            .xBetween(leastX, mostX)
            .yFrom(leastY)
            .yTo(mostY)
            .legend(LinePlot.Legend.NORTH_WEST);
    double product = product(threads);
    double bandwidth = bandwidth(threads);
    plot.dashed(
        String.format(Locale.ROOT, "memory %.0f GB/s, product %.0f GFLOP/s", bandwidth, product),
        new double[] {leastX, ridge(threads), mostX},
        new double[] {leastRoof(threads), product, product},
        ROOF);
    for (String family : StepCase.FAMILIES) {
      List<StepCase> cases =
          results.cases().stream().filter(step -> step.family().equals(family)).toList();
      plot.line(
          family,
          cases.stream().mapToDouble(Roofline::intensity).toArray(),
          cases.stream().mapToDouble(step -> results.rate(step, threads)).toArray(),
          LinePlot.COLORS.get(StepCase.FAMILIES.indexOf(family)));
      for (StepCase step : cases) {
        label(plot, step, threads);
      }
    }
    return plot;
  }

  /** Labels a point with K: at its side where points crowd, else above it. */
  private void label(LinePlot plot, StepCase step, int threads) {
    double x = intensity(step);
    double y = results.rate(step, threads);
    String text = String.valueOf(step.components());
    if (step.components() < CROWDED) {
      plot.label(x, y * ABOVE, text);
    } else {
      plot.label(step.components() == CROWDED ? x / BESIDE : x * BESIDE, y, text);
    }
  }

  /** The intensity above which the product is the limit. */
  private double ridge(int threads) {
    return product(threads) / bandwidth(threads);
  }

  private double leastRoof(int threads) {
    return leastX * bandwidth(threads);
  }

  private double product(int threads) {
    return results.machine(threads, Reading.Calibration::product);
  }

  private double bandwidth(int threads) {
    return results.machine(threads, Reading.Calibration::bandwidth);
  }

  private static double intensity(StepCase step) {
    return step.operations() / step.bytes();
  }
}
