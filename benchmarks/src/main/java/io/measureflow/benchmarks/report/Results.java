package io.measureflow.benchmarks.report;

import io.measureflow.benchmarks.step.StepCase;
import io.measureflow.benchmarks.timing.Statistics;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/**
 * Summarizes the readings of all rounds. The speed of a shared machine changes from second to
 * second, so ratios are taken between neighbors within a round, and their median counts.
 */
public final class Results {

  private final List<Reading> readings;

  /** Creates a summary of one or more readings. */
  public Results(List<Reading> readings) {
    this.readings = List.copyOf(readings);
  }

  /** The cases, in the order of the readings. */
  public List<StepCase> cases() {
    return readings.stream().map(Reading::step).distinct().toList();
  }

  /** The numbers of threads, ascending. */
  public List<Integer> threads() {
    return readings.stream().map(Reading::threads).distinct().sorted().toList();
  }

  /** The number of rounds. */
  public long rounds() {
    return readings.stream().map(Reading::round).distinct().count();
  }

  /** The median time of a step, in milliseconds. */
  public double milliseconds(StepCase step, int threads) {
    return Statistics.median(of(step, threads).mapToDouble(Reading::milliseconds));
  }

  /** The rate of a step, in GFLOP/s. */
  public double rate(StepCase step, int threads) {
    return step.operations() / (milliseconds(step, threads) * 1e6);
  }

  /** The rate of a step as a fraction of that of the best product. */
  public double share(StepCase step, int threads) {
    return Statistics.median(of(step, threads).mapToDouble(Reading::share));
  }

  /**
   * How many times as fast a step is with the most threads as with the fewest; empty with a single
   * number of threads, or if no round has both.
   */
  public OptionalDouble factor(StepCase step) {
    int fewest = threads().getFirst();
    int most = threads().getLast();
    double[] factors =
        of(step, most)
            .flatMapToDouble(
                reading ->
                    of(step, fewest)
                        .filter(other -> other.round() == reading.round())
                        .mapToDouble(other -> other.milliseconds() / reading.milliseconds()))
            .toArray();
    return fewest == most || factors.length == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(Statistics.median(DoubleStream.of(factors)));
  }

  /** The median of a property of the machine, over all readings with a number of threads. */
  public double machine(int threads, ToDoubleFunction<Reading.Calibration> what) {
    return Statistics.median(
        readings.stream()
            .filter(reading -> reading.threads() == threads)
            .map(Reading::machine)
            .mapToDouble(what));
  }

  /** The range of the rate of the best product, over all readings with a number of threads. */
  public DoubleSummaryStatistics productRates(int threads) {
    return readings.stream()
        .filter(reading -> reading.threads() == threads)
        .mapToDouble(reading -> reading.machine().product())
        .summaryStatistics();
  }

  private Stream<Reading> of(StepCase step, int threads) {
    return readings.stream()
        .filter(reading -> reading.threads() == threads && reading.step().equals(step));
  }
}
