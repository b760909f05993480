package io.measureflow.benchmarks.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.benchmarks.machine.Machine;
import io.measureflow.benchmarks.step.StepCase;
import io.measureflow.benchmarks.timing.Statistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class ResultsTest {

  private static final double TOLERANCE = 1e-12;
  private static final StepCase DIRAC = new StepCase("dirac", 16);

  /** A dirac step of 16 components computes 2 x 2 x 128 x 784 x 16 operations. */
  private static final double OPERATIONS = 6_422_528;

  @Test
  void theMedianIsTheNumberInTheMiddleOrTheMeanOfTwo() {
    assertEquals(3, Statistics.median(DoubleStream.of(7, 3, 1)));
    assertEquals(2.5, Statistics.median(DoubleStream.of(4, 1, 2, 3)));
    assertEquals(Double.NaN, Statistics.median(DoubleStream.of(1, Double.NaN, 2)));
    assertThrows(IllegalArgumentException.class, () -> Statistics.median(DoubleStream.empty()));
  }

  @Test
  void theGeometricMeanIsTheRootOfTheProduct() {
    assertEquals(6, Statistics.geometricMean(DoubleStream.of(4, 9)), TOLERANCE);
    assertEquals(2, Statistics.geometricMean(DoubleStream.of(0.5, 2, 8)), TOLERANCE);
    assertThrows(
        IllegalArgumentException.class, () -> Statistics.geometricMean(DoubleStream.empty()));
  }

  @Test
  void operationsAndBytesAreThoseOfTheFormulas() {
    assertEquals(OPERATIONS, DIRAC.operations());
    assertEquals(2 * 128 * 784 * 64 * 2, new StepCase("isotropic", 64).operations());
    assertEquals(2 * 128 * 784 * 64 * 4, new StepCase("diagonal", 64).operations());
    assertEquals(2 * 128 * 784 * 64 * 12, new StepCase("factored", 64).operations());
    // A component has 784 means and 10 outputs; a row of the batch 784 features and a label.
    assertEquals(4 * (2 * 16 * (784 + 10) + 128 * (784 + 1)), DIRAC.bytes());
  }

  @Test
  void ratiosAreTakenWithinARoundBeforeTheirMedian() {
    // The machine is half as fast in the second round, and the second thread is lost in the third.
    var results =
        new Results(
            List.of(
                reading(1, 1, 4, 10),
                reading(1, 2, 2, 20),
                reading(2, 1, 8, 5),
                reading(2, 2, 4, 10),
                reading(3, 1, 4, 10),
                reading(3, 2, 4, 20)));
    assertEquals(List.of(1, 2), results.threads());
    assertEquals(List.of(DIRAC), results.cases());
    assertEquals(3, results.rounds());
    assertEquals(4, results.milliseconds(DIRAC, 1));
    assertEquals(4, results.milliseconds(DIRAC, 2));
    assertEquals(2, results.factor(DIRAC).orElseThrow(), TOLERANCE);
    assertEquals(OPERATIONS / 4e6, results.rate(DIRAC, 2), TOLERANCE);
    assertEquals(OPERATIONS / 4e6 / 10, results.share(DIRAC, 1), TOLERANCE);
    assertEquals(OPERATIONS / 2e6 / 20, results.share(DIRAC, 2), TOLERANCE);
    assertEquals(20, results.machine(2, Reading.Calibration::product));
    assertEquals(5, results.productRates(1).getMin());
    assertEquals(10, results.productRates(1).getMax());
  }

  @Test
  void oneNumberOfThreadsHasNoFactor() {
    assertEquals(OptionalDouble.empty(), new Results(List.of(reading(1, 2, 4, 10))).factor(DIRAC));
  }

  @Test
  void theFasterProductCounts() {
    assertEquals(7, new Reading.Calibration(5, 7, 1).product());
    assertEquals(5, new Reading.Calibration(5, 4, 1).product());
    assertEquals(5, new Reading.Calibration(5, Double.NaN, 1).product());
  }

  @Test
  void theReportSaysWhatWasMeasured() {
    var about = new LinkedHashMap<String, String>();
    about.put("processor", "abacus");
    about.put(Machine.OPTIONS, "--rounds 1");
    var peer =
        PeerTimes.parse(
            "peer",
            List.of("dirac K=16 B=128 d=784 p=10 eager threads=2 median 3.000 ms  min 2.000 ms"));
    String text =
        PerformanceText.of(
            about,
            new Results(List.of(reading(1, 1, 3, 10), reading(1, 2, 2, 20))),
            Optional.of(peer),
            "roofline.png");
    // 6.422528e6 / 2e-3 s = 3.2 GFLOP/s, 16 per cent of 20; 6.422528e6 / 3e-3 s, 21 of 10.
    assertTrue(
        text.contains("| dirac | 16 | 3.000 | 2.000 | 1.50 | 3.2 | 21 % | 16 % | 3.000 | 1.50 |"),
        text);
    assertTrue(text.contains("- processor: abacus\n"), text);
    assertTrue(text.contains("--rounds 1 --peer FILE\n"), text);
    assertTrue(
        text.contains("with 2 threads: geometric mean 1.50 over 1 cases, least 1.50 (dirac K=16)"),
        text);
  }

  private static Reading reading(int round, int threads, double milliseconds, double product) {
    return new Reading(
        round, DIRAC, threads, milliseconds, new Reading.Calibration(product, Double.NaN, 1));
  }
}
