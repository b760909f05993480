package io.measureflow.datasets.fetch;

import io.measureflow.api.data.DatasetFetcher.Progress;
import io.measureflow.api.data.DatasetFetcher.Request;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.error.RunFailedException;
import io.measureflow.api.io.AtomicFile;
import io.measureflow.datasets.io.SourceFiles;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.ToLongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Downloads files over HTTP (RFC 9110). A file is written under its name with {@value #PART}
 * appended, and gets its name once its digest has been checked. An earlier partial download is
 * resumed by a range request on the condition that the server still has the same file ({@code
 * If-Range}); if the server sends the whole file instead, the download starts again.
 *
 * <p>A server that is silent, or slower than {@link LeastRate}, is given up after some attempts.
 *
 * <p>Redirections are followed only to https, or, from an http base address, to the same host.
 */
final class Download implements AutoCloseable {

  static final String PART = ".part";

  /** The suffix of the file that stores the server's version of the part. */
  static final String VALIDATOR = ".part.etag";

  private static final int BUFFER = 1 << 16;
  private static final int MOST_REDIRECTIONS = 5;

  /** The number of failures in a row without any byte before giving up. */
  private static final int ATTEMPTS = 3;

  /** The maximum number of requests per file. */
  private static final int MOST_REQUESTS = 50;

  private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (\\d+)-\\d+/(\\d+|\\*)");

  private final Request request;
  private final Progress progress;
  private final Duration pause;
  private final LeastRate rate;
  private final ToLongFunction<Path> room;
  private final HttpClient client;
  private final ExecutorService reading =
      Executors.newSingleThreadExecutor(
          task -> Thread.ofPlatform().daemon().name("dataset-download").unstarted(task));

  /**
   * @param pause how long to wait before retrying a failed request
   * @param rate the minimum speed
   * @param room returns the free space of a folder in bytes
   */
  Download(
      Request request,
      Progress progress,
      Duration pause,
      LeastRate rate,
      ToLongFunction<Path> room) {
    this.request = request;
    this.progress = progress;
    this.pause = pause;
    this.rate = rate;
    this.room = room;
    client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(request.timeout())
            .build();
  }

  @Override
  public void close() {
    reading.shutdownNow();
    client.shutdownNow();
  }

  /** An attempt failed in a way that may not repeat. */
  private static final class Interruption extends Exception {
    private static final long serialVersionUID = 1L;

    /** Whether the server was too slow, so that received bytes do not justify endless retries. */
    private final boolean slow;

    private Interruption(String message, @Nullable Throwable cause) {
      super(message, cause);
      slow = false;
    }

    private Interruption(String message, boolean slow) {
      super(message);
      this.slow = slow;
    }
  }

  /** Downloads a file into the folder unless it exists. */
  void file(PinnedFile file) {
    Path target = request.folder().resolve(file.name());
    if (isThere(file, target)) {
      progress.note(file.name(), "was already there, with the right SHA-256");
      return;
    }
    Path part = request.folder().resolve(file.name() + PART);
    try (FileChannel channel =
        FileChannel.open(
            part, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      lock(channel, part);
      fill(file, channel);
      if (!file.matches(part)) {
        throw wrongDigest(file, part);
      }
      channel.force(true);
    } catch (IOException e) {
      throw unwritable(part, e);
    }
    try {
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
      Files.deleteIfExists(validator(file));
    } catch (IOException e) {
      throw unwritable(target, e);
    }
    progress.note(file.name(), "complete, with the right SHA-256");
  }

  /** Returns whether the file exists; throws if something else has its name. */
  static boolean isThere(PinnedFile file, Path target) {
    if (!Files.exists(target)) {
      return false;
    }
    try {
      if (Files.isRegularFile(target) && file.matches(target)) {
        return true;
      }
      throw InvalidRequestException.of(
          target.toString(),
          file.bytes() + " bytes with SHA-256 " + file.sha256() + ", or no such file",
          Files.isRegularFile(target)
              ? Files.size(target) + " bytes with SHA-256 " + PinnedFile.digest(target)
              : "a folder",
          "Move it away, or choose another folder with --to.");
    } catch (IOException e) {
      throw SourceFiles.unreadable(target, e);
    }
  }

  /** Locks the part until the channel is closed. */
  private static void lock(FileChannel channel, Path part) throws IOException {
    boolean locked;
    try {
      locked = channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      locked = false;
    }
    if (!locked) {
      throw new RunFailedException(
          part + " is being written by another download. Wait until it has ended.");
    }
  }

  /** Gets all bytes of a file. */
  private void fill(PinnedFile file, FileChannel channel) throws IOException {
    if (channel.size() > file.bytes()) {
      channel.truncate(0);
    }
    long missing = file.bytes() - channel.size();
    long free = room.applyAsLong(request.folder());
    if (free < missing) {
      throw new RunFailedException(
          request.folder()
              + ": expected room for the "
              + missing
              + " bytes of "
              + file.name()
              + ", found "
              + free
              + ". Make room, or choose another folder with --to.");
    }
    int failures = 0;
    for (int requests = 1; channel.size() < file.bytes(); requests++) {
      long before = channel.size();
      try {
        get(file, channel);
      } catch (Interruption e) {
        failures = channel.size() > before && !e.slow ? 1 : failures + 1;
        if (failures >= ATTEMPTS || requests >= MOST_REQUESTS) {
          throw new RunFailedException(
              e.getMessage()
                  + ". "
                  + channel.size()
                  + " of "
                  + file.bytes()
                  + " bytes are there; run the command again to go on, or name another address"
                  + " with --from.",
              e);
        }
        progress.note(file.name(), e.getMessage() + "; trying again");
        sleep();
      }
    }
  }

  private void sleep() {
    try {
      Thread.sleep(pause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RunFailedException("The download was interrupted. Run the command again.", e);
    }
  }

  /** Sends one request, follows redirections, and receives the answer. */
  private void get(PinnedFile file, FileChannel channel) throws IOException, Interruption {
    URI address = under(request.address(), file.name());
    for (int redirections = 0; redirections <= MOST_REDIRECTIONS; redirections++) {
      long from = channel.size();
      HttpResponse<InputStream> response = send(address, from, file);
      try (InputStream body = response.body()) {
        switch (response.statusCode()) {
          case 200 -> {
            checkLength(address, response, file.bytes());
            channel.truncate(0);
            keepValidator(file, response);
            receive(address, body, channel, file);
            return;
          }
          case 206 -> {
            if (continues(response, from, file.bytes())) {
              receive(address, body, channel, file);
            } else {
              channel.truncate(0);
              throw new Interruption(address + " answered with another part of the file", null);
            }
            return;
          }
          case 301, 302, 303, 307, 308 -> address = redirection(address, response);
          case 416 -> {
            channel.truncate(0);
            throw new Interruption(address + " has no byte " + from + " of the file", null);
          }
          case 408, 425, 429, 500, 502, 503, 504 ->
              throw new Interruption(
                  address + " answered with status " + response.statusCode(), null);
          default ->
              throw failure(address, "status 200", "status " + response.statusCode() + elsewhere());
        }
      }
    }
    throw failure(
        under(request.address(), file.name()),
        "at most " + MOST_REDIRECTIONS + " redirections",
        "more, the last to " + address + elsewhere());
  }

  private static URI under(URI base, String name) {
    String text = base.toString();
    return URI.create(text.endsWith("/") ? text + name : text + "/" + name);
  }

  private HttpResponse<InputStream> send(URI address, long from, PinnedFile file)
      throws Interruption {
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(address)
            .timeout(request.timeout())
            .header("Accept-Encoding", "identity")
            .header("User-Agent", "measureflow");
    if (from > 0) {
      builder.header("Range", "bytes=" + from + "-");
      validatorOf(file).ifPresent(validator -> builder.header("If-Range", validator));
    }
    try {
      return client.send(builder.build(), HttpResponse.BodyHandlers.ofInputStream());
    } catch (HttpTimeoutException e) {
      throw new Interruption(address + " did not answer within " + seconds(), e);
    } catch (ConnectException e) {
      boolean unknown = hasCause(e, UnresolvedAddressException.class);
      throw new RunFailedException(
          address
              + ": expected a server, found "
              + (unknown ? "no such host" : "that it refuses the connection")
              + elsewhere()
              + ".",
          e);
    } catch (IOException e) {
      throw new Interruption(
          address + " broke off the connection (" + AtomicFile.reason(e) + ")", e);
    } catch (IllegalArgumentException e) {
      // The client reads some headers as numbers.
      throw new RunFailedException(
          address
              + ": expected an answer with valid headers, found one that cannot be read ("
              + e.getMessage()
              + ")"
              + elsewhere()
              + ".",
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RunFailedException("The download was interrupted. Run the command again.", e);
    }
  }

  private String seconds() {
    return request.timeout().toMillis() / 1000.0 + " s";
  }

  private static boolean hasCause(Throwable e, Class<? extends Throwable> kind) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (kind.isInstance(cause)) {
        return true;
      }
    }
    return false;
  }

  private static String elsewhere() {
    return ". Check the address, or name another with --from";
  }

  private static RunFailedException failure(URI address, String expected, String found) {
    return new RunFailedException(address + ": expected " + expected + ", found " + found + ".");
  }

  private static void checkLength(URI address, HttpResponse<?> response, long expected) {
    // Compared as strings, since a server may send more digits than a long has.
    String length =
        response.headers().firstValue("Content-Length").orElse(String.valueOf(expected));
    if (!length.equals(String.valueOf(expected))) {
      throw failure(address, expected + " bytes", length + " bytes" + elsewhere());
    }
  }

  /**
   * Returns whether a partial answer begins at the requested byte of a file of the right length.
   */
  private static boolean continues(HttpResponse<?> response, long from, long bytes) {
    Matcher range =
        CONTENT_RANGE.matcher(response.headers().firstValue("Content-Range").orElse(""));
    return range.matches()
        && range.group(1).equals(String.valueOf(from))
        && (range.group(2).equals("*") || range.group(2).equals(String.valueOf(bytes)));
  }

  private URI redirection(URI from, HttpResponse<?> response) {
    String location = response.headers().firstValue("Location").orElse("");
    URI to;
    try {
      to = from.resolve(location);
    } catch (IllegalArgumentException e) {
      throw failure(from, "a redirection to an address", "'" + location + "'" + elsewhere());
    }
    URI base = request.address();
    boolean https = "https".equalsIgnoreCase(to.getScheme()) && to.getHost() != null;
    boolean sameHost =
        "http".equalsIgnoreCase(base.getScheme())
            && "http".equalsIgnoreCase(to.getScheme())
            && base.getHost().equalsIgnoreCase(to.getHost())
            && base.getPort() == to.getPort();
    if (location.isEmpty() || !(https || sameHost)) {
      throw failure(
          from,
          "a redirection to https" + (https ? "" : ", or on the host of the address"),
          "one to '" + to + "'" + elsewhere());
    }
    return to;
  }

  /** Appends the answer to the part. */
  private void receive(URI address, InputStream body, FileChannel channel, PinnedFile file)
      throws IOException, Interruption {
    byte[] buffer = new byte[BUFFER];
    long done = channel.size();
    LeastRate.Meter meter = rate.meter();
    progress.received(file.name(), done, file.bytes());
    while (true) {
      int n = read(address, body, buffer, done);
      if (n < 0) {
        break;
      }
      if (n > file.bytes() - done) {
        channel.truncate(0);
        throw failure(address, file.bytes() + " bytes", "more" + elsewhere());
      }
      ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, n);
      while (bytes.hasRemaining()) {
        done += channel.write(bytes, done);
      }
      progress.received(file.name(), done, file.bytes());
      if (done < file.bytes() && !meter.received(n)) {
        throw new Interruption(
            address + " is slower than " + rate + " after " + done + " bytes", /* slow= */ true);
      }
    }
    if (done < file.bytes()) {
      throw new Interruption(
          address + " broke off after " + done + " of " + file.bytes() + " bytes", null);
    }
  }

  /** Reads some bytes with a time limit, which the HTTP client does not offer. */
  private int read(URI address, InputStream body, byte[] buffer, long done) throws Interruption {
    Future<Integer> read = reading.submit(() -> body.read(buffer));
    try {
      return read.get(request.timeout().toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      try {
        body.close(); // Also ends the read.
      } catch (IOException ignored) {
        // The attempt fails in any case.
      }
      throw new Interruption(
          address + " sent nothing for " + seconds() + " after " + done + " bytes", e);
    } catch (ExecutionException e) {
      throw new Interruption(
          address + " broke off after " + done + " bytes (" + reason(e) + ")", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RunFailedException("The download was interrupted. Run the command again.", e);
    }
  }

  /** Returns the error of the reading thread. */
  private static String reason(ExecutionException e) {
    Throwable cause = e.getCause();
    return AtomicFile.reason(cause == null ? e : cause);
  }

  // ---- the server's version of a file ----

  private Path validator(PinnedFile file) {
    return request.folder().resolve(file.name() + VALIDATOR);
  }

  /** Stores a strong entity tag, or the date; a weak tag does not identify exact bytes. */
  private void keepValidator(PinnedFile file, HttpResponse<?> response) throws IOException {
    Optional<String> tag =
        response.headers().firstValue("ETag").filter(value -> value.startsWith("\""));
    Optional<String> version = tag.or(() -> response.headers().firstValue("Last-Modified"));
    if (version.isPresent()) {
      Files.writeString(validator(file), version.get());
    } else {
      Files.deleteIfExists(validator(file));
    }
  }

  private Optional<String> validatorOf(PinnedFile file) {
    try {
      Path path = validator(file);
      // A value that cannot be sent as a header was not written by this class.
      return Files.isRegularFile(path)
          ? Optional.of(Files.readString(path)).filter(text -> text.matches("[\\x20-\\x7e]{1,500}"))
          : Optional.empty();
    } catch (IOException e) {
      throw SourceFiles.unreadable(validator(file), e);
    }
  }

  // ---- the end ----

  /** Deletes a part with the wrong digest. */
  private RunFailedException wrongDigest(PinnedFile file, Path part) throws IOException {
    String found = PinnedFile.digest(part);
    Files.delete(part);
    Files.deleteIfExists(validator(file));
    return new RunFailedException(
        under(request.address(), file.name())
            + ": expected a file with SHA-256 "
            + file.sha256()
            + ", found "
            + found
            + ". Nothing of it was kept; run the command again, or name another address with"
            + " --from.");
  }

  static RunFailedException unwritable(Path file, IOException e) {
    return new RunFailedException(
        file
            + " could not be written ("
            + AtomicFile.reason(e)
            + "). Make room, check the permissions, or choose another folder with --to.",
        e);
  }
}
