package io.measureflow.cli.bench;

import static io.measureflow.cli.CommandLineRun.assertRefused;
import static io.measureflow.cli.CommandLineRun.assertSuccess;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.cli.CommandLineRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BenchTest {

  @TempDir Path folder;

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
  void thePlanStandsInThePlaceOfTimes() {
    CommandLineRun plan =
        CommandLineRun.of(
            "bench", "step", "--plan", "--families", "diagonal", "--components", "1024");
    assertSuccess(plan);
    assertTrue(plan.out().contains("EulerStep of layers.0.in_mean"), plan.out());
    assertTrue(plan.out().contains("phase 3"), plan.out());
    assertFalse(plan.out().contains("median"), plan.out());

    CommandLineRun none = bench("--plan", "--families", "dirac", "--components", "2");
    assertSuccess(none);
    assertTrue(none.out().contains("the backend does not tell its plan"), none.out());
    String both = bench("--plan", "--peers", "python3").err();
    assertTrue(both.contains("--plan: expected no --peers beside it"), both);
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

  private static CommandLineRun peers(Path python, String... further) {
    return withDefaults(
        List.of("bench", "step", "--peers", python.toString()),
        List.of("--threads", "1", "--batch", "5", "--inputs", "6", "--outputs", "3"),
        List.of("--families", "dirac", "--components", "2", "--warmup", "0"),
        List.of("--seconds", "0.3", "--rounds", "1"),
        further);
  }

  @Test
  void peersRunInTurnsWithUs() throws Exception {
    Path python = FakePython.of(folder, FakePython.replies("echo ready", "echo median 2.5"));
    CommandLineRun run = peers(python, "--rounds", "2", "--peer-names", "jax-jit,torch-eager");
    assertSuccess(run);
    List<String> lines = run.out().lines().toList();
    assertEquals("peers: jax-jit (fake jit 1), torch-eager (fake eager 1)", lines.get(0));
    assertTrue(
        lines
            .get(1)
            .matches(
                "dirac      K=2     B=5 d=6 p=3 simd     threads=1 ours \\d+\\.\\d{3} \\(\\d+ %\\)"
                    + "  jax-jit 2500\\.000 \\(0 %\\)  torch-eager 2500\\.000 \\(0 %\\) ms"
                    + "  ratio \\d+\\.\\d\\d \\(\\d+\\.\\d\\d to \\d+\\.\\d\\d, jax-jit\\)"
                    + "( others were busy)?"),
        lines.get(1));
    assertTrue(
        lines
            .get(2)
            .matches("best peer / ours: geometric mean (\\S+) of 1, least \\1 \\(dirac K=2\\)"),
        lines.get(2));
    assertEquals(3, lines.size());
    List<String> requests = Files.readAllLines(folder.resolve("python.requests"));
    assertEquals(
        List.of(
            "jit prepare dirac 2 5 6 3 4 0.0",
            "eager prepare dirac 2 5 6 3 4 0.0",
            "jit burst 0.3",
            "eager burst 0.3",
            "jit burst 0.3",
            "eager burst 0.3"),
        requests);
  }

  @Test
  void peersThatAreMissingOrFailAreLeftOutInOneLine() throws Exception {
    String eagerIsMissing = "if [ $3 = eager ]; then echo missing no torch; exit; fi\n";
    String compileFails = "if [ $3 = compile ]; then echo failed no g++; else echo ready; fi";
    Path python =
        FakePython.of(folder, eagerIsMissing + FakePython.replies(compileFails, "echo median 0.5"));
    CommandLineRun run = peers(python);
    assertSuccess(run);
    List<String> lines = run.out().lines().toList();
    assertEquals(
        "peers: torch-compile (fake compile 1), jax-jit (fake jit 1);"
            + " left out: torch-eager (no torch)",
        lines.get(0));
    assertEquals("left out from here on: torch-compile (no g++)", lines.get(1));
    assertTrue(lines.get(2).contains("  jax-jit 500.000 (0 %) ms"), lines.get(2));
    assertEquals(4, lines.size());
  }

  @Test
  void mistakesAboutPeersAreNamed() throws Exception {
    Path python = FakePython.of(folder, "echo missing nothing is here");
    assertRefused(2, peers(python), "--peers", "torch or jax", "nothing is here");
    assertRefused(2, peers(folder.resolve("none")), "--peers", "cannot be started");
    assertRefused(2, peers(python, "--peer-names", "torch"), "--peer-names", "'torch'");
    assertRefused(2, peers(python, "--seconds", "0.1"), "--seconds", "at least 0.3");
    assertRefused(2, peers(python, "--rounds", "0"), "--rounds", "'0'");
    assertRefused(2, peers(python, "--families", "full"), "--families", "'full'");
    assertRefused(2, peers(python, "--flow", "adam"), "--flow", "wasserstein", "adam");
    assertRefused(2, peers(python, "--loss", "half_squared_error"), "--loss");
    assertRefused(2, peers(python, "--layers", "gm:dirac:4"), "--layers");
    assertRefused(2, peers(python, "--backend", "reference"), "float32");
    assertRefused(2, bench("--rounds", "3"), "--rounds", "--peers");
    assertRefused(2, bench("--sizes", "3"), "--sizes", "bench product");
  }

  private static CommandLineRun network(String... further) {
    return withDefaults(
        List.of("bench", "network"),
        List.of("--threads", "1", "--batch", "2", "--networks", "lenet", "--shapes", "mnist"),
        List.of("--tasks", "predict", "--warmup", "0", "--seconds", "0.3", "--rounds", "1"),
        List.of(),
        further);
  }

  @Test
  void networksRunInTurnsWithPeers() throws Exception {
    // A peer that has as many parameters as lenet, and then fails.
    String value =
        """
        case "$rest" in
          parameters) echo value 215370 ;;
          loss*) echo "failed no torch here" ;;
          memory_before) echo value 1e8 ;;
          *) echo value 3e8 ;;
        esac
        """;
    Path python =
        FakePython.of(
            folder,
            FakePython.replies("echo ready", "echo median 2.5")
                .replace("burst) ", "value) " + value.strip() + " ;;\nburst) "));
    CommandLineRun run =
        network("--peers", python.toString(), "--peer-names", "torch-channels-last");
    assertEquals(1, run.exitCode());
    assertTrue(
        run.err().contains("torch-channels-last: the step failed (no torch here)"), run.err());
    assertEquals(
        "peers: torch-channels-last (fake channels-last 1)",
        run.out().lines().findFirst().orElse(""));
    assertEquals(
        "channels-last prepare lenet 1 28 10 2 predict 0.0",
        Files.readAllLines(folder.resolve("python.requests")).getFirst());
    Path other =
        FakePython.of(
            Files.createDirectory(folder.resolve("other")),
            FakePython.replies("echo ready", "echo median 2.5")
                .replace("burst) ", "value) echo value 7 ;;\nburst) "));
    CommandLineRun unlike =
        network("--peers", other.toString(), "--peer-names", "torch-contiguous");
    assertEquals(1, unlike.exitCode());
    assertTrue(
        unlike.err().contains("expected 215370.0, as ours, found 7.0 of torch-contiguous"),
        unlike.err());
  }

  @Test
  void networksAloneAreALineEach() {
    CommandLineRun run = network("--networks", "mlp", "--tasks", "train,predict", "--seconds", "0");
    assertSuccess(run);
    List<String> lines = run.out().lines().toList();
    assertEquals(2, lines.size(), run.out());
    for (int i = 0; i < 2; i++) {
      assertTrue(
          lines
              .get(i)
              .matches(
                  "mlp      mnist "
                      + (i == 0 ? "train  " : "predict")
                      + " B=2 simd     threads=1 ours \\d+\\.\\d{3} \\(\\d+ %\\) ms"
                      + "( others were busy)?(  ours \\+\\d+ of \\d+ MB)?"),
          lines.get(i));
    }
  }

  @Test
  void mistakesAboutNetworksAreNamed() {
    assertRefused(2, network("--networks", "alexnet"), "--networks", "'alexnet'", "resnet8");
    assertRefused(
        2, network("--networks", "mlp", "--peers", "python3"), "--networks", "'mlp'", "resnet8");
    assertRefused(2, network("--shapes", "imagenet"), "--shapes", "'imagenet'");
    assertRefused(2, network("--tasks", "sing"), "--tasks", "'sing'");
    assertRefused(2, network("--peer-names", "torch-compile"), "--peer-names", "--peers");
    assertRefused(
        2, network("--peers", "python3", "--peer-names", "jax-jit"), "--peer-names", "'jax-jit'");
    assertRefused(2, network("--families", "dirac"), "--families", "bench step");
    assertRefused(2, network("--inputs", "3"), "--inputs", "bench step or bench product");
    assertRefused(2, bench("--networks", "lenet"), "--networks", "bench network");
  }

  private static CommandLineRun product(String... further) {
    return withDefaults(
        List.of("bench", "product"),
        List.of("--batch", "5", "--inputs", "6", "--outputs", "3", "--components", "2"),
        List.of("--sizes", "4", "--seconds", "0.01", "--warmup", "0"),
        List.of(),
        further);
  }

  /** Runs a command with further options, and with those of the lists that are not among them. */
  private static CommandLineRun withDefaults(
      List<String> command,
      List<String> first,
      List<String> second,
      List<String> third,
      String... further) {
    List<String> arguments = new ArrayList<>(command);
    arguments.addAll(List.of(further));
    for (List<String> defaults : List.of(first, second, third)) {
      for (int i = 0; i < defaults.size(); i += 2) {
        if (!arguments.contains(defaults.get(i))) {
          arguments.addAll(defaults.subList(i, i + 2));
        }
      }
    }
    return CommandLineRun.of(arguments.toArray());
  }

  @Test
  void everyProductIsALineWithoutOpenBlasToo() {
    CommandLineRun run = product("--openblas", "none", "--threads", "1,2");
    assertSuccess(run);
    List<String> lines = run.out().lines().toList();
    assertEquals("OpenBLAS: left out", lines.getFirst());
    assertEquals(1 + 2 * 11, lines.size(), run.out());
    for (int i = 1; i < lines.size(); i++) {
      assertTrue(
          lines
              .get(i)
              .matches(
                  "[XGYNT]\\S+ +\\d+ x +\\d+ x +\\d+ threads="
                      + (i <= 11 ? 1 : 2)
                      + "  simd \\d+\\.\\d GFLOP/s.*"),
          lines.get(i));
    }
    assertTrue(lines.get(1).startsWith("XMt      5 x     2 x     6 "), lines.get(1));
  }

  @Test
  void openBlasRunsInTurnsWhereItIsThere() {
    CommandLineRun run = product("--products", "xmt,TN", "--threads", "1");
    assertSuccess(run);
    List<String> lines = run.out().lines().toList();
    Assumptions.assumeFalse(lines.getFirst().contains("none found"), "there is no OpenBLAS");
    assertEquals(5, lines.size(), run.out());
    assertTrue(lines.get(1).contains("  OpenBLAS "), lines.get(1));
    assertTrue(lines.get(2).startsWith("TN       4 x     4 x     4 "), lines.get(2));
    assertTrue(lines.get(3).contains("geometric mean"), lines.get(3));
  }

  @Test
  void mistakesAboutProductsAreNamed() {
    assertRefused(2, product("--products", "XX"), "--products", "'XX'");
    assertRefused(2, product("--threads", "1,x"), "--threads", "'x'");
    assertRefused(2, product("--sizes", ""), "--sizes");
    assertRefused(2, product("--families", "dirac"), "--families", "bench step");
    assertRefused(2, product("--peers", "python3"), "--peers", "bench step");
    assertRefused(2, product("--openblas", "no/such.so"), "--openblas", "no/such.so");
    CommandLineRun run = product("--openblas", "none", "--backend", "reference");
    assertEquals(2, run.exitCode());
    assertTrue(run.err().contains("float32"), run.err());
  }
}
