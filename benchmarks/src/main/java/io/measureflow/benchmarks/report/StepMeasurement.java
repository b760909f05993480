package io.measureflow.benchmarks.report;

import io.measureflow.benchmarks.machine.Machine;
import io.measureflow.benchmarks.step.StepCase;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Measures all cases in rounds, and writes the readings after each round. */
public final class StepMeasurement {

  private final ReportOptions options;
  private final List<Bench> benches = new ArrayList<>();
  private final List<Reading> readings = new ArrayList<>();

  private StepMeasurement(ReportOptions options) {
    this.options = options;
  }

  /** Measures all cases and writes the readings to a file. */
  public static void run(ReportOptions options, Path file) {
    new StepMeasurement(options).run(file);
  }

  private void run(Path file) {
    try {
      say("compiling and warming up");
      for (int threads : options.threads()) {
        benches.add(new Bench(threads, StepCase.ALL));
      }
      benches.forEach(bench -> bench.warmUp(options.warmup()));
      Bench last = benches.getLast();
      var about = Machine.describe(last.simd(), last.nd4j(), options.measuring());
      for (int round = 1; round <= options.rounds(); round++) {
        long begin = System.nanoTime();
        for (StepCase step : StepCase.ALL) {
          visit(round, step);
        }
        new ReadingsFile(about, readings).write(file);
        say(
            String.format(
                Locale.ROOT,
                "round %d of %d: %.0f s",
                round,
                options.rounds(),
                (System.nanoTime() - begin) * 1e-9));
      }
    } finally {
      benches.forEach(Bench::close);
    }
  }

  /**
   * Measures one case. With two numbers of threads, the two steps follow each other between their
   * calibrations, so that every ratio is taken between neighbors.
   */
  private void visit(int round, StepCase step) {
    Bench first = benches.getFirst();
    var before = first.calibrate(options.burst(), true);
    add(round, step, first, first.milliseconds(step, options.burst()), before);
    for (Bench bench : benches.subList(1, benches.size())) {
      double milliseconds = bench.milliseconds(step, options.burst());
      add(round, step, bench, milliseconds, bench.calibrate(options.burst(), false));
    }
  }

  private void add(
      int round, StepCase step, Bench bench, double milliseconds, Reading.Calibration machine) {
    readings.add(new Reading(round, step, bench.threads(), milliseconds, machine));
  }

  private static void say(String text) {
    System.err.println(text);
  }
}
