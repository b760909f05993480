package io.measureflow.cli.summary;

import static io.measureflow.cli.CommandLineRun.assertRefused;
import static io.measureflow.cli.CommandLineRun.assertSuccess;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.cli.CommandLineRun;
import io.measureflow.cli.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SummaryTest {

  @TempDir Path folder;

  private static List<List<String>> cells(String out) {
    return out.lines()
        .takeWhile(line -> !line.isBlank())
        .map(line -> Arrays.asList(line.strip().split(" {2,}")))
        .toList();
  }

  /** Built-in digits are 1x28x28; all numbers are counted by hand. */
  @Test
  void shapesParametersAndOperationsOfANetwork() {
    CommandLineRun run = CommandLineRun.of("summary", "--model", "lenet");
    assertSuccess(run);
    assertEquals(
        List.of(
            List.of("layer", "what", "output", "parameters", "operations"),
            List.of("input", "1x28x28"),
            // 16 25 + 16; at 784 places 16 products of 25, sums with biases, maxima with 0
            List.of("layers.0", "conv 5x5 relu", "16x28x28", "416", "652 288"),
            List.of("layers.1", "max-pool 2x2", "16x14x14", "3 136"),
            List.of("layers.2", "conv 5x5 relu", "32x14x14", "12 832", "5 030 144"),
            List.of("layers.3", "max-pool 2x2", "32x7x7", "1 568"),
            List.of("layers.4", "flatten", "1568", "0"),
            List.of("layers.5", "dense relu", "128", "200 832", "401 664"),
            List.of("layers.6", "dense identity", "10", "1 290", "2 570")),
        cells(run.out()));
    assertTrue(run.out().contains("parameters   215 370 (0.9 MB)"), run.out());
  }

  @Test
  void layersWithinOthersStandBelowThem() throws IOException {
    Path table = Fixtures.clouds(folder.resolve("t.csv"), 30, 1);
    CommandLineRun run =
        CommandLineRun.of(
            "summary",
            "--dataset",
            "csv",
            "--data",
            table,
            "--layers",
            "residual:[batch-norm,dense:4]:shortcut=[gm:diagonal:6x4],dense");
    assertSuccess(run);
    List<List<String>> cells = cells(run.out());
    assertEquals(
        List.of("layers.0", "  layers.0", "  layers.1", "  shortcut.0", "layers.1"),
        run.out().lines().skip(2).limit(5).map(line -> line.split("(?<=\\d) ", 2)[0]).toList());
    // Of the block alone: none. Factor and shift, but not running statistics: 8; 4 4 + 4; 6 (2 5 +
    // 4 + 1).
    assertEquals("8", cells.get(3).get(3));
    assertEquals("20", cells.get(4).get(3));
    assertEquals("90", cells.get(5).get(3));
    assertEquals("15", cells.get(6).get(3));
    assertTrue(run.out().contains("parameters   133 "), run.out());
  }

  @Test
  void aRunOrACheckpointIsDescribedByItself() throws IOException {
    Path file =
        Fixtures.checkpoint(
            folder.resolve("m.safetensors"),
            "{\"input\":[1,2,2],\"layers\":[{\"type\":\"conv\",\"inputs\":1,\"outputs\":1,"
                + "\"kernel\":[2,2],\"stride\":[1,1],\"padding\":[0,0],\"bias\":false},"
                + "{\"type\":\"flatten\"}]}",
            Map.of("layers.0.weight", "[1,1,2,2]"),
            Map.of("layers.0.weight", new double[] {1, 2, 3, 4}));
    CommandLineRun run = CommandLineRun.of("summary", file);
    assertSuccess(run);
    assertEquals(
        List.of(
            List.of("layer", "what", "output", "parameters", "operations"),
            List.of("input", "1x2x2"),
            List.of("layers.0", "conv 2x2", "1x1x1", "4", "8"),
            List.of("layers.1", "flatten", "1", "0")),
        cells(run.out()));
    Path inFolder = Files.createDirectories(folder.resolve("run")).resolve("model.safetensors");
    Files.copy(file, inFolder);
    assertEquals(run.out(), CommandLineRun.of("summary", folder.resolve("run")).out());
    assertRefused(
        2,
        CommandLineRun.of("summary", file, "--model", "lenet"),
        "summary: expected either a run or the options of a model, found both");
    assertRefused(2, CommandLineRun.of("summary", folder.resolve("none")), "none");
    assertRefused(2, CommandLineRun.of("summary", "--model", "none"), "lenet");
  }
}
