package io.measureflow.cli.train;

import static io.measureflow.cli.CommandLineRun.assertSuccess;
import static io.measureflow.cli.Fixtures.assertSameTensors;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.cli.CommandLineProcess;
import io.measureflow.cli.CommandLineRun;
import io.measureflow.cli.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs in their own process that are ended early and resumed. */
class KillAndResumeTest {

  private static final int EPOCHS = 12;

  @TempDir Path folder;
  private Path run = Path.of("");
  private Path log = Path.of("");

  @BeforeEach
  void data() throws IOException {
    run = folder.resolve("run");
    log = folder.resolve("log");
    Fixtures.clouds(folder.resolve("train.csv"), 1000, 1);
  }

  /**
   * Trains with a flow that has memory and a schedule over the whole run; both must be restored.
   */
  private Object[] train(Path out) {
    return new Object[] {
      "train",
      "--dataset",
      "csv",
      "--data",
      folder.resolve("train.csv"),
      "--components",
      24,
      "--batch",
      4,
      "--epochs",
      EPOCHS,
      "--flow",
      "adam",
      "--schedule",
      "cosine",
      "--validation",
      0.2,
      "--threads",
      1,
      "--out",
      out
    };
  }

  private CommandLineProcess start(Object... arguments) throws IOException {
    return CommandLineProcess.logging(log).start(arguments);
  }

  private int epochs() {
    try {
      return Files.readAllLines(run.resolve("metrics.csv")).size() - 1;
    } catch (IOException e) {
      return -1; // There is no such file yet.
    }
  }

  @Tag("slow")
  @Test
  void aRunThatIsKilledGoesOnAsIfNothingHadHappened() throws Exception {
    CommandLineProcess first = start(train(run));
    first.await(() -> Files.exists(run.resolve("config.conf")));
    first.kill();
    assertFalse(Files.exists(run.resolve("model.safetensors")), first::printed);

    // Again, from the beginning or from the last complete epoch.
    CommandLineProcess second = start("train", "--resume", run);
    second.await(() -> epochs() >= 3);
    Thread.sleep(20); // Into the next epoch.
    second.kill();
    assertFalse(Files.exists(run.resolve("model.safetensors")), second::printed);

    // The file left by a writer that was killed.
    Files.writeString(run.resolve(".last.safetensors.1-1.partial"), "half");
    CommandLineProcess third = start("train", "--resume", run);
    third.await(() -> epochs() >= 6);
    third.process().destroy(); // Sends SIGTERM.
    third.exitCode();
    assertTrue(
        third.printed().contains("continue with: measureflow train --resume " + run),
        third::printed);
    assertFalse(Files.exists(run.resolve("model.safetensors")), third::printed);
    assertFalse(third.printed().contains("warning"), third::printed);
    for (String name : List.of("metrics.json", "report.html", "learning-curves.png")) {
      assertTrue(Files.exists(run.resolve(name)), () -> name + "; " + third.printed());
    }

    assertSuccess(CommandLineRun.of("train", "--resume", run));
    Path whole = folder.resolve("whole");
    assertSuccess(CommandLineRun.of(train(whole)));
    for (String name : List.of("model", "best", "last")) {
      assertSameTensors(whole.resolve(name + ".safetensors"), run.resolve(name + ".safetensors"));
    }
    assertEquals(Fixtures.files(whole), Fixtures.files(run));
    assertEquals(measurements(whole), measurements(run));
  }

  /** Returns the rows of the metrics without the times at their ends. */
  private static List<List<String>> measurements(Path run) throws IOException {
    return Files.readAllLines(run.resolve("metrics.csv")).stream()
        .map(line -> List.of(line.split(",", -1)).subList(0, 9))
        .toList();
  }

  @Test
  void aDiskThatFillsUpCostsNoEarlierEpoch() throws Exception {
    Path shell = Path.of("/bin/sh");
    Assumptions.assumeTrue(Files.isExecutable(shell), "there is no " + shell);
    var train = train(run);
    train[Arrays.asList(train).indexOf(EPOCHS)] = 2;
    assertSuccess(CommandLineRun.of(train));
    byte[] last = Files.readAllBytes(run.resolve("last.safetensors"));
    List<String> before = Fixtures.files(run);

    // No file may exceed 4 blocks of 512 or 1024 bytes: metrics fit, checkpoints do not.
    assertTrue(last.length > 4096);
    CommandLineProcess full =
        CommandLineProcess.logging(log)
            .through(shell.toString(), "-c", "ulimit -f 4; exec \"$@\" | cat", "sh")
            .start("train", "--resume", run, "--epochs", 4);
    full.exitCode();
    String message = full.printed();
    assertTrue(message.contains("measureflow: error: "), message);
    assertTrue(message.contains("could not be written"), message);
    assertTrue(message.contains("The checkpoint of epoch 2 is intact"), message);
    assertFalse(message.contains("\tat "), message);
    assertArrayEquals(last, Files.readAllBytes(run.resolve("last.safetensors")));
    assertEquals(before, Fixtures.files(run));

    assertSuccess(CommandLineRun.of("train", "--resume", run, "--epochs", 4));
    Path whole = folder.resolve("whole");
    train[train.length - 1] = whole;
    train[Arrays.asList(train).indexOf(2)] = 4;
    assertSuccess(CommandLineRun.of(train));
    assertEquals(measurements(whole).size(), measurements(run).size());
  }
}
