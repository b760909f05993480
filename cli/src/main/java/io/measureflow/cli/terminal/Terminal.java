package io.measureflow.cli.terminal;

import java.io.Console;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Finds out whether standard error is a terminal. */
public final class Terminal {

  private Terminal() {}

  /** Returns whether standard error is a terminal where a line can be redrawn. */
  public static boolean isStandardErrorTerminal() {
    if ("dumb".equals(System.getenv("TERM"))) {
      return false;
    }
    Path link = Path.of("/proc/self/fd/2");
    if (Files.isSymbolicLink(link)) {
      try {
        String target = Files.readSymbolicLink(link).toString();
        return target.startsWith("/dev/pts/")
            || target.startsWith("/dev/tty")
            || target.equals("/dev/console");
      } catch (IOException e) {
        return false;
      }
    }
    // Elsewhere Java only reports whether input and output are both terminals, which usually also
    // holds for errors.
    return Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
  }
}
