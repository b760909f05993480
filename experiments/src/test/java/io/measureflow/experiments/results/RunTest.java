package io.measureflow.experiments.results;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RunTest {

  @Test
  void numbersAreWrittenShortlyAndToSixDigits() {
    assertEquals("0.1", Run.text(0.1));
    assertEquals("1", Run.text(1.0));
    assertEquals("20", Run.text(20.0));
    assertEquals("0", Run.text(-0.0));
    assertEquals("0.333333", Run.text(1 / 3.0));
    assertEquals("123457000", Run.text(123456789.0));
    assertEquals("", Run.text(Double.NaN));
    assertEquals("7", Run.text(7));
    var random = new SplittableRandom(1);
    for (int i = 0; i < 1000; i++) {
      double number = random.nextGaussian() * Math.pow(10, random.nextInt(-12, 13));
      double read = Double.parseDouble(Run.text(number));
      assertTrue(Math.abs(read - number) <= 5.1e-6 * Math.abs(number), () -> Run.text(number));
    }
  }

  @Test
  void theKeyNamesWhatDecidesTheResult() {
    Run run = Run.of(3, "family", "dirac", "rank", "", "learning-rate", 0.5);
    assertEquals("family=dirac learning-rate=0.5 seed=3", run.key());
    assertEquals("family=dirac learning-rate=0.5 seed=4", run.withSeed(4).key());
    assertThrows(IllegalArgumentException.class, () -> run.setting("rank"));
  }

  @Test
  void aRowKnowsItsRun() {
    Run run = Run.of(3, "family", "dirac", "learning-rate", 0.5);
    var row =
        new Results.Row(
            new Measured()
                .put("learning-rate", 0.5)
                .put("accuracy", 0.9)
                .put("family", "dirac")
                .put(Run.SEED, 3)
                .cells());
    assertEquals(run.key(), row.run(List.of("family", "rank", "learning-rate")).key());
  }

  @Test
  void meansAndDeviationsAreThoseOfTheNumbers() {
    Sample sample = Sample.of(0.91, 0.93, 0.95);
    assertEquals(0.93, sample.mean(), 1e-15);
    assertEquals(0.02, sample.deviation(), 1e-15);
    assertEquals("93.00 ± 2.00", sample.percent());
    assertEquals("50.00", Sample.of(0.5).percent());
    assertEquals("–", Sample.of().percent());
  }
}
