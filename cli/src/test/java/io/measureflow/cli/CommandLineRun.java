package io.measureflow.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A command run within the test, with its output.
 *
 * @param exitCode its exit code
 * @param out what it printed on standard output
 * @param err what it printed on standard error
 */
public record CommandLineRun(int exitCode, String out, String err) {

  public static CommandLineRun of(Object... arguments) {
    String[] texts = new String[arguments.length];
    for (int i = 0; i < texts.length; i++) {
      texts[i] = arguments[i].toString();
    }
    return capture(() -> Main.run(texts));
  }

  /** Checks that the command succeeded. */
  public static void assertSuccess(CommandLineRun run) {
    assertEquals(0, run.exitCode, run.err);
  }

  /**
   * Checks that the command failed with a single message, which contains certain words, and printed
   * no result.
   */
  public static void assertRefused(int exitCode, CommandLineRun run, String... mentions) {
    assertEquals(exitCode, run.exitCode, run.err);
    assertEquals("", run.out);
    List<String> errors = run.err.lines().filter(line -> line.contains("error")).toList();
    assertEquals(1, errors.size(), run.err);
    assertTrue(errors.getFirst().startsWith("measureflow: error: "), run.err);
    assertFalse(run.err.contains("\tat "), run.err);
    assertFalse(run.err.contains("Exception"), run.err);
    for (String mention : mentions) {
      assertTrue(
          errors.getFirst().contains(mention), () -> "expected \"" + mention + "\" in: " + run.err);
    }
  }

  /** Something that ends with an exit code. */
  @FunctionalInterface
  public interface Body {
    int run();
  }

  public static CommandLineRun capture(Body body) {
    PrintStream out = System.out;
    PrintStream err = System.err;
    var printed = new ByteArrayOutputStream();
    var logged = new ByteArrayOutputStream();
    try {
      System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
      System.setErr(new PrintStream(logged, true, StandardCharsets.UTF_8));
      int exitCode = body.run();
      return new CommandLineRun(
          exitCode,
          printed.toString(StandardCharsets.UTF_8),
          logged.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }
}
