package io.measureflow.cli;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * A command run within the test, with what it printed.
 *
 * @param exitCode its exit code
 * @param out what it printed on standard output
 * @param err what it printed on standard error
 */
record CommandLineRun(int exitCode, String out, String err) {

  static CommandLineRun of(Object... arguments) {
    String[] texts = new String[arguments.length];
    for (int i = 0; i < texts.length; i++) {
      texts[i] = arguments[i].toString();
    }
    return capture(() -> Main.run(texts));
  }

  /** Something that ends with an exit code. */
  @FunctionalInterface
  interface Body {
    int run();
  }

  static CommandLineRun capture(Body body) {
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
