package io.measureflow.cli;

import static io.measureflow.cli.CommandLineRun.assertSuccess;
import static io.measureflow.cli.Fixtures.assertSameTensors;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs in a process of their own that end before they are done, and go on. */
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

  /** A flow with a memory and a schedule that looks at the whole, so that both have to be kept. */
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

  private Process start(List<String> before, Object... arguments) throws IOException {
    var command = new ArrayList<>(before);
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-XX:-UsePerfData",
            "--add-modules=jdk.incubator.vector",
            "--add-opens=java.base/java.nio=ALL-UNNAMED",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Dguice_bytecode_gen_option=DISABLED",
            "-cp",
            System.getProperty("java.class.path"),
            "io.measureflow.cli.Main"));
    Arrays.stream(arguments).map(Object::toString).forEach(command::add);
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start();
  }

  private void await(Process process, BooleanSupplier reached) throws Exception {
    while (!reached.getAsBoolean()) {
      assertTrue(process.isAlive(), () -> "ended too early: " + log());
      Thread.sleep(2);
    }
  }

  private String log() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      return e.toString();
    }
  }

  private int epochs() {
    try {
      return Files.readAllLines(run.resolve("metrics.csv")).size() - 1;
    } catch (IOException e) {
      return -1; // There is no such file yet.
    }
  }

  private static void kill(Process process) throws InterruptedException {
    process.destroyForcibly();
    assertTrue(process.waitFor(30, TimeUnit.SECONDS));
  }

  @Tag("slow")
  @Test
  void aRunThatIsKilledGoesOnAsIfNothingHadHappened() throws Exception {
    Process first = start(List.of(), train(run));
    await(first, () -> Files.exists(run.resolve("config.conf")));
    kill(first);
    assertFalse(Files.exists(run.resolve("model.safetensors")), this::log);

    // Once more, from the beginning or wherever it had come to.
    Process second = start(List.of(), "train", "--resume", run);
    await(second, () -> epochs() >= 3);
    Thread.sleep(20); // Into the next epoch.
    kill(second);
    assertFalse(Files.exists(run.resolve("model.safetensors")), this::log);

    // What a writer leaves that is killed while it writes.
    Files.writeString(run.resolve(".last.safetensors.1-1.partial"), "half");
    Process third = start(List.of(), "train", "--resume", run);
    await(third, () -> epochs() >= 6);
    third.destroy(); // The polite way, as Ctrl-C does.
    assertTrue(third.waitFor(30, TimeUnit.SECONDS));
    assertTrue(log().contains("to go on: measureflow train --resume " + run), this::log);
    assertFalse(Files.exists(run.resolve("model.safetensors")), this::log);

    assertSuccess(CommandLineRun.of("train", "--resume", run));
    Path whole = folder.resolve("whole");
    assertSuccess(CommandLineRun.of(train(whole)));
    for (String name : List.of("model", "best", "last")) {
      assertSameTensors(whole.resolve(name + ".safetensors"), run.resolve(name + ".safetensors"));
    }
    assertEquals(Fixtures.files(whole), Fixtures.files(run));
    assertEquals(measurements(whole), measurements(run));
  }

  /** The rows of the metrics without the times at their ends. */
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

    // No file may grow beyond 4 blocks of 512 or 1024 bytes: metrics fit in, checkpoints do not.
    assertTrue(last.length > 4096);
    Process full =
        start(
            List.of(shell.toString(), "-c", "ulimit -f 4; exec \"$@\" | cat", "sh"),
            "train",
            "--resume",
            run,
            "--epochs",
            4);
    assertTrue(full.waitFor(60, TimeUnit.SECONDS));
    String message = log();
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
