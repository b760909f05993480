package io.measureflow.benchmarks.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.benchmarks.step.StepCase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReadingsFileTest {

  @Test
  void whatIsWrittenIsReadAgain(@TempDir Path folder) throws Exception {
    var about = new LinkedHashMap<String, String>();
    about.put("processor", "abacus: 10 wires");
    about.put("JVM", "25");
    var file =
        new ReadingsFile(
            about,
            List.of(
                new Reading(
                    1, new StepCase("dirac", 16), 1, 0.25, new Reading.Calibration(80, 90, 12.5)),
                new Reading(
                    2,
                    new StepCase("factored", 1024),
                    1,
                    75.125,
                    new Reading.Calibration(160, Double.NaN, 13))));
    Path path = folder.resolve("steps.csv");
    file.write(path);
    assertEquals(file, ReadingsFile.read(path));
    assertEquals("1,dirac,16,1,0.250000,80.0000,90.0000,12.5000", Files.readAllLines(path).get(3));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "1,dirac,16,1,0.25,80,90",
        "1,none,16,1,0.25,80,90,12.5",
        "1,dirac,0,1,0.25,80,90,12.5",
        "1,dirac,16,1,NaN,80,90,12.5",
        "1,dirac,16,1,0.25,,90,12.5",
        "1,dirac,16,0,0.25,80,90,12.5",
        "one,dirac,16,1,0.25,80,90,12.5"
      })
  void aWrongRowIsNamedAndRefused(String row, @TempDir Path folder) throws Exception {
    Path path = folder.resolve("steps.csv");
    new ReadingsFile(
            new LinkedHashMap<>(),
            List.of(
                new Reading(
                    1, new StepCase("dirac", 16), 1, 0.25, new Reading.Calibration(80, 90, 12.5))))
        .write(path);
    var lines = new ArrayList<>(Files.readAllLines(path));
    lines.add(row);
    var refused =
        assertThrows(InvalidRequestException.class, () -> ReadingsFile.parse("steps.csv", lines));
    assertTrue(refused.getMessage().startsWith("steps.csv, line 3: expected "), refused.toString());
  }

  @Test
  void aCaseThatLacksANumberOfThreadsIsRefused() {
    var refused =
        assertThrows(
            InvalidRequestException.class,
            () ->
                ReadingsFile.parse(
                    "steps.csv",
                    List.of(
                        "round,family,components,threads,step_ms,simd_product_gflops,"
                            + "nd4j_product_gflops,triad_gbs",
                        "1,dirac,16,1,0.25,80,90,12.5",
                        "1,dirac,16,2,0.25,80,90,12.5",
                        "1,dirac,64,1,0.25,80,90,12.5")));
    assertTrue(
        refused.getMessage().contains("expected a row of dirac K=64 with 2 threads"),
        refused.toString());
  }

  @Test
  void aFileWithoutRowsIsRefused() {
    assertThrows(
        InvalidRequestException.class, () -> ReadingsFile.parse("steps.csv", List.of("# a: b")));
  }
}
