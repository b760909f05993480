package io.measureflow.core.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.core.metrics.ClassificationMetrics.Bin;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class MetricsTest {

  private static void assertClose(double expected, double found) {
    double difference = Math.abs(expected - found);
    if (!(difference <= 1e-14 * Math.max(1, Math.abs(expected)))) {
      throw new AssertionError("expected " + expected + ", found " + found);
    }
  }

  /** The numbers are those of scikit-learn 1.9 for the softmax of the same logits. */
  @Test
  void threeClasses() {
    double[][] logits = {
      {2, 0.5, -1}, {0.1, 0.2, 0.3}, {-1, 3, 0}, {0, 0, 0},
      {1.5, 1.25, -2}, {-0.5, -0.25, 4}, {0.3, 2.2, 2.1}, {-3, 1, 0.5}
    };
    int[] labels = {0, 2, 1, 1, 1, 2, 2, 1};
    var meter = new ClassificationMeter(List.of("a", "b", "c"));
    for (int i = 0; i < labels.length; i++) {
      meter.add(logits[i], labels[i]);
    }
    ClassificationMetrics metrics = meter.metrics();
    assertEquals(8, metrics.rows());
    assertClose(0.625, metrics.accuracy());
    assertClose(0.5726225253491892, metrics.logLoss());
    assertClose(0.33664809139369645, metrics.calibrationError());
    assertEquals(OptionalDouble.empty(), metrics.rocAuc());
    assertEquals(
        List.of(List.of(1L, 0L, 0L), List.of(2L, 2L, 0L), List.of(0L, 1L, 2L)),
        metrics.confusion());
    double[][] expected = {{1 / 3.0, 1, 0.5}, {2 / 3.0, 0.5, 4 / 7.0}, {1, 2 / 3.0, 0.8}};
    for (int k = 0; k < 3; k++) {
      assertClose(expected[k][0], metrics.classes().get(k).precision());
      assertClose(expected[k][1], metrics.classes().get(k).recall());
      assertClose(expected[k][2], metrics.classes().get(k).f1());
    }
    assertClose(0.6666666666666666, metrics.macro().precision());
    assertClose(0.7222222222222222, metrics.macro().recall());
    assertClose(0.6238095238095238, metrics.macro().f1());
    assertEquals(8, metrics.calibration().stream().mapToLong(Bin::rows).sum());
  }

  /** Also scikit-learn's; four scores are equal, of both classes. */
  @Test
  void twoClassesHaveAnAreaUnderTheCurve() {
    double[] odds = {-1.5, 0.25, 0.25, 2, 0.25, -0.75, 3, 0.5, -2, 0.5};
    int[] labels = {0, 0, 1, 1, 0, 1, 1, 0, 0, 1};
    var meter = new ClassificationMeter(List.of("no", "yes"));
    for (int i = 0; i < labels.length; i++) {
      meter.add(new double[] {0, odds[i]}, labels[i]);
    }
    assertClose(0.78, meter.metrics().rocAuc().orElseThrow());
    assertClose(0.5316699885754084, meter.metrics().logLoss());
    var oneSided = new ClassificationMeter(List.of("no", "yes"));
    oneSided.add(new double[] {0, 1}, 1);
    assertEquals(OptionalDouble.empty(), oneSided.metrics().rocAuc());
  }

  @Test
  void probabilitiesThatUnderflowHaveAFiniteLogLoss() {
    var meter = new ClassificationMeter(List.of("a", "b"));
    meter.add(new double[] {2000, 0}, 1);
    meter.add(new double[] {0, 0}, 0);
    assertClose((2000 + Math.log(2)) / 2, meter.metrics().logLoss());
    // The first of equal ones is predicted, with the probability 1/2: the bin from 7/15 to 8/15.
    assertEquals(1, meter.metrics().calibration().get(7).rows());
    assertEquals(1, meter.metrics().calibration().get(7).accuracy());
    assertClose((1 + 0.5) / 2, meter.metrics().calibrationError());
  }

  @Test
  void aClassThatNeverOccursCountsNeitherWay() {
    var meter = new ClassificationMeter(List.of("a", "b", "never"));
    meter.add(new double[] {1, 0, -1}, 0);
    meter.add(new double[] {0, 1, -1}, 1);
    assertEquals(0, meter.metrics().classes().get(2).f1());
    assertClose(1, meter.metrics().macro().f1());
  }

  /** scikit-learn's again; the second target is large against its spread. */
  @Test
  void realTargets() {
    double[][] predicted = {{1.5, 1e6 + 2}, {2, 1e6 - 1}, {-0.25, 1e6}, {4, 1e6 + 5}};
    double[][] targets = {{1, 1e6 + 1}, {2.5, 1e6}, {0, 1e6 + 3}, {3, 1e6 + 4}};
    var meter = new RegressionMeter(List.of("u", "v"));
    for (int i = 0; i < targets.length; i++) {
      meter.add(predicted[i], targets[i]);
    }
    RegressionMetrics metrics = meter.metrics();
    assertClose(0.625, metrics.targets().get(0).rmse());
    assertClose(0.5625, metrics.targets().get(0).mae());
    assertClose(0.7252747252747253, metrics.targets().get(0).r2().orElseThrow());
    assertClose(1.7320508075688772, metrics.targets().get(1).rmse());
    assertClose(1.5, metrics.targets().get(1).mae());
    assertClose(-0.2, metrics.targets().get(1).r2().orElseThrow());
    assertClose(1.1785254037844386, metrics.rmse());
    assertClose(1.03125, metrics.mae());
    assertClose(0.26263736263736265, metrics.r2().orElseThrow());
    assertTrue(metrics.labelAccuracy().isEmpty());
  }

  @Test
  void labelsAreRightOnTheirSideOfOneHalf() {
    var meter = new RegressionMeter(List.of("u", "v"), true);
    meter.add(new double[] {0.7, 0.4}, new double[] {1, 1});
    meter.add(new double[] {0.5, 0.9}, new double[] {0, 0.8});
    meter.add(new double[] {0.1, 0.6}, new double[] {0, 0});
    assertClose(4 / 6.0, meter.metrics().labelAccuracy().orElseThrow());
    String json = new Evaluation(0.25, meter.metrics()).json(Map.of());
    assertTrue(json.contains("\"label_accuracy\" : 0.6666666666666666"), json);
  }

  @Test
  void aConstantTargetHasNoShareExplained() {
    var meter = new RegressionMeter(List.of("u"));
    meter.add(new double[] {1}, new double[] {2});
    meter.add(new double[] {2}, new double[] {2});
    assertTrue(meter.metrics().r2().isEmpty());
    String json = new Evaluation(0.25, meter.metrics()).json(Map.of());
    assertTrue(json.contains("\"r2\" : null"), json);
    assertFalse(json.contains("NaN"), json);
  }

  @Test
  void withoutRowsThereIsNothing() {
    assertThrows(IllegalStateException.class, new ClassificationMeter(List.of("a"))::metrics);
    assertThrows(IllegalStateException.class, new RegressionMeter(List.of("u"))::metrics);
    var meter = new ClassificationMeter(List.of("a"));
    assertThrows(IllegalArgumentException.class, () -> meter.add(new double[] {1}, 1));
  }
}
