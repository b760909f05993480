package io.measureflow.cli.bench.timing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.NoSuchElementException;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class RoundsTest {

  private static final double QUIET = 0.02;
  private static final double BUSY = 0.5;

  @Test
  void ratiosAreTakenWithinRounds() {
    var rounds = new Rounds(1);
    // The machine slows down by a factor of ten, and the ratios stay: 2, 3, 2.
    rounds.add(new double[] {1, 2}, QUIET);
    rounds.add(new double[] {2, 6}, QUIET);
    rounds.add(new double[] {10, 20}, QUIET);
    assertEquals(new Quartiles(2, 2, 2.5), rounds.ratios(1, 0));
    assertEquals(new Quartiles(1, 1, 1), rounds.ratios(0, 0));
    // The ratio of the medians would be 3.
    assertEquals(2, rounds.median(0));
    assertEquals(6, rounds.median(1));
    assertFalse(rounds.disturbed());
  }

  @Test
  void busyRoundsAreLeftOutWhereEnoughAreQuiet() {
    var rounds = new Rounds(2);
    rounds.add(new double[] {1, 4}, QUIET);
    rounds.add(new double[] {100, 100}, BUSY);
    assertTrue(rounds.disturbed());
    assertEquals(50.5, rounds.median(0));
    rounds.add(new double[] {3, 12}, QUIET);
    assertFalse(rounds.disturbed());
    assertEquals(2, rounds.median(0));
    assertEquals(4, rounds.ratios(1, 0).median());
    assertEquals(3, rounds.size());
    assertEquals(2, rounds.quiet());
  }

  @Test
  void fewQuietRoundsAloneAreNotDisturbed() {
    var rounds = new Rounds(5);
    rounds.add(new double[] {1}, QUIET);
    assertFalse(rounds.disturbed());
    assertEquals(1, rounds.median(0));
  }

  @Test
  void whatIsAddedIsCopied() {
    var rounds = new Rounds(1);
    double[] times = {1};
    rounds.add(times, QUIET);
    times[0] = 2;
    assertEquals(1, rounds.median(0));
  }

  @Test
  void ratiosOfCasesAreSummedUp() {
    var ratios = new Ratios();
    assertEquals(OptionalDouble.empty(), ratios.geometricMean());
    assertThrows(NoSuchElementException.class, ratios::least);
    ratios.add("a", 4);
    ratios.add("b", 0.5);
    ratios.add("c", 4);
    assertEquals(2, ratios.geometricMean().orElseThrow(), 1e-15);
    assertEquals(Map.entry("b", 0.5), ratios.least());
    assertEquals(3, ratios.size());
  }
}
