package io.measureflow.cli.compute;

import static io.measureflow.cli.CommandLineRun.assertSuccess;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.cli.CommandLineRun;
import org.junit.jupiter.api.Test;

class BackendsTest {

  @Test
  void everyBackendIsListedWithItsDevices() {
    CommandLineRun run = CommandLineRun.of("backends");
    assertSuccess(run);
    assertEquals("", run.err());
    String simd = section(run.out(), "simd");
    assertTrue(simd.contains("precision     float32"), simd);
    assertTrue(simd.contains(Runtime.getRuntime().availableProcessors() + " thread"), simd);
    assertTrue(simd.contains("--backend simd"), simd);
    String reference = section(run.out(), "reference");
    assertTrue(reference.contains("precision     float64"), reference);
    assertTrue(reference.contains("--backend reference"), reference);
    assertTrue(reference.contains("--threads and measureflow.threads have no effect"), reference);
  }

  @Test
  void whatTheConfigurationChoosesIsMarkedAndAutoExplainsItself() {
    CommandLineRun run =
        CommandLineRun.of(
            "backends", "--backend", "auto", "--set", "auto-backends=tornado:fpga,reference,simd");
    assertSuccess(run);
    assertTrue(
        run.out().contains("reference: available, chosen by auto, set by the command line"),
        run.out());
    assertTrue(run.out().contains("auto: takes reference"), run.out());
    assertTrue(run.out().contains("tornado:fpga  passed over: "), run.out());
    CommandLineRun usual = CommandLineRun.of("backends");
    assertTrue(usual.out().contains("simd: available, chosen by reference.conf"), usual.out());
  }

  /** Returns the section of one backend: up to the next line that is not indented. */
  private static String section(String out, String name) {
    String heading = name + ": available";
    int from = out.indexOf(heading);
    assertTrue(from >= 0, () -> "no " + heading + " in: " + out);
    StringBuilder section = new StringBuilder();
    for (String line : out.substring(from + heading.length()).lines().skip(1).toList()) {
      if (!line.startsWith("  ")) {
        break;
      }
      section.append(line).append('\n');
    }
    assertTrue(section.indexOf("device") >= 0 && section.indexOf("version") >= 0, out);
    return section.toString();
  }
}
