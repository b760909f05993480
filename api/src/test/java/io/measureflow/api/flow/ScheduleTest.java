package io.measureflow.api.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class ScheduleTest {

  private static void assertClose(double expected, double found) {
    if (!(Math.abs(expected - found) <= 1e-15)) {
      throw new AssertionError("expected " + expected + ", found " + found);
    }
  }

  @Test
  void constantIsOne() {
    var schedule = new LearningRateSchedule.Constant();
    for (long step : new long[] {0, 1, 99, Long.MAX_VALUE}) {
      assertEquals(1, schedule.factor(step, 100));
    }
  }

  @Test
  void cosineFallsFromOneToTheFloor() {
    for (double floor : new double[] {0, 0.1, 1}) {
      var schedule = new LearningRateSchedule.Cosine(floor, 0);
      assertClose(1, schedule.factor(0, 100));
      assertClose((1 + floor) / 2, schedule.factor(50, 100));
      assertClose(floor, schedule.factor(100, 100));
      assertClose(floor, schedule.factor(1000, 100));
      for (long step = 0; step <= 100; step++) {
        // The half-angle formula.
        double c = Math.cos(Math.PI / 2 * step / 100.0);
        assertClose(floor + (1 - floor) * c * c, schedule.factor(step, 100));
      }
    }
    // At a third of the way cos is 1/2.
    assertClose(0.75, new LearningRateSchedule.Cosine(0, 0).factor(100, 300));
  }

  @Test
  void cosineRisesLinearlyFirst() {
    var schedule = new LearningRateSchedule.Cosine(0.2, 10);
    for (int step = 0; step < 10; step++) {
      assertClose((step + 1) / 10.0, schedule.factor(step, 110));
    }
    assertClose(1, schedule.factor(10, 110));
    assertClose(0.6, schedule.factor(60, 110));
    assertClose(0.2, schedule.factor(110, 110));
  }

  @Test
  void cosineOfATrainingThatIsAllWarmUpStaysFinite() {
    var schedule = new LearningRateSchedule.Cosine(0, 10);
    assertClose(0.5, schedule.factor(4, 10));
    assertClose(1, schedule.factor(10, 10));
    assertClose(0, schedule.factor(11, 10));
    assertClose(1, new LearningRateSchedule.Cosine(0, 0).factor(0, 0));
  }

  @Test
  void stepMultipliesAfterEachPhaseButTheLast() {
    var schedule = new LearningRateSchedule.StepDecay(0.1, 3);
    double[] factors = {1, 0.1, 0.1 * 0.1};
    for (int step = 0; step < 300; step++) {
      assertClose(factors[step / 100], schedule.factor(step, 300));
    }
    assertClose(factors[2], schedule.factor(300, 300));
    assertClose(factors[2], schedule.factor(3000, 300));
    // Phases of unequal length where the steps do not divide: 4, 3, 3.
    int[] phase = {0, 0, 0, 0, 1, 1, 1, 2, 2, 2};
    for (int step = 0; step < 10; step++) {
      assertClose(factors[phase[step]], schedule.factor(step, 10));
    }
    assertClose(1, new LearningRateSchedule.StepDecay(0.5, 1).factor(70, 100));
    assertClose(1, new LearningRateSchedule.StepDecay(0.5, 4).factor(0, 0));
  }
}
