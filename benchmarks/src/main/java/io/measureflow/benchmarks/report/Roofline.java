package io.measureflow.benchmarks.report;

import io.measureflow.benchmarks.step.StepCase;
import io.measureflow.plots.Figure;
import io.measureflow.plots.LinePlot;
import java.awt.Color;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleBiFunction;

/**
 * The picture of a roofline [williams2009]: the rates of all cases over their arithmetic intensity,
 * below what the memory and the arithmetic units allow; one plot for each number of threads, on the
 * same axes.
 */
public final class Roofline {

  private static final int WIDTH = 820;
  private static final int HEIGHT = 620;
  private static final Color ROOF = LinePlot.COLORS.getLast();

  /** How far above its point a label stands, as a factor of the logarithmic axis. */
  private static final double ABOVE = 1.09;

  /** As far beside it, where there is room for up to four digits. */
  private static final double BESIDE = 1.12;

  /** From this K on the points of a family crowd together, for their intensity has a limit. */
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
    // The legend stands above the roof.
    mostY = 3 * -least((step, threads) -> -Math.max(results.rate(step, threads), product(threads)));
  }

  /** The least over all cases and numbers of threads: both plots have the same axes. */
  private double least(ToDoubleBiFunction<StepCase, Integer> what) {
    return results.cases().stream()
        .flatMapToDouble(
            step ->
                results.threads().stream()
                    .mapToDouble(threads -> what.applyAsDouble(step, threads)))
        .min()
        .orElseThrow();
  }

  /** Draws the picture, as a PNG file. */
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

  /** The crowded labels stand at the sides of their points, the others above them. */
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

  /** The intensity from which on the product is the limit. */
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
