package io.measureflow.datasets.fetch;

import static io.measureflow.datasets.testing.Fixtures.assertMentions;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.data.DatasetFetcher;
import io.measureflow.api.data.DatasetFetcher.Progress;
import io.measureflow.api.data.DatasetFetcher.Request;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.error.MeasureFlowException;
import io.measureflow.api.error.RunFailedException;
import io.measureflow.datasets.fetch.PinnedFetcher.Pinned;
import io.measureflow.datasets.io.Hashes;
import io.measureflow.datasets.testing.Fixtures;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Downloads from a local server that behaves well or badly. */
class PinnedFetcherTest {

  private static final byte[] CONTENT = new byte[300_000];
  private static final String TAG = "\"v1\"";

  static {
    new SplittableRandom(1).nextBytes(CONTENT);
  }

  @TempDir Path temporary;

  private final List<String> notes = new ArrayList<>();

  private Path folder() {
    return temporary.resolve("set");
  }

  private Path part() {
    return folder().resolve("file.gz.part");
  }

  static String sha256(byte[] bytes) {
    MessageDigest digest = Hashes.sha256();
    digest.update(bytes);
    return Hashes.hex(digest);
  }

  private static Pinned pinned() {
    return new Pinned(
        "set",
        List.of(new PinnedFile("file.gz", CONTENT.length, sha256(CONTENT))),
        Optional.empty());
  }

  private Path fetch(Pinned source, URI address, Duration timeout, long room) {
    return fetch(source, address, timeout, LeastRate.DEFAULT, room);
  }

  private Path fetch(Pinned source, URI address, Duration timeout, LeastRate rate, long room) {
    var fetcher = new PinnedFetcher(List.of(source), Duration.ofMillis(1), rate, path -> room);
    return fetcher.fetch(
        new Request("set", folder(), address, timeout),
        new Progress() {
          @Override
          public void received(String file, long done, long total) {
            assertTrue(done >= 0 && done <= total, () -> done + " of " + total);
          }

          @Override
          public void note(String file, String text) {
            notes.add(file + ": " + text);
          }
        });
  }

  private Path fetch(FileServer server) {
    return fetch(pinned(), server.address("/sets"), Duration.ofSeconds(20), Long.MAX_VALUE);
  }

  /** Checks the message; the caller checks what is left in the folder. */
  private void assertFails(FileServer server, String... mentions) {
    assertMentions(assertThrows(RunFailedException.class, () -> fetch(server)), mentions);
  }

