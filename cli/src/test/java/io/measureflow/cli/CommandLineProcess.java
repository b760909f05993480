package io.measureflow.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * A command in its own JVM.
 *
 * @param process the process
 * @param log the file with its output
 */
public record CommandLineProcess(Process process, Path log) {

  /** Configures a process. */
  public static final class Builder {
    private final List<String> before = new ArrayList<>();
    private final List<String> jvm = new ArrayList<>();
    private final Path log;
    private Path directory = Path.of("").toAbsolutePath();

    private Builder(Path log) {
      this.log = log;
    }

    /** Sets words before the java command, for example a shell that sets limits. */
    public Builder through(String... words) {
      before.addAll(List.of(words));
      return this;
    }

    /** Sets options of the JVM. */
    public Builder jvm(String... options) {
      jvm.addAll(List.of(options));
      return this;
    }

    /** Sets the working folder. */
    public Builder in(Path folder) {
      directory = folder;
      return this;
    }

    /** Starts it. */
    public CommandLineProcess start(Object... arguments) throws IOException {
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
              "-Dguice_bytecode_gen_option=DISABLED"));
      command.addAll(jvm);
      command.addAll(
          List.of("-cp", System.getProperty("java.class.path"), "io.measureflow.cli.Main"));
      for (Object argument : arguments) {
        command.add(argument.toString());
      }
      return new CommandLineProcess(
          new ProcessBuilder(command)
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start(),
          log);
    }
  }

  /**
   * Returns a process that prints into a file.
   *
   * @param log the file
   */
  public static Builder logging(Path log) {
    return new Builder(log);
  }

  /** Waits for a condition; the process must not end before. */
  public void await(BooleanSupplier reached) throws InterruptedException {
    while (!reached.getAsBoolean()) {
      assertTrue(process.isAlive(), () -> "ended too early: " + printed());
      Thread.sleep(2);
    }
  }

  /** Waits for its end, and returns the exit code. */
  public int exitCode() throws InterruptedException {
    assertTrue(process.waitFor(120, TimeUnit.SECONDS), this::printed);
    return process.exitValue();
  }

  /** Ends it at once. */
  public void kill() throws InterruptedException {
    process.destroyForcibly();
    assertTrue(process.waitFor(30, TimeUnit.SECONDS));
  }

  /** Returns the output so far. */
  public String printed() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
