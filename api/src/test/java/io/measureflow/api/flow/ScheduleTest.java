package io.measureflow.api.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

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
      var schedule = new LearningRateSchedule.Cosine(floor);
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
    assertClose(0.75, new LearningRateSchedule.Cosine(0).factor(100, 300));
  }

  private static void assertFactors(
      LearningRateSchedule schedule, long totalSteps, Map<Integer, Double> expected) {
    expected.forEach((step, factor) -> assertClose(factor, schedule.factor(step, totalSteps)));
  }

  /** The numbers are those of torch.optim.lr_scheduler.OneCycleLR of PyTorch 2.13, float64. */
  @Test
  void oneCycleIsThatOfPyTorch() {
    assertFactors(
        new LearningRateSchedule.OneCycle(),
        100,
        Map.of(
            0, 0.040000000000000036,
            1, 0.042813780565907456,
            10, 0.29516394846410077,
            28, 0.9971862194340926,
            29, 1.0,
            30, 0.9994965352845243,
            31, 0.9979871550490316,
            64, 0.500002,
            98, 0.0005074647154757879,
            99, 4e-06));
    assertFactors(
        new LearningRateSchedule.OneCycle(0.25, 10, 50),
        7,
        Map.of(
            0, 0.09999999999999998,
            1, 0.9944265822863391,
            2, 0.8667928840430833,
            3, 0.6120379460442008,
            4, 0.3186948288411689,
            5, 0.08870685161631865,
            6, 0.002));
    assertFactors(
        new LearningRateSchedule.OneCycle(0, 25, 1e4),
        5,
        Map.of(
            0, 0.904508879153485,
            1, 0.654509879153485,
            2, 0.3454941208465151,
            3, 0.09549512084651508,
            4, 4e-06));
  }

  @Test
  void oneCycleOfFewStepsIsThatOfPyTorchAndStaysFinite() {
    var schedule = new LearningRateSchedule.OneCycle();
    assertFactors(schedule, 2, Map.of(0, 0.811745653949763, 1, 4e-06));
    assertFactors(schedule, 1, Map.of(0, 4e-06, 1, 4e-06, 5, 4e-06));
    assertFactors(schedule, 0, Map.of(0, 4e-06));
    // PyTorch divides by zero where the rise ends with the first step.
    assertFactors(new LearningRateSchedule.OneCycle(0.25, 25, 1e4), 4, Map.of(0, 1.0, 3, 4e-06));
  }

  /** The numbers are those of PyTorch's SequentialLR of LinearLR and CosineAnnealingLR, StepLR. */
  @Test
  void aWarmUpComesBeforeAnySchedule() {
    assertFactors(
        new LearningRateSchedule.WarmUp(0.2, new LearningRateSchedule.Cosine(0)),
        50,
        Map.of(
            0, 0.1,
            1, 0.2,
            4, 0.5,
            8, 0.9,
            9, 1.0,
            10, 1.0,
            11, 0.998458666866564,
            20, 0.8535533905932737,
            30, 0.5,
            49, 0.0015413331334360185));
    assertFactors(
        new LearningRateSchedule.WarmUp(0.2, new LearningRateSchedule.StepDecay(0.1, 3)),
        30,
        Map.of(
            0, 0.16666666666666666,
            3, 0.6666666666666667,
            5, 1.0,
            6, 1.0,
            13, 1.0,
            14, 0.1,
            21, 0.1,
            22, 0.01,
            29, 0.01));
  }

  @Test
  void aWarmUpRisesToTheFirstFactorOfWhatFollows() {
    var cycle = new LearningRateSchedule.OneCycle();
    var schedule = new LearningRateSchedule.WarmUp(0.1, cycle);
    for (int step = 0; step < 11; step++) {
      assertClose((step + 1) / 11.0 / 25, schedule.factor(step, 110));
    }
    for (int step = 11; step < 115; step++) {
      assertEquals(cycle.factor(step - 11, 99), schedule.factor(step, 110));
    }
    for (long step : new long[] {0, 1, 50, 99, 200}) {
      assertEquals(
          cycle.factor(step, 100), new LearningRateSchedule.WarmUp(0, cycle).factor(step, 100));
    }
    assertEquals(1, new LearningRateSchedule.Cosine(0).factor(0, 0));
    assertEquals(
        1, new LearningRateSchedule.WarmUp(0.9, new LearningRateSchedule.Constant()).factor(0, 1));
  }

  @Test
  void numbersOutOfRangeAreRefused() {
    var constant = new LearningRateSchedule.Constant();
    for (double wrong : new double[] {-0.1, 1, Double.NaN}) {
      for (Executable made :
          List.<Executable>of(
              () -> new LearningRateSchedule.WarmUp(wrong, constant),
              () -> new LearningRateSchedule.OneCycle(wrong, 25, 1e4))) {
        String message =
            String.valueOf(assertThrows(IllegalArgumentException.class, made).getMessage());
        assertTrue(
            message.endsWith(": expected a number from 0 to below 1, found " + wrong), message);
      }
    }
    for (double wrong : new double[] {0, Double.POSITIVE_INFINITY, Double.NaN}) {
      for (Executable made :
          List.<Executable>of(
              () -> new LearningRateSchedule.OneCycle(0.3, wrong, 1e4),
              () -> new LearningRateSchedule.OneCycle(0.3, 25, wrong))) {
        String message =
            String.valueOf(assertThrows(IllegalArgumentException.class, made).getMessage());
        assertTrue(message.endsWith("divisor: expected a number above 0, found " + wrong), message);
      }
    }
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
