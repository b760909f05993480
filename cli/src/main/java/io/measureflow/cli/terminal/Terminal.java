package io.measureflow.cli.terminal;

import java.io.Console;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Finds out whether standard error is a terminal. */
public final class Terminal {

  private static final Path CONTROLLING = Path.of("/dev/tty");

  private Terminal() {}

  /** Returns whether standard error is a terminal where a line can be redrawn. */
  public static boolean isStandardErrorTerminal() {
    if ("dumb".equals(System.getenv("TERM"))) {
      return false;
    }
    Path link = Path.of("/proc/self/fd/" + StandardError.descriptor());
    if (Files.isSymbolicLink(link)) {
      try {
        return isTerminal(Files.readSymbolicLink(link));
      } catch (IOException e) {
        return false;
      }
    }
    // Elsewhere Java only reports whether input and output are both terminals, which usually also
    // holds for errors.
    return Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
  }

  private static boolean isTerminal(Path device) {
    String name = device.toString();
    return name.startsWith("/dev/pts/")
        || name.startsWith("/dev/tty")
        || name.equals("/dev/console");
  }

  /** Returns the device of standard error, which is a terminal. */
  static Path device() {
    try {
      Path target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + StandardError.descriptor()));
      return isTerminal(target) ? target : CONTROLLING;
    } catch (IOException e) {
      return CONTROLLING;
    }
  }
}
