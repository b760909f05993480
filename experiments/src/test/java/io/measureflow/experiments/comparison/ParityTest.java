package io.measureflow.experiments.comparison;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.core.families.Families;
import io.measureflow.experiments.request.Request;
import io.measureflow.experiments.request.Scale;
import io.measureflow.experiments.results.Results;
import io.measureflow.experiments.results.ResultsFile;
import io.measureflow.experiments.runner.Session;
import io.measureflow.experiments.testing.Clouds;
import io.measureflow.experiments.testing.SelfContained;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ParityTest {

  private static final Parity.Plan TINY =
      new Parity.Plan(
          List.of(Clouds.DATA),
          List.of("isotropic", "factored"),
          List.of(3),
          2,
          List.of(0.01, 0.5, 1e6),
          List.of(0.5),
          2,
          8,
          2,
          2);

  /** With n = d + 1 for the bias: a mean has n + p, a diagonal n more, a factor r (n + p). */
  @Test
  void widthsOfEqualParametersAreThoseOfTheFormula() {
    int n = 785;
    int p = 10;
    for (int k : new int[] {1, 10, 64, 256}) {
      assertEquals((long) k * (n + p), Widths.parameters(Families.DIRAC, 784, 10, k, 0));
      assertEquals((long) k * (n + p + 1), Widths.parameters(Families.ISOTROPIC, 784, 10, k, 0));
      assertEquals((long) k * (2 * n + p), Widths.parameters(Families.DIAGONAL, 784, 10, k, 0));
      assertEquals(
          (long) k * (2 * n + p + 4 * (n + p)),
          Widths.parameters(Families.FACTORED, 784, 10, k, 4));
    }
    assertEquals(10, Widths.ofEqualParameters(Families.ISOTROPIC, 784, 10, 10, 0));
    assertEquals(127, Widths.ofEqualParameters(Families.DIAGONAL, 784, 10, 64, 0));
    assertEquals(1533, Widths.ofEqualParameters(Families.FACTORED, 784, 10, 256, 4));
    assertEquals(795 + 1, Widths.ofEqualParameters(Families.FULL, 784, 10, 1, 0));
  }

  @Test
  void theStepIsTheBestOnHeldOutRowsAndTestRowsAreNotLookedAt(@TempDir Path folder)
      throws Exception {
    Files.createDirectories(folder.resolve("data/clouds"));
    var request =
        new Request(
            "parity",
            Scale.QUICK,
            folder.resolve("data"),
            folder.resolve("out"),
            Optional.empty(),
            "measureflow experiment parity");
    var parity = new Parity(TINY);
    Path report = new Session(parity, request, Clouds.environment("abc")).run();

    var columns =
        List.of(Files.readAllLines(folder.resolve("out/parity.csv")).getFirst().split(","));
    Results results = ResultsFile.open(folder.resolve("out/parity.csv"), columns).results();
    Results tuned = results.where("purpose", "tune");
    // Two families and the fully connected layers of two widths, three steps, two seeds; the
    // largest step is no training at all.
    int width = Widths.ofEqualParameters(Families.FACTORED, Clouds.INPUTS, Clouds.CLASSES, 3, 2);
    assertEquals(List.of("3", String.valueOf(width)), tuned.distinct("components"));
    assertEquals(4 * 3 * 2, tuned.rows().size());
    assertEquals(List.of(), tuned.distinct("test_accuracy"));
    for (String family : List.of("dirac", "isotropic", "factored")) {
      for (String components : tuned.where("family", family).distinct("components")) {
        Results own = tuned.where("family", family).where("components", components);
        double best = -1;
        String chosen = "";
        for (String rate : List.of("0.01", "0.5")) {
          double mean = own.where("learning-rate", rate).sample("validation_accuracy").mean();
          if (mean > best) {
            best = mean;
            chosen = rate;
          }
        }
        Results compared =
            results
                .where("purpose", "compare")
                .where("family", family)
                .where("components", components);
        assertEquals(List.of(chosen), compared.distinct("learning-rate"), family);
        assertEquals(List.of("1", "2"), compared.distinct("seed"));
        assertEquals(2 * 8, compared.rows().size());
        assertTrue(compared.where("epoch", 8).sample("test_accuracy").mean() > 0.6, family);
      }
    }
    String text = Files.readString(report);
    assertTrue(text.startsWith("# Parity"), text);
    assertTrue(text.contains("On Clouds the mixture"), text);
    double factored =
        100
            * results
                .where("purpose", "compare")
                .where("family", "factored")
                .where("epoch", 8)
                .sample("test_accuracy")
                .mean();
    assertTrue(text.contains(String.format("| %.2f ±", factored)), text);
    String html = Files.readString(folder.resolve("out/parity.html"));
    SelfContained.assertSelfContained(html);
    assertTrue(html.contains("measureflow train --dataset clouds"), html);
  }
}
