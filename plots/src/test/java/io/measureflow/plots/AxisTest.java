package io.measureflow.plots;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AxisTest {

  private static final double NONE = Double.NaN;

  private static List<String> labels(Axis axis) {
    return axis.ticks().stream().map(Axis.Tick::label).toList();
  }

  private static Axis linear(double... values) {
    return Axis.of(values, Axis.Scale.LINEAR, NONE, NONE, false, 5);
  }

  private static Axis whole(int last) {
    double[] epochs = IntStream.rangeClosed(1, last).asDoubleStream().toArray();
    return Axis.of(epochs, Axis.Scale.LINEAR, NONE, NONE, true, 6);
  }

  @Test
  void labelsAreAtRoundNumbers() {
    assertEquals(List.of("0", "0.2", "0.4", "0.6", "0.8", "1"), labels(linear(0, 1)));
    assertEquals(List.of("-20", "-10", "0", "10", "20", "30"), labels(linear(-13, 27)));
    assertEquals(List.of("2", "4", "6", "8", "10"), labels(whole(10)));
    assertEquals(List.of("1", "2", "3"), labels(whole(3)));
    assertEquals(List.of("1"), labels(whole(1)));
    assertEquals(List.of("50", "100", "150", "200", "250", "300"), labels(whole(300)));
  }

  @Test
  void aLogarithmicAxisHasAtLeastThreeLabels() {
    double[][] ranges = {{1, 2}, {0.9, 11}, {3, 7}, {1, 1000}, {1e-20, 1e15}, {2.1, 2.2}, {5, 5}};
    for (double[] range : ranges) {
      Axis axis = Axis.of(range, Axis.Scale.LOGARITHMIC, NONE, NONE, false, 5);
      assertTrue(axis.ticks().size() >= 3, Arrays.toString(range) + " " + labels(axis));
      assertTrue(axis.ticks().size() <= 12, Arrays.toString(range) + " " + labels(axis));
      assertEquals(axis.ticks().size(), labels(axis).stream().distinct().count());
    }
    Axis decades = Axis.of(new double[] {1, 1e4}, Axis.Scale.LOGARITHMIC, NONE, NONE, false, 5);
    assertEquals(List.of("1", "10", "100", "1000", "10000"), labels(decades));
    assertTrue(Math.abs(decades.position(100) - 0.5) <= 1e-12);
    assertEquals(0, decades.position(0));
    assertEquals(0, decades.position(-1));
  }

  @Test
  void anAutomaticAxisIsLogarithmicForLargeRatiosOnly() {
    assertFalse(
        Axis.of(new double[] {1, 900}, Axis.Scale.AUTOMATIC, NONE, NONE, false, 5).isLogarithmic());
    assertTrue(
        Axis.of(new double[] {1, 1100}, Axis.Scale.AUTOMATIC, 0, NONE, false, 5).isLogarithmic());
    assertFalse(
        Axis.of(new double[] {-1, 1100}, Axis.Scale.AUTOMATIC, NONE, NONE, false, 5)
            .isLogarithmic());
  }

  /** Whatever stands in a metrics file: an axis, few labels, positions from 0 to 1. */
  @Test
  void anyNumbersGiveAnAxis() {
    double[] hard = {
      0,
      -0.0,
      1,
      -1,
      1e15,
      1.7e308,
      -1.7e308,
      Double.MIN_VALUE,
      Double.NaN,
      1e-300,
      123456789.123,
      Double.POSITIVE_INFINITY,
      Double.NEGATIVE_INFINITY,
      1e15 + 0.25,
      4e-9
    };
    var random = new SplittableRandom(1);
    for (int trial = 0; trial < 3000; trial++) {
      double[] values = new double[random.nextInt(5)];
      for (int i = 0; i < values.length; i++) {
        values[i] =
            random.nextBoolean()
                ? hard[random.nextInt(hard.length)]
                : Double.longBitsToDouble(random.nextLong());
      }
      for (Axis.Scale scale : Axis.Scale.values()) {
        boolean whole = random.nextBoolean();
        double least = random.nextBoolean() ? NONE : 0;
        Axis axis = Axis.of(values, scale, least, NONE, whole, 5);
        String what = scale + " of " + Arrays.toString(values) + " " + labels(axis);
        assertTrue(axis.ticks().size() <= 40, what);
        for (Axis.Tick tick : axis.ticks()) {
          assertTrue(tick.position() >= 0 && tick.position() <= 1, what);
          assertTrue(tick.label().length() <= 12, what);
        }
        for (double value : values) {
          if (!Double.isNaN(value)) {
            assertTrue(axis.position(value) >= 0 && axis.position(value) <= 1, what);
          }
        }
      }
    }
  }

  @Test
  void whatIsBeyondIsDrawnAtTheEnd() {
    Axis axis = linear(1, 2, Double.POSITIVE_INFINITY);
    assertEquals(1, axis.position(Double.POSITIVE_INFINITY));
    assertTrue(axis.isBeyond(Double.POSITIVE_INFINITY));
    assertFalse(axis.isBeyond(2));
  }
}
