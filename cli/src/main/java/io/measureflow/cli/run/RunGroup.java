package io.measureflow.cli.run;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Runs that differ only in their seed, or a single run.
 *
 * @param name the name in the legend
 * @param runs the epochs of each run; at least one run
 */
public record RunGroup(String name, List<List<MetricsFile.Row>> runs) {

  /** Copies the lists. */
  public RunGroup {
    runs = runs.stream().map(List::copyOf).toList();
  }

  /**
   * A quantity along training: the mean over the runs that reached an epoch, between two ends.
   * Those are one standard deviation away, or for two runs the runs themselves; NaN for one run.
   */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  record Band(double[] epochs, double[] mean, double[] low, double[] high) {}

  /** Returns the name with what the band means. */
  public String legend() {
    return switch (runs.size()) {
      case 1 -> name;
      case 2 -> name + " (2 seeds, range)";
      default -> name + " (" + runs.size() + " seeds, \u00B1 1 deviation)";
    };
  }

  /**
   * Returns a quantity along training.
   *
   * @param most what the quantity cannot exceed
   */
  Band band(ToDoubleFunction<MetricsFile.Row> quantity, double most) {
    int epochs = runs.stream().mapToInt(List::size).max().orElse(0);
    double[] mean = new double[epochs];
    double[] low = new double[epochs];
    double[] high = new double[epochs];
    for (int epoch = 0; epoch < epochs; epoch++) {
      var values = new ArrayList<Double>();
      for (List<MetricsFile.Row> run : runs) {
        if (epoch < run.size() && !Double.isNaN(quantity.applyAsDouble(run.get(epoch)))) {
          values.add(quantity.applyAsDouble(run.get(epoch)));
        }
      }
      double[] known = values.stream().mapToDouble(Double::doubleValue).toArray();
      MeanDeviation summary = MeanDeviation.of(known);
      double least = values.stream().mapToDouble(Double::doubleValue).min().orElse(Double.NaN);
      double greatest = values.stream().mapToDouble(Double::doubleValue).max().orElse(Double.NaN);
      mean[epoch] = summary.mean();
      if (known.length == 2) {
        low[epoch] = least;
        high[epoch] = greatest;
      } else {
        low[epoch] = summary.mean() - summary.deviation();
        high[epoch] = Math.min(most, summary.mean() + summary.deviation());
        // What is never negative is not uncertain below 0 either.
        low[epoch] = least >= 0 ? Math.max(0, low[epoch]) : low[epoch];
      }
    }
    return new Band(IntStream.rangeClosed(1, epochs).asDoubleStream().toArray(), mean, low, high);
  }
}
