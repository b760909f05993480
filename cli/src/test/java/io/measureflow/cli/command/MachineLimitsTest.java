package io.measureflow.cli.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.error.InvalidRequestException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MachineLimitsTest {

  private static String explain(Throwable failure, String... options) {
    return MachineLimits.explain(failure, List.of(options)).orElseThrow().getMessage();
  }

  @Test
  void memoryNamesTheHeapAndTheOptionsThatTheCommandHas() {
    var error = new OutOfMemoryError("Java heap space");
    String heap = String.valueOf(Runtime.getRuntime().maxMemory());
    String message = explain(new IllegalStateException(error), "--batch", "--epochs");
    assertTrue(message.replace(" ", "").contains("(Javaheapspace)"), message);
    assertTrue(message.replace(" ", "").contains(heap + "bytes"), message);
    assertTrue(message.contains("--batch"), message);
    assertFalse(message.contains("--components"), message);
    assertTrue(explain(error, "--storage").contains("--storage cache"));
  }

  @Test
  void threadsAreNoMemory() {
    String message =
        explain(new OutOfMemoryError("unable to create native thread: possibly out of memory"));
    assertTrue(message.contains("--threads"), message);
    assertFalse(message.contains("-Xmx"), message);
  }

  /** Takes precedence over the loader's advice, which would be about the file. */
  @Test
  void openFilesAreNoDamagedFiles() {
    var cause = new FileSystemException("x.csv", null, "Too many open files");
    String message =
        explain(new InvalidRequestException("x.csv: Check how it was written.", cause));
    assertTrue(message.contains("ulimit -n"), message);
    assertFalse(message.contains("written"), message);
  }

  @Test
  void aMappedFileThatShrinksIsNoBug() {
    String message =
        explain(
            new InternalError(
                "a fault occurred in a recent unsafe memory access operation in compiled Java"
                    + " code"));
    assertTrue(message.contains("--storage cache"), message);
  }

  @Test
  void otherFailuresAreLeftAlone() {
    for (Throwable other :
        List.of(new IllegalStateException("x"), new IOException("No space left on device"))) {
      assertEquals(Optional.empty(), MachineLimits.explain(other, List.of()));
    }
  }
}
