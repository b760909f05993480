package io.measureflow.cli.run;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.cli.CommandLineRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LearningCurvesTest {

  @TempDir Path folder;

  @Test
  void aPictureThatCannotBeWrittenIsNotBlamedOnFonts() throws IOException {
    Files.writeString(folder.resolve("metrics.csv"), "epoch\n1,0.1,0.5,0.9,,,,,10,1.0,1.0,,,,,\n");
    var rows = MetricsFile.read(folder);
    Path file = folder.resolve("gone/curves.png");
    CommandLineRun run =
        CommandLineRun.capture(
            () -> {
              LearningCurves.draw(rows, "run", file);
              return 0;
            });
    assertTrue(run.err().contains(file + ": could not be written"), run.err());
    assertTrue(run.err().contains("metrics.csv"), run.err());
    assertFalse(run.err().contains("font"), run.err());
  }
}
