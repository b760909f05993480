package io.measureflow.benchmarks.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.benchmarks.step.StepCase;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PeerTimesTest {

  private static final String LINE =
      "dirac      K=16    B=128 d=784 p=10 compile  threads=2 median 0.235 ms  min 0.200 ms";

  @Test
  void theBetterModeCountsByTheMedianOfItsLines() {
    var times =
        PeerTimes.parse(
            "times.txt",
            List.of(
                "# torch 2",
                "",
                LINE,
                LINE.replace("0.235", "0.500"),
                LINE.replace("0.235", "0.300"),
                LINE.replace("compile ", "eager   ").replace("0.235", "0.400"),
                LINE.replace("dirac     ", "factored  ").replace("threads=2", "threads=1")));
    assertEquals(OptionalDouble.of(0.3), times.milliseconds(new StepCase("dirac", 16), 2));
    assertEquals(OptionalDouble.of(0.235), times.milliseconds(new StepCase("factored", 16), 1));
    assertEquals(OptionalDouble.empty(), times.milliseconds(new StepCase("dirac", 16), 1));
    assertEquals(OptionalDouble.empty(), times.milliseconds(new StepCase("dirac", 64), 2));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Traceback (most recent call last):",
        "full       K=16    B=128 d=784 p=10 compile  threads=2 median 0.235 ms  min 0.200 ms",
        "dirac      K=16    B=128 d=784 p=10 compile  threads=2 median nan ms  min 0.200 ms",
        "dirac      K=16    B=128 d=784 p=10 compile  threads=2 median 0.000 ms  min 0.000 ms",
        "dirac      K=16    B=128 d=100 p=10 compile  threads=2 median 0.235 ms  min 0.200 ms",
        "dirac      K=99999999999 B=128 d=784 p=10 eager threads=2 median 0.235 ms  min 0.2 ms",
        "dirac      K=0     B=128 d=784 p=10 compile  threads=2 median 0.235 ms  min 0.200 ms",
        "dirac      K=16    B=128 d=784 p=10 compile  threads=2 median 0.235"
      })
  void aLineThatIsNoTimeIsNamedAndRefused(String line) {
    var refused =
        assertThrows(
            InvalidRequestException.class, () -> PeerTimes.parse("times.txt", List.of(LINE, line)));
    assertTrue(refused.getMessage().startsWith("times.txt, line 2: expected "), refused.toString());
  }

  @Test
  void aFileWithoutTimesIsRefused() {
    assertThrows(
        InvalidRequestException.class, () -> PeerTimes.parse("times.txt", List.of("", "# none")));
    assertThrows(
        InvalidRequestException.class, () -> PeerTimes.read(Path.of("no", "such", "file")));
  }
}
