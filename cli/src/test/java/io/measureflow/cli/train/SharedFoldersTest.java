package io.measureflow.cli.train;

import static io.measureflow.cli.CommandLineRun.assertRefused;
import static io.measureflow.cli.CommandLineRun.assertSuccess;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.cli.CommandLineProcess;
import io.measureflow.cli.CommandLineRun;
import io.measureflow.cli.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several processes request the same run folder: one gets it. */
class SharedFoldersTest {

  private static final List<String> WHOLE =
      List.of(
          ".lock",
          "best.safetensors",
          "config.conf",
          "last.safetensors",
          "learning-curves.png",
          "metrics.csv",
          "metrics.json",
          "model.safetensors",
          "report.html");

  @TempDir Path folder;
  private Path data = Path.of("");
  private Path run = Path.of("");

  @BeforeEach
  void data() throws IOException {
    data = Fixtures.clouds(folder.resolve("train.csv"), 200, 1);
    run = folder.resolve("run");
  }

  private CommandLineProcess start(String log, int epochs, Object... further) throws IOException {
    var words =
        new ArrayList<Object>(
            List.of("train", "--dataset", "csv", "--data", data, "--components", 4));
    words.addAll(List.of("--epochs", epochs, "--threads", 1));
    words.addAll(List.of(further));
    return CommandLineProcess.logging(folder.resolve(log)).in(folder).start(words.toArray());
  }

  /** Returns a run that does not end by itself, after some epochs. */
  private CommandLineProcess endless() throws Exception {
    CommandLineProcess process = start("endless.log", 1_000_000, "--out", run);
    process.await(() -> epochs() >= 2);
    return process;
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
  void defaultNamesAreNeverShared() throws Exception {
    var processes = new ArrayList<CommandLineProcess>();
    for (int i = 0; i < 4; i++) {
      processes.add(start("log" + i, 3));
    }
    for (CommandLineProcess process : processes) {
      assertEquals(0, process.exitCode(), process::printed);
    }
    List<String> names = Fixtures.files(folder.resolve("runs"));
    assertEquals(4, names.size(), names.toString());
    Path first = folder.resolve("runs").resolve(names.getFirst());
    for (String name : names) {
      Path other = folder.resolve("runs").resolve(name);
      assertEquals(WHOLE, Fixtures.files(other));
      assertEquals(4, Files.readAllLines(other.resolve("metrics.csv")).size());
      Fixtures.assertSameTensors(
          first.resolve("model.safetensors"), other.resolve("model.safetensors"));
    }
  }

  @Test
  void oneOfTwoGetsAFolderThatBothName() throws Exception {
    var processes =
        List.of(start("log0", 3, "--out", run), start("log1", 3, "--out", run, "--seed", 2));
    var codes = new ArrayList<Integer>();
    for (CommandLineProcess process : processes) {
      codes.add(process.exitCode());
    }
    assertEquals(List.of(0, 2), codes.stream().sorted().toList());
    CommandLineProcess loser = processes.get(codes.indexOf(2));
    assertTrue(loser.printed().contains("measureflow: error: --out " + run), loser::printed);
    assertEquals(WHOLE, Fixtures.files(run));
    assertEquals(4, Files.readAllLines(run.resolve("metrics.csv")).size());
    String seed = "seed=" + (codes.indexOf(0) + 1);
    String config = Files.readString(run.resolve("config.conf"));
    assertTrue(config.replace(" ", "").contains(seed), config);
  }

  @Test
  void aLiveRunIsNotResumed() throws Exception {
    CommandLineProcess live = endless();
    Path partial = Files.writeString(run.resolve(".last.safetensors.1-1.partial"), "half");
    assertRefused(
        2,
        CommandLineRun.of("train", "--resume", run),
        "--resume " + run,
        "process " + live.process().pid() + " on ");
    assertRefused(
        2,
        CommandLineRun.of("train", "--dataset", "csv", "--data", data, "--out", run),
        "--out " + run);
    assertTrue(Files.exists(partial), "only the holder of the lock removes partial files");
    assertTrue(live.process().isAlive(), live::printed);

    live.kill();
    int done = epochs();
    assertSuccess(CommandLineRun.of("train", "--resume", run, "--epochs", done + 2));
    assertFalse(Files.exists(partial));
    assertEquals(WHOLE, Fixtures.files(run));
    assertEquals(0, Files.size(run.resolve(".lock")));
  }

  @Test
  void aRunFolderThatWasMovedIsNotSaidToBeThere() throws Exception {
    CommandLineProcess live = endless();
    Path moved = Files.move(run, folder.resolve("moved"));
    assertEquals(1, live.exitCode(), live::printed);
    String printed = live.printed();
    assertTrue(printed.contains(run + " was moved or deleted during the run"), printed);
    assertTrue(printed.contains("continue with: measureflow train --resume NEW-PATH"), printed);
    assertFalse(printed.contains("is intact"), printed);
    int done = Files.readAllLines(moved.resolve("metrics.csv")).size() - 1;
    assertSuccess(CommandLineRun.of("train", "--resume", moved, "--epochs", done + 1));
  }
}
