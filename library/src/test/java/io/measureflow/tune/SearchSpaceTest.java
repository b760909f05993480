package io.measureflow.tune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.error.InvalidRequestException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SearchSpaceTest {

  private static SearchSpace space(String... texts) {
    return SearchSpace.parse(List.of(texts));
  }

  private static double[] numbers(String text, int count) {
    return space("x=" + text).draw(count, 5).stream()
        .mapToDouble(trial -> Double.parseDouble(String.valueOf(trial.get("x"))))
        .toArray();
  }

  /** The share of numbers below a limit, against that of the distribution. */
  private static void assertShare(double expected, double[] numbers, double limit) {
    double share = 0;
    for (double number : numbers) {
      share += number < limit ? 1.0 / numbers.length : 0;
    }
    // Four standard deviations of a binomial share.
    double room = 4 * Math.sqrt(expected * (1 - expected) / numbers.length);
    assertTrue(Math.abs(share - expected) <= room, share + " below " + limit);
  }

  private static void assertWithin(double low, double high, double[] numbers) {
    for (double number : numbers) {
      assertTrue(number >= low && number <= high, String.valueOf(number));
    }
  }

  @Test
  void rangesAreUniformOrUniformInTheLogarithm() {
    double[] uniform = numbers("0.5:2.5", 4000);
    assertWithin(0.5, 2.5, uniform);
    assertShare(0.25, uniform, 1);
    assertShare(0.5, uniform, 1.5);
    double[] logarithmic = numbers("1e-4:1e-1:log", 4000);
    assertWithin(1e-4, 1e-1, logarithmic);
    assertShare(1 / 3.0, logarithmic, 1e-3);
    assertShare(2 / 3.0, logarithmic, 1e-2);
    assertWithin(-2, -1, numbers("-2:-1.0", 200));
  }

  @Test
  void wholeNumbersStayWholeAndReachBothEnds() {
    var counts = new HashMap<String, Integer>();
    for (long seed = 0; seed < 6000; seed++) {
      counts.merge(
          String.valueOf(space("x=3:5").draw(1, seed).getFirst().get("x")), 1, Integer::sum);
    }
    assertEquals(new HashSet<>(List.of("3", "4", "5")), counts.keySet());
    // 2000 expected of each, with a standard deviation of 37.
    counts.values().forEach(count -> assertTrue(Math.abs(count - 2000) <= 150, counts.toString()));
    for (double number : numbers("16:256:log", 150)) {
      assertTrue(number == Math.rint(number) && number >= 16 && number <= 256);
    }
  }

  @Test
  void aTrialDependsOnSeedAndIndexAlone() {
    SearchSpace space = space("rate=1e-4:1e-1:log", "components=16,64,256");
    assertEquals(space.draw(40, 7).subList(0, 9), space.draw(9, 7));
    assertTrue(!space.draw(9, 7).equals(space.draw(9, 8)));
    SearchSpace listed = space("family=diagonal,factored", "components=16,64,256");
    assertEquals(listed.draw(6, 7).subList(0, 4), listed.draw(4, 7));
  }

  @Test
  void noCombinationIsTriedTwice() {
    List<SequencedMap<String, String>> all =
        space("family=diagonal,factored", "components=16,64,256").draw(27, 1);
    assertEquals(6, all.size());
    assertEquals(6, new HashSet<Map<String, String>>(all).size());
    List<SequencedMap<String, String>> ranged = space("n=1:40").draw(20, 1);
    assertEquals(20, new HashSet<Map<String, String>>(ranged).size());
  }

  @Test
  void valuesWithCommasAreSeparatedByBars() {
    var layers = space("layers=gm:diagonal:64x32,dense:10|dense:10").settings().get("layers");
    assertEquals(new Values.Choices(List.of("gm:diagonal:64x32,dense:10", "dense:10")), layers);
    assertEquals(
        new Values.Range(1e-4, 0.1, true, false), space("rate=1e-4:.1:log").settings().get("rate"));
    assertEquals(new Values.Range(16, 256, false, true), space("n=16:256").settings().get("n"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "x=; none",
        "x=1,,2; an empty one",
        "x=1,2,1; '1' twice",
        "x=2:1; Exchange the ends",
        "x=1:1; single value",
        "x=0:1:log; above 0",
        "x=-1:1:log; above 0",
        "x=1:2:lin; low:high:log",
        "x=1:1e999; finite",
        "learning-rate; NAME=VALUES",
        "=1,2; NAME=VALUES"
      })
  void whatCannotBeTriedIsRefused(String text, String mentions) {
    String message =
        String.valueOf(assertThrows(InvalidRequestException.class, () -> space(text)).getMessage());
    assertTrue(message.contains(mentions), message);
  }

  @Test
  void aSettingIsNamedOnce() {
    assertThrows(InvalidRequestException.class, () -> space("x=1,2", "x=3,4"));
  }
}
