package io.measureflow.cli.bench.peers;

import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.error.RunFailedException;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The process of a contestant, which waits for requests between its turns. {@code serve.py}
 * describes requests and replies; its standard error goes to a file, whose last line explains why
 * it ended.
 */
public final class PeerProcess implements AutoCloseable {

  private static final String HELLO = "hello";
  private static final String MISSING = "missing";
  private static final String READY = "ready";
  private static final String MEDIAN = "median";
  private static final String VALUE = "value";
  private static final String FAILED = "failed";

  /** Importing a library from a cold disk, and compiling a step, take up to a minute. */
  private static final double PATIENCE_SECONDS = 300;

  private static final long MILLISECONDS_TO_END = 2000;

  private final String label;
  private final String remedy;
  private final Process process;
  private final BufferedWriter requests;
  private final BlockingQueue<Optional<String>> replies = new LinkedBlockingQueue<>();
  private final Path errors;
  private String version = "";

  /**
   * A reply.
   *
   * @param word its first word
   * @param rest what follows
   */
  private record Reply(String word, String rest) {

    static Reply of(String line) {
      String[] parts = line.strip().split(" ", 2);
      return new Reply(parts[0], parts.length > 1 ? parts[1].strip() : "");
    }
  }

  /** A peer that cannot take part: its library is missing, or it cannot prepare a step. */
  public static final class LeftOut extends Exception {

    private static final long serialVersionUID = 1L;

    LeftOut(String reason) {
      super(reason);
    }
  }

  private PeerProcess(String label, String remedy, Process process, Path errors) {
    this.label = label;
    this.remedy = remedy;
    this.process = process;
    this.errors = errors;
    requests = process.outputWriter(StandardCharsets.UTF_8);
    BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
    Thread.ofPlatform().daemon().name(label).start(() -> readReplies(lines));
  }

  /**
   * Starts a peer and waits until it has loaded its library.
   *
   * @param python the path of a Python interpreter, or a name on the path of commands
   * @param threads the number of threads that it may use
   * @throws LeftOut if the library is not there
   * @throws InvalidRequestException if the interpreter is none
   */
  public static PeerProcess start(String python, PeerScripts scripts, Peer peer, int threads)
      throws LeftOut {
    List<String> command =
        List.of(
            python,
            "-B",
            scripts.file(peer.script()).toString(),
            peer.mode(),
            String.valueOf(threads));
    PeerProcess started;
    try {
      started = start(command, peer.label(), "Leave it out of --peer-names", scripts);
    } catch (IOException e) {
      throw new InvalidRequestException(
          InvalidRequestException.of(
                  "--peers",
                  "the path of a Python interpreter",
                  "'" + python + "', which cannot be started",
                  "Correct the path.")
              .getMessage(),
          e);
    }
    try {
      started.greet(python);
      return started;
    } catch (LeftOut | RuntimeException e) {
      started.close();
      throw e;
    }
  }

  /**
   * Starts a JVM that serves as the peers do, and waits until it is there.
   *
   * @param command what starts it
   * @param label how messages and results call it
   * @throws RunFailedException if it does not start
   */
  public static PeerProcess start(List<String> command, String label, PeerScripts scripts) {
    PeerProcess started;
    try {
      started = start(command, label, "Run the command again with --verbose", scripts);
    } catch (IOException e) {
      throw new RunFailedException(
          label + ": the process could not be started (" + e.getMessage() + ")", e);
    }
    Optional<String> line = started.next(PATIENCE_SECONDS);
    if (!line.map(Reply::of).map(Reply::word).equals(Optional.of(HELLO))) {
      String how = line.map(said -> "replied '" + said + "'").orElseGet(started::howItEnded);
      started.close();
      throw new RunFailedException(label + ": expected a greeting of the process, which " + how);
    }
    started.version = Reply.of(line.orElseThrow()).rest();
    return started;
  }

  private static PeerProcess start(
      List<String> command, String label, String remedy, PeerScripts scripts) throws IOException {
    Path errors = scripts.file(label + ".err");
    Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
    return new PeerProcess(label, remedy, process, errors);
  }

  private void greet(String python) throws LeftOut {
    Optional<String> line = next(PATIENCE_SECONDS);
    Reply reply = line.map(Reply::of).orElse(new Reply("", ""));
    if (reply.word().equals(MISSING)) {
      throw new LeftOut(reply.rest());
    }
    if (!reply.word().equals(HELLO)) {
      throw InvalidRequestException.of(
          "--peers",
          "a Python interpreter",
          "'"
              + python
              + "', which "
              + line.map(said -> "replied '" + said + "'").orElseGet(this::howItEnded),
          "Correct the path.");
    }
    version = reply.rest();
  }

