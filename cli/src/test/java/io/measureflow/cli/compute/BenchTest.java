package io.measureflow.cli.compute;

import static io.measureflow.cli.CommandLineRun.assertSuccess;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.cli.CommandLineRun;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BenchTest {

  private static final Pattern LINE =
      Pattern.compile(
          "(\\w+) +K=(\\d+) +B=5 d=6 p=3 reference threads=1"
              + " median (\\d+\\.\\d{3}) ms  min (\\d+\\.\\d{3}) ms");

  private static CommandLineRun bench(String... further) {
    List<String> arguments =
        new ArrayList<>(
            List.of("bench", "step", "--backend", "reference", "--batch", "5", "--inputs", "6"));
    arguments.addAll(List.of("--outputs", "3", "--seconds", "0.01", "--warmup", "0"));
    arguments.addAll(List.of(further));
    return CommandLineRun.of(arguments.toArray());
  }

  @Test
  void everyCaseOfTheGridIsOneLine() {
    CommandLineRun run = bench("--families", "dirac,factored", "--components", "2,7");
    assertSuccess(run);
    List<String> lines = run.out().lines().toList();
    assertEquals(4, lines.size(), run.out());
    List<String> cases = List.of("dirac 2", "dirac 7", "factored 2", "factored 7");
    for (int i = 0; i < 4; i++) {
      Matcher line = LINE.matcher(lines.get(i));
      assertTrue(line.matches(), lines.get(i));
      assertEquals(cases.get(i), line.group(1) + " " + line.group(2));
      double median = Double.parseDouble(line.group(3));
      assertTrue(median > 0 && Double.parseDouble(line.group(4)) <= median, lines.get(i));
    }
  }

  @ParameterizedTest
  @CsvSource({"softmax_cross_entropy, adam", "half_squared_error, rk4"})
  void aStackOfLayersUnderAnotherLossAndFlow(String loss, String flow) {
    String layers = "gm:diagonal:4x5,dense:3:activation=identity";
    CommandLineRun run = bench("--layers", layers, "--loss", loss, "--flow", flow);
    assertSuccess(run);
    assertEquals(1, run.out().lines().count(), run.out());
    String expected =
        layers + " B=5 d=6 p=3 reference threads=1 flow=" + flow + " loss=" + loss + " median ";
    assertTrue(run.out().startsWith(expected), run.out());
  }

  @Test
  void aMistakeIsNamedWithItsOption() {
    assertTrue(bench("--loss", "none").err().contains("'none'"));
    assertTrue(bench("--flow", "ebb").err().contains("'ebb'"));
    String both = bench("--layers", "gm:dirac:4", "--families", "dirac").err();
    assertTrue(both.contains("no --families beside it"), both);
    CommandLineRun run = bench("--components", "2,x");
    assertEquals(2, run.exitCode());
    assertTrue(run.err().contains("--components"), run.err());
    assertTrue(run.err().contains("'x'"), run.err());
    assertEquals("", run.out());
    assertTrue(bench("--families", "cubic").err().contains("'cubic'"));
    assertTrue(bench("--seconds", "-1").err().contains("--seconds"));
    CommandLineRun nothing = CommandLineRun.of("bench");
    assertEquals(2, nothing.exitCode());
    assertTrue(nothing.err().contains("bench step"), nothing.err());
  }
}
