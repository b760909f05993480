package io.measureflow.cli;

import static io.measureflow.cli.CommandLineRun.assertRefused;
import static io.measureflow.cli.CommandLineRun.assertSuccess;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetsTest {

  @TempDir Path folder;

  @Test
  void everythingThatCanBeLoadedIsListed() {
    CommandLineRun run = CommandLineRun.of("datasets");
    assertSuccess(run);
    assertEquals("", run.err());
    List<String> lines = run.out().lines().toList();
    for (String name : List.of("digits", "mnist", "fashion-mnist", "csv", "parquet", "arrow")) {
      int heading = -1;
      for (int i = 0; i < lines.size(); i++) {
        heading = lines.get(i).startsWith(name + ": ") ? i : heading;
      }
      assertTrue(heading >= 0, () -> "no " + name + " in: " + run.out());
      assertTrue(lines.get(heading + 1).startsWith("  "), "how to get " + name);
    }
  }

  @Test
  void aTableIsDescribed() throws IOException {
    Path train =
        Files.writeString(
            folder.resolve("train.csv"), "u,kind,v\n1,red,2\n3,blue,4\n5,red,6\n7,red,8\n");
    Path test = Files.writeString(folder.resolve("test.csv"), "u,kind,v\n1,blue,2\n");
    CommandLineRun run =
        CommandLineRun.of(
            "datasets", "describe", "csv", "--data", train, "--test", test, "--label", "kind");
    assertSuccess(run);
    for (String expected :
        List.of(
            "rows         4 training, 1 test",
            "features     2 (u, v)",
            "target       2 classes",
            "training rows by class",
            "blue                    1  ##########",
            "red                     3  ##############################",
            "test rows by class",
            "fingerprint  ")) {
      assertTrue(run.out().contains(expected), () -> "expected " + expected + " in: " + run.out());
    }
  }

  @Test
  void whatIsNotThereIsNamed() {
    assertRefused(2, CommandLineRun.of("datasets", "describe", "mnsit"), "'mnsit'", "mnist", "csv");
    assertRefused(2, CommandLineRun.of("datasets", "describe", "csv"), "csv", "a file", "--data");
    assertRefused(
        2,
        CommandLineRun.of("datasets", "describe", "mnist", "--data", folder.resolve("none")),
        "none",
        "a folder",
        "train-images-idx3-ubyte");
    assertRefused(
        2, CommandLineRun.of("datasets", "describe", "mnist", "--data", folder), folder.toString());
  }
}