  /** Returns how results call it. */
  public String label() {
    return label;
  }

  /** Returns the name and the version of its library. */
  public String version() {
    return version;
  }

  /** Returns the id of the process. */
  public long id() {
    return process.pid();
  }

  /**
   * Makes and warms up a step, in place of the one before.
   *
   * @param what which step, in the words of {@code serve.py}
   * @param warmup for how many seconds to run it
   * @throws LeftOut if it cannot
   * @throws RunFailedException if the process ends or does not reply
   */
  public void prepare(String what, double warmup) throws LeftOut {
    Reply reply = ask("prepare " + what + " " + warmup, PATIENCE_SECONDS + warmup);
    switch (reply.word()) {
      case READY -> {}
      case FAILED -> throw new LeftOut(reply.rest());
      default -> throw unexpected(READY, reply);
    }
  }

  /**
   * Runs the step for some time and returns the median time of a run, in seconds.
   *
   * @throws RunFailedException if the step fails, or the process ends or does not reply
   */
  public double burst(double seconds) {
    String request = "burst " + seconds;
    Reply reply = ask(request, PATIENCE_SECONDS + seconds);
    double median = number(MEDIAN, reply);
    if (median > 0 && median < Double.POSITIVE_INFINITY) {
      return median;
    }
    throw unexpected(MEDIAN, reply);
  }

  /**
   * Asks the step for a number.
   *
   * @param name its name and, behind a space, its argument, if any
   * @throws RunFailedException if the step fails, or the process ends or does not reply
   */
  public double value(String name) {
    return number(VALUE, ask(VALUE + " " + name, PATIENCE_SECONDS));
  }

  private double number(String expected, Reply reply) {
    if (reply.word().equals(FAILED)) {
      throw new RunFailedException(
          label + ": the step failed (" + reply.rest() + "). " + remedy + ".");
    }
    try {
      if (reply.word().equals(expected)) {
        return Double.parseDouble(reply.rest());
      }
    } catch (NumberFormatException e) {
      throw unexpected(expected, reply);
    }
    throw unexpected(expected, reply);
  }

  private RunFailedException unexpected(String expected, Reply reply) {
    return new RunFailedException(
        label
            + ": expected the reply '"
            + expected
            + "', found '"
            + (reply.word() + " " + reply.rest()).strip()
            + "'. "
            + remedy
            + ".");
  }

  private Reply ask(String request, double patience) {
    try {
      requests.write(request + "\n");
      requests.flush();
    } catch (IOException e) {
      // The process has ended, and the missing reply says so.
    }
    return next(patience)
        .map(Reply::of)
        .orElseThrow(
            () ->
                new RunFailedException(
                    label
                        + ": the process "
                        + howItEnded()
                        + ". "
                        + remedy
                        + ", or allow it more memory."));
  }

  /** Returns the next line; empty if the process has ended. */
  private Optional<String> next(double patience) {
    try {
      Optional<String> line = replies.poll((long) (patience * 1e3), TimeUnit.MILLISECONDS);
      if (line == null) {
        throw new RunFailedException(
            "%s: expected a reply within %.0f s, found none. %s."
                .formatted(label, patience, remedy));
      }
      if (line.isEmpty()) {
        replies.add(line); // The process stays ended, however often it is asked.
      }
      return line;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RunFailedException(label + ": interrupted while it ran", e);
    }
  }

  private void readReplies(BufferedReader lines) {
    try (lines) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        replies.add(Optional.of(line));
      }
    } catch (IOException e) {
      // The pipe breaks when the process is killed.
    }
    replies.add(Optional.empty());
  }

  private String howItEnded() {
    try {
      process.waitFor(MILLISECONDS_TO_END, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    String how = process.isAlive() ? "replied nothing" : "ended with code " + process.exitValue();
    return lastError().map(error -> how + " (" + error + ")").orElse(how);
  }

  private Optional<String> lastError() {
    try {
      String text = Files.readString(errors, StandardCharsets.ISO_8859_1);
      return text.lines().map(String::strip).filter(line -> !line.isEmpty()).reduce((a, b) -> b);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Ends the process: by closing its input, and by force if that does not help. */
  @Override
  public void close() {
    try {
      requests.close();
    } catch (IOException e) {
      // It has ended already.
    }
    try {
      if (!process.waitFor(MILLISECONDS_TO_END, TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
