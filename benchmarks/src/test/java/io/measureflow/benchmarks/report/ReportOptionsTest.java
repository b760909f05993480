package io.measureflow.benchmarks.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.error.InvalidRequestException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReportOptionsTest {

  @Test
  void optionsAreReadAndWritten() {
    ReportOptions options = parse("--out a --threads 4,2 --rounds 3 --burst 0.5 --peer b");
    assertEquals(
        new ReportOptions(Path.of("a"), false, List.of(2, 4), 3, 0.5, 1, Optional.of(Path.of("b"))),
        options);
    assertEquals("--threads 2,4 --rounds 3 --burst 0.5 --warmup 1.0", options.measuring());
    assertTrue(parse("--redraw a").redraw());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "--peer b",
        "--out a --redraw b",
        "--redraw a --rounds 3",
        "--out",
        "--out a --out b",
        "--out a --threads 0",
        "--out a --threads 1,2,3",
        "--out a --threads 2,2",
        "--out a --threads 1,",
        "--out a --rounds -1",
        "--out a --burst 1e3",
        "--out a --burst NaN",
        "--out a --speed 1"
      })
  void aMistakeIsSaidInOneLine(String line) {
    var refused = assertThrows(InvalidRequestException.class, () -> parse(line));
    assertTrue(refused.getMessage().contains("expected "), refused.toString());
    assertFalse(refused.getMessage().contains("\n"), refused.toString());
    assertEquals(2, refused.exitCode());
  }

  private static ReportOptions parse(String line) {
    return ReportOptions.parse(line.isEmpty() ? List.of() : List.of(line.split(" ")));
  }
}