  private List<String> left() {
    if (!Files.exists(folder())) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder())) {
      return files.map(file -> String.valueOf(file.getFileName())).sorted().toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void assertFetched() throws IOException {
    assertEquals(List.of("file.gz"), left());
    assertArrayEquals(CONTENT, Files.readAllBytes(folder().resolve("file.gz")));
  }

  private void leavePart(byte[] bytes, Optional<String> tag) throws IOException {
    Files.createDirectories(folder());
    Files.write(part(), bytes);
    if (tag.isPresent()) {
      Files.writeString(folder().resolve("file.gz.part.etag"), tag.get());
    }
  }

  @Test
  void aFileIsDownloadedOnce() throws IOException {
    try (var server = new FileServer(FileServer.file(CONTENT, TAG))) {
      assertEquals(folder(), fetch(server));
      assertFetched();
      assertEquals(List.of("- -"), server.requests);
      fetch(server);
      assertEquals(1, server.requests.size());
      assertEquals(
          List.of(
              "file.gz: complete, with the right SHA-256",
              "file.gz: was already there, with the right SHA-256"),
          notes);
    }
  }

  @Test
  void aConnectionThatIsCutIsGoneOnWithWhereItBroke() throws IOException {
    var count = new AtomicInteger();
    try (var server =
        new FileServer(
            exchange ->
                FileServer.send(exchange, CONTENT, TAG, 100_000 * count.incrementAndGet()))) {
      fetch(server);
      assertFetched();
      assertEquals(3, server.requests.size(), () -> server.requests.toString());
      assertTrue(server.requests.get(1).matches("bytes=[1-9]\\d*- \"v1\""), server.requests.get(1));
    }
  }

  @Test
  void theNextCallGoesOnWithWhatOneThatFailedLeft() throws IOException {
    try (var server =
        new FileServer(exchange -> FileServer.send(exchange, CONTENT, TAG, 120_000))) {
      assertFails(server, "/sets/file.gz", "broke off", "of 300000 bytes", "again");
    }
    assertEquals(List.of("file.gz.part", "file.gz.part.etag"), left());
    long there = Files.size(part());
    assertTrue(there > 0 && there <= 120_000, () -> String.valueOf(there));
    try (var server = new FileServer(FileServer.file(CONTENT, TAG))) {
      fetch(server);
      assertFetched();
      assertEquals(List.of("bytes=" + there + "- " + TAG), server.requests);
    }
  }

  @Test
  void aPartOfAnotherVersionIsNotGoneOnWith() throws IOException {
    leavePart(new byte[1000], Optional.of("\"v0\""));
    try (var server = new FileServer(FileServer.file(CONTENT, TAG))) {
      fetch(server);
      assertFetched();
      assertEquals(List.of("bytes=1000- \"v0\""), server.requests);
    }
  }

  @Test
  void aServerThatIgnoresRangesStartsAgain() throws IOException {
    leavePart(Arrays.copyOf(CONTENT, 1000), Optional.empty());
    try (var server =
        new FileServer(
            exchange -> {
              exchange.sendResponseHeaders(200, CONTENT.length);
              exchange.getResponseBody().write(CONTENT);
            })) {
      fetch(server);
      assertFetched();
      assertEquals(List.of("bytes=1000- -"), server.requests);
    }
  }

  @Test
  void aPartThatIsWholeOrTooLongIsNotAskedForWithARange() throws IOException {
    try (var server = new FileServer(FileServer.file(CONTENT, TAG))) {
      leavePart(CONTENT, Optional.empty());
      fetch(server);
      assertFetched();
      assertEquals(List.of(), server.requests);
      Files.delete(folder().resolve("file.gz"));
      leavePart(new byte[CONTENT.length + 1], Optional.empty());
      fetch(server);
      assertFetched();
      assertEquals(List.of("- -"), server.requests);
    }
  }

  @Test
  void anAnswerWithAnotherRangeIsNotBelieved() throws IOException {
    leavePart(Arrays.copyOf(CONTENT, 1000), Optional.empty());
    var count = new AtomicInteger();
    try (var server =
        new FileServer(
            exchange -> {
              if (count.incrementAndGet() == 1) {
                exchange.getResponseHeaders().set("Content-Range", "bytes 5-999/300000");
                exchange.sendResponseHeaders(206, 995);
                exchange.getResponseBody().write(new byte[995]);
              } else {
                FileServer.send(exchange, CONTENT, TAG, CONTENT.length);
              }
            })) {
      fetch(server);
      assertFetched();
      assertEquals(List.of("bytes=1000- -", "- -"), server.requests);
    }
  }

  @Test
  void aRangeThatTheServerDoesNotHaveIsGivenUp() throws IOException {
    leavePart(Arrays.copyOf(CONTENT, 1000), Optional.empty());
    var count = new AtomicInteger();
    try (var server =
        new FileServer(
            exchange -> {
              if (count.incrementAndGet() == 1) {
                exchange.sendResponseHeaders(416, -1);
              } else {
                FileServer.send(exchange, CONTENT, TAG, CONTENT.length);
              }
            })) {
      fetch(server);
      assertFetched();
    }
  }

  @Test
  void aWrongDigestLeavesNothing() {
    byte[] other = CONTENT.clone();
    other[other.length - 1] ^= 1;
    try (var server = new FileServer(FileServer.file(other, TAG))) {
      assertFails(server, "/sets/file.gz", sha256(CONTENT), sha256(other), "--from");
      assertEquals(List.of(), left());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 401, 403, 404, 410, 418})
  void anotherStatusIsNamed(int status) {
    try (var server = new FileServer(FileServer.status(status))) {
      assertFails(
          server,
          server.address("/sets/file.gz").toString(),
          status == 301 ? "redirection" : "status " + status,
          "--from");
      assertEquals(1, server.requests.size());
    }
  }

  @Test
  void aServerThatIsBusyIsAskedAgain() throws IOException {
    var count = new AtomicInteger();
    try (var server =
        new FileServer(
            exchange -> {
              if (count.incrementAndGet() < 3) {
                exchange.sendResponseHeaders(503, -1);
              } else {
                FileServer.send(exchange, CONTENT, TAG, CONTENT.length);
              }
            })) {
      fetch(server);
      assertFetched();
      assertTrue(notes.getFirst().contains("status 503; trying again"), notes.getFirst());
    }
    try (var server = new FileServer(FileServer.status(503))) {
      Files.delete(folder().resolve("file.gz"));
      assertFails(server, "status 503", "0 of 300000 bytes");
      assertEquals(3, server.requests.size());
    }
  }

  @Test
  void anotherLengthIsRefusedBeforeAndWhileItComes() {
    try (var server =
        new FileServer(FileServer.file(Arrays.copyOf(CONTENT, CONTENT.length - 1), TAG))) {
      assertFails(server, "expected 300000 bytes, found 299999");
    }
    try (var server =
        new FileServer(
            exchange -> {
              exchange.sendResponseHeaders(200, 0); // Chunked: the length is unknown.
              exchange.getResponseBody().write(CONTENT);
              exchange.getResponseBody().write(7);
            })) {
      assertFails(server, "expected 300000 bytes, found more");
      assertEquals(List.of("file.gz.part"), left());
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aServerThatSaysNothingIsGivenUp(boolean beforeTheHeaders) {
    var end = new CountDownLatch(1);
    try (var server =
        new FileServer(
            exchange -> {
              try {
                if (!beforeTheHeaders) {
                  FileServer.send(exchange, CONTENT, TAG, 1000);
                }
                end.await(1, TimeUnit.MINUTES);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            })) {
      RunFailedException error =
          assertThrows(
              RunFailedException.class,
              () -> fetch(pinned(), server.address("/"), Duration.ofMillis(300), Long.MAX_VALUE));
      assertMentions(
          error, beforeTheHeaders ? "did not answer within" : "sent nothing for", "0.3 s");
      end.countDown();
    }
  }

  @Test
  void aServerThatDripsIsGivenUp() {
    var requests = new AtomicInteger();
    try (var server =
        new FileServer(
            exchange -> {
              requests.incrementAndGet();
              exchange.sendResponseHeaders(200, CONTENT.length);
              try {
                for (byte drop : CONTENT) {
                  exchange.getResponseBody().write(drop);
                  exchange.getResponseBody().flush();
                  Thread.sleep(20);
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            })) {
      var rate = new LeastRate(1000, Duration.ofMillis(300));
      RunFailedException error =
          assertThrows(
              RunFailedException.class,
              () ->
                  fetch(
                      pinned(), server.address("/"), Duration.ofSeconds(20), rate, Long.MAX_VALUE));
      assertMentions(
          error, "slower than 1000 bytes per second over 0.3 s", "run the command again", "--from");
      assertEquals(3, requests.get());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"9223372036854775808", "1e5", "-1", "none"})
  void aLengthThatIsNoLengthIsRefused(String length) throws IOException {
    try (var socket = new ServerSocket(0, 0, InetAddress.getLoopbackAddress())) {
      Thread server =
          Thread.ofPlatform()
              .daemon()
              .start(
                  () -> {
                    while (!socket.isClosed()) {
                      try (var connection = socket.accept()) {
                        connection.getInputStream().read(new byte[1 << 12]);
                        connection
                            .getOutputStream()
                            .write(
                                ("HTTP/1.1 200 OK\r\nContent-Length: " + length + "\r\n\r\nx")
                                    .getBytes(StandardCharsets.US_ASCII));
                      } catch (IOException e) {
                        // The test has ended, or the client did not wait.
                      }
                    }
                  });
      URI address = URI.create("http://127.0.0.1:" + socket.getLocalPort() + "/");
      assertMentions(
          assertThrows(
              RunFailedException.class,
              () -> fetch(pinned(), address, Duration.ofSeconds(20), Long.MAX_VALUE)),
          address.toString(),
          length);
      server.interrupt();
    }
  }

  @Test
  void redirectionsOnTheHostAreFollowed() throws IOException {
    try (var server =
        new FileServer(
            exchange -> {
              if (exchange.getRequestURI().getPath().startsWith("/sets")) {
                FileServer.redirect("/elsewhere/file.gz").to(exchange);
              } else {
                FileServer.send(exchange, CONTENT, TAG, CONTENT.length);
              }
            })) {
      fetch(server);
      assertFetched();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://localhost:1/file.gz",
        "http://127.0.0.1:1/file.gz",
        "ftp://127.0.0.1/file.gz",
        "file:///etc/hostname",
        "https:nowhere",
        "http://[",
        ""
      })
  void redirectionsElsewhereAreRefused(String location) {
    try (var server = new FileServer(FileServer.redirect(location))) {
      assertFails(server, "/sets/file.gz", "redirection", "--from");
      assertEquals(1, server.requests.size());
    }
  }

  @Test
  void redirectionsInACircleEnd() {
    try (var server = new FileServer(FileServer.redirect("/sets/file.gz"))) {
      assertFails(server, "at most 5 redirections");
      assertEquals(6, server.requests.size());
    }
  }

  @Test
  void aServerThatIsNotThereIsNamed() throws IOException {
    int port;
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    URI address = URI.create("http://127.0.0.1:" + port);
    assertMentions(
        assertThrows(
            RunFailedException.class,
            () -> fetch(pinned(), address, Duration.ofSeconds(20), Long.MAX_VALUE)),
        address + "/file.gz",
        "refuses the connection",
        "--from");
    assertMentions(
        assertThrows(
            RunFailedException.class,
            () ->
                fetch(
                    pinned(),
                    URI.create("http://no-such-host.invalid/x/"),
                    Duration.ofSeconds(20),
                    Long.MAX_VALUE)),
        "http://no-such-host.invalid/x/file.gz",
        "no such host");
  }

  @Test
  void aFullDiskIsNoticedBeforeAnythingIsAskedFor() {
    try (var server = new FileServer(FileServer.file(CONTENT, TAG))) {
      MeasureFlowException error =
          assertThrows(
              RunFailedException.class,
              () -> fetch(pinned(), server.address("/"), Duration.ofSeconds(20), 299_999));
      assertMentions(error, folder().toString(), "room for the 300000 bytes", "found 299999");
      assertEquals(List.of(), server.requests);
    }
  }

  @Test
  void whatIsInTheWayIsNamedAndKept() throws IOException {
    try (var server = new FileServer(FileServer.file(CONTENT, TAG))) {
      Files.createDirectories(folder());
      Path file = Files.writeString(folder().resolve("file.gz"), "mine");
      assertMentions(
          assertThrows(InvalidRequestException.class, () -> fetch(server)),
          file.toString(),
          "found 4 bytes",
          "--to");
      assertEquals("mine", Files.readString(file));
      Files.delete(file);
      Files.delete(folder());
      Files.writeString(folder(), "a file");
      assertMentions(
          assertThrows(InvalidRequestException.class, () -> fetch(server)),
          folder().toString(),
          "expected a folder");
      Files.delete(folder());
      Files.createDirectories(part().resolve("in-the-way"));
      assertFails(server, part().toString(), "could not be written");
      assertEquals(List.of(), server.requests);
    }
  }

  @Test
  void twoDownloadsOfAFileDoNotMix() throws IOException {
    leavePart(new byte[0], Optional.empty());
    try (var server = new FileServer(FileServer.file(CONTENT, TAG));
        FileChannel channel = FileChannel.open(part(), StandardOpenOption.WRITE);
        FileLock lock = channel.lock()) {
      assertTrue(lock.isValid());
      assertFails(server, part().toString(), "another download");
    }
  }

  // ---- archives ----

  private static Pinned archived(byte[] archive, byte[]... members) {
    var files = new ArrayList<PinnedFile>();
    for (int i = 0; i < members.length; i++) {
      files.add(new PinnedFile("m" + i + ".bin", members[i].length, sha256(members[i])));
    }
    return new Pinned(
        "set", files, Optional.of(new PinnedFile("a.tar.gz", archive.length, sha256(archive))));
  }

  @Test
  void anArchiveIsUnpackedAndNotKept() throws IOException {
    byte[] first = Arrays.copyOf(CONTENT, 1000);
    byte[] second = Arrays.copyOf(CONTENT, 1024);
    byte[] archive =
        Fixtures.gzip(
            new Tar()
                .add("top/", '5', new byte[0])
                .add("top/readme", '0', new byte[700])
                .add("top/m1.bin", '0', second)
                .add("top/m0.bin", '\0', first)
                .bytes());
    try (var server = new FileServer(FileServer.file(archive, TAG))) {
      Pinned source = archived(archive, first, second);
      for (int time = 0; time < 2; time++) {
        fetch(source, server.address("/"), Duration.ofSeconds(20), Long.MAX_VALUE);
        assertEquals(List.of("m0.bin", "m1.bin"), left());
        assertArrayEquals(first, Files.readAllBytes(folder().resolve("m0.bin")));
        assertArrayEquals(second, Files.readAllBytes(folder().resolve("m1.bin")));
      }
      assertEquals(1, server.requests.size());
    }
  }

  // ---- the digests ----

  @Test
  void theDigestsAreThoseOfTheRealFiles() throws IOException {
    assertEquals(
        List.of("mnist", "fashion-mnist", "cifar10"),
        new PinnedFetcher().sources().stream().map(DatasetFetcher.Source::name).toList());
    for (String name : List.of("mnist", "fashion-mnist")) {
      Path real = Fixtures.shared(name);
      // Everything is there, so no request is sent.
      assertEquals(
          real,
          new PinnedFetcher()
              .fetch(
                  new Request(name, real, URI.create("http://127.0.0.1:1"), Duration.ofMillis(100)),
                  new Progress() {
                    @Override
                    public void received(String file, long done, long total) {
                      throw new AssertionError(file);
                    }

                    @Override
                    public void note(String file, String text) {
                      notes.add(file + ": " + text);
                    }
                  }));
    }
    assertEquals(8, notes.size());
    assertTrue(
        Download.isThere(
            new PinnedFile(
                "data_batch_1.bin",
                30_730_000,
                "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5"),
            Fixtures.shared("cifar10/data_batch_1.bin")));
  }
}
