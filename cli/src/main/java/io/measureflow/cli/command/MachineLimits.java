package io.measureflow.cli.command;

import io.measureflow.api.error.RunFailedException;
import io.measureflow.cli.terminal.Text;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Failures at a limit of the machine or of the JVM: memory, threads, open files. They are not bugs,
 * and the user can raise the limit or request less.
 */
public final class MachineLimits {

  /** The options that limit the memory of a command, each with advice. */
  private static final List<String> SAVING =
      List.of("--batch (a smaller one)", "--components (fewer)", "--storage cache");

  private static final int DEEPEST = 20;

  private MachineLimits() {}

  /**
   * Explains a failure at a limit; empty for every other failure.
   *
   * @param failure the exception
   * @param options the names of the command's options, for example {@code --batch}
   */
  public static Optional<RunFailedException> explain(Throwable failure, List<String> options) {
    int depth = 0;
    for (Throwable t = failure; t != null && depth < DEEPEST; t = t.getCause(), depth++) {
      String message = String.valueOf(t.getMessage());
      if (t instanceof OutOfMemoryError && message.contains("native thread")) {
        return Optional.of(
            new RunFailedException(
                "The operating system gives this process no more threads. Pass a smaller --threads,"
                    + " or raise the limit (ulimit -u).",
                failure));
      }
      if (t instanceof OutOfMemoryError) {
        return Optional.of(new RunFailedException(outOfMemory(message, options), failure));
      }
      if (t instanceof IOException && message.contains("Too many open files")) {
        return Optional.of(
            new RunFailedException(
                "The operating system lets this process open no more files ("
                    + message
                    + "). Raise"
                    + " the limit, for example with ulimit -n 4096, and try again.",
                failure));
      }
      if (t instanceof InternalError && message.contains("unsafe memory access")) {
        return Optional.of(
            new RunFailedException(
                "A file that is mapped into memory, such as a cache of --storage cache, became"
                    + " shorter or unreadable during the run. Check the disk; a cache can be"
                    + " deleted, and the next run creates it again.",
                failure));
      }
    }
    return Optional.empty();
  }

  private static String outOfMemory(String reason, List<String> options) {
    long heap = Runtime.getRuntime().maxMemory();
    List<String> saving =
        SAVING.stream().filter(text -> options.contains(text.split(" ", 2)[0])).toList();
    return "Memory ran out ("
        + reason
        + "). The heap may grow to "
        + Text.count((double) heap)
        + " bytes. Allow more, for example with MEASUREFLOW_JAVA_OPTS=-Xmx"
        + Math.max(1, (2 * heap) >> 30)
        + "g"
        + (saving.isEmpty() ? "." : ", or use less: " + String.join(", ", saving) + ".");
  }
}
