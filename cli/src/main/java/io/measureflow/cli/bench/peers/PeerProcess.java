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
 * A peer's process, which waits for requests between its turns. {@code serve.py} describes requests
 * and replies; its standard error goes to a file, whose last line explains why it ended.
 */
public final class PeerProcess implements AutoCloseable {

  private static final String HELLO = "hello";
  private static final String MISSING = "missing";
  private static final String READY = "ready";
  private static final String MEDIAN = "median";
  private static final String FAILED = "failed";

  /** Importing a library from a cold disk, and compiling a step, take up to a minute. */
  private static final double PATIENCE_SECONDS = 300;

  private static final long MILLISECONDS_TO_END = 2000;

  private final Peer peer;
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

  private PeerProcess(Peer peer, Process process, Path errors) {
    this.peer = peer;
    this.process = process;
    this.errors = errors;
    requests = process.outputWriter(StandardCharsets.UTF_8);
    BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
    Thread.ofPlatform().daemon().name(peer.label()).start(() -> readReplies(lines));
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
    Path errors = scripts.file(peer.label() + ".err");
    PeerProcess started;
    try {
      Process process =
          new ProcessBuilder(
                  python,
                  "-B",
                  scripts.file(peer.script()).toString(),
                  peer.mode(),
                  String.valueOf(threads))
              .redirectError(errors.toFile())
              .start();
      started = new PeerProcess(peer, process, errors);
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

  /** Returns which peer this is. */
  public Peer peer() {
    return peer;
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
   * Makes and warms up the step of a mixture layer, in place of the one before.
   *
   * @param family one of {@link Peer#FAMILIES}
   * @param sizes the numbers of components, rows of a batch, features and classes, and the rank
   * @param warmup for how many seconds to run it
   * @throws LeftOut if it cannot
   * @throws RunFailedException if the process ends or does not reply
   */
  public void prepare(String family, List<Integer> sizes, double warmup) throws LeftOut {
    var request = new StringBuilder("prepare ").append(family);
    sizes.forEach(size -> request.append(' ').append(size));
    Reply reply = ask(request.append(' ').append(warmup).toString(), PATIENCE_SECONDS + warmup);
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
    Reply reply = ask("burst " + seconds, PATIENCE_SECONDS + seconds);
    if (reply.word().equals(FAILED)) {
      throw new RunFailedException(
          peer.label() + ": the step failed (" + reply.rest() + "). Leave it out of --peer-names.");
    }
    try {
      double median = Double.parseDouble(reply.rest());
      if (reply.word().equals(MEDIAN) && median > 0 && median < Double.POSITIVE_INFINITY) {
        return median;
      }
    } catch (NumberFormatException e) {
      throw unexpected(MEDIAN, reply);
    }
    throw unexpected(MEDIAN, reply);
  }

  private RunFailedException unexpected(String expected, Reply reply) {
    return new RunFailedException(
        peer.label()
            + ": expected the reply '"
            + expected
            + "', found '"
            + (reply.word() + " " + reply.rest()).strip()
            + "'. Leave it out of --peer-names.");
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
                    peer.label()
                        + ": the process "
                        + howItEnded()
                        + ". Leave it out of --peer-names, or allow it more memory."));
  }

  /** Returns the next line; empty if the process has ended. */
  private Optional<String> next(double patience) {
    try {
      Optional<String> line = replies.poll((long) (patience * 1e3), TimeUnit.MILLISECONDS);
      if (line == null) {
        throw new RunFailedException(
            "%s: expected a reply within %.0f s, found none. Leave it out of --peer-names."
                .formatted(peer.label(), patience));
      }
      if (line.isEmpty()) {
        replies.add(line); // The process stays ended, however often it is asked.
      }
      return line;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RunFailedException(peer.label() + ": interrupted while it ran", e);
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
