package io.measureflow.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The command line in JVMs of its own, on the class path of the tests.
 *
 * @param folder where it keeps what was printed
 */
record CommandLine(Path folder) {

  /** Runs a command to its end and returns what it printed; the exit code must be 0. */
  String measureflow(Object... arguments) throws IOException, InterruptedException {
    return exitsWith(0, arguments);
  }

  /** The same with another exit code. */
  String exitsWith(int expected, Object... arguments) throws IOException, InterruptedException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "--add-modules",
            "jdk.incubator.vector",
            "--add-opens=java.base/java.nio=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "--enable-native-access=ALL-UNNAMED",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            "io.measureflow.cli.Main"));
    for (Object argument : arguments) {
      command.add(argument.toString());
    }
    Path output = folder.resolve("output");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    int exit = process.waitFor();
    String text = Files.readString(output, StandardCharsets.UTF_8);
    assertEquals(expected, exit, text);
    return text;
  }
}
