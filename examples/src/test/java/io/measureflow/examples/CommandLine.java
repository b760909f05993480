package io.measureflow.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.measureflow.cli.Main;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The command line within the JVM of the tests, on their class path. It prints on the standard
 * streams: whoever calls it holds the lock on {@link
 * org.junit.jupiter.api.parallel.Resources#SYSTEM_OUT}.
 */
final class CommandLine {

  private CommandLine() {}

  /** Runs a command to its end and returns what it printed; the exit code must be 0. */
  static String measureflow(Object... arguments) {
    return exitsWith(0, arguments);
  }

  /** The same with another exit code. */
  static String exitsWith(int expected, Object... arguments) {
    PrintStream out = System.out;
    PrintStream err = System.err;
    var printed = new ByteArrayOutputStream();
    var stream = new PrintStream(printed, true, StandardCharsets.UTF_8);
    int exit;
    try {
      System.setOut(stream);
      System.setErr(stream);
      exit = Main.run(Arrays.stream(arguments).map(Object::toString).toArray(String[]::new));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
    String text = printed.toString(StandardCharsets.UTF_8);
    assertEquals(expected, exit, text);
    return text;
  }
}
