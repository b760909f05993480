package io.measureflow.cli.data;

import static io.measureflow.cli.CommandLineRun.assertRefused;
import static io.measureflow.cli.CommandLineRun.assertSuccess;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import io.measureflow.cli.CommandLineRun;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetsFetchTest {

  @TempDir Path temporary;

  private HttpServer server;
  private String address;

  /** Starts a server of the files in the shared data. */
  @BeforeEach
  void serve() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            Path file = shared().resolve(exchange.getRequestURI().getPath().substring(1));
            if (Files.isRegularFile(file)) {
              exchange.sendResponseHeaders(200, Files.size(file));
              Files.copy(file, exchange.getResponseBody());
            } else {
              exchange.sendResponseHeaders(404, -1);
            }
          }
        });
    server.start();
    address = "http://127.0.0.1:" + server.getAddress().getPort();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private static Path shared() {
    Path folder = Path.of("").toAbsolutePath();
    while (folder != null && !Files.isDirectory(folder.resolve("shared/data/mnist"))) {
      folder = folder.getParent();
    }
    return folder == null ? Path.of("none") : folder.resolve("shared/data");
  }

  @Test
  void whatWasFetchedIsLoaded() {
    Assumptions.assumeTrue(Files.isDirectory(shared()), "no shared/data/mnist");
    Path folder = temporary.resolve("new/mnist");
    CommandLineRun run =
        CommandLineRun.of(
            "datasets", "fetch", "mnist", "--from", address + "/mnist", "--to", folder);
    assertSuccess(run);
    assertEquals(
        "mnist: "
            + folder
            + ", for 'measureflow train --dataset mnist --data "
            + folder
            + "'"
            + System.lineSeparator(),
        run.out());
    assertEquals(4, run.err().lines().filter(line -> line.endsWith("right SHA-256")).count());
    CommandLineRun described = CommandLineRun.of("datasets", "describe", "mnist", "--data", folder);
    assertSuccess(described);
    assertTrue(
        described.out().contains("rows         60 000 training, 10 000 test"), described.out());
    CommandLineRun again =
        CommandLineRun.of(
            "datasets", "fetch", "mnist", "--from", "http://127.0.0.1:1", "--to", folder);
    assertSuccess(again);
    assertEquals(4, again.err().lines().filter(line -> line.contains("was already there")).count());
  }

  @Test
  void aSettingNamesTheAddressAsWell() throws IOException {
    Path settings =
        Files.writeString(
            temporary.resolve("own.conf"),
            "measureflow.fetch { to = \""
                + temporary.resolve("x")
                + "\", from.cifar10 = \""
                + address
                + "/nowhere\" }");
    CommandLineRun run = CommandLineRun.of("datasets", "fetch", "cifar10", "--config", settings);
    assertRefused(1, run, address + "/nowhere/cifar-10-binary.tar.gz", "status 404", "--from");
  }

  @Test
  void mistakesAreNamed() {
    assertRefused(2, CommandLineRun.of("datasets", "fetch"), "NAME");
    assertRefused(
        2, CommandLineRun.of("datasets", "fetch", "mnsit"), "'mnsit'", "mnist", "cifar10");
    assertRefused(
        2,
        CommandLineRun.of("datasets", "fetch", "mnsit", "--from", address),
        "'mnsit'",
        "fashion-mnist");
    for (String wrong : List.of("ftp://host/x", "host/x", "http:///x", "http://h/?q=1", "h t")) {
      assertRefused(
          2,
          CommandLineRun.of("datasets", "fetch", "mnist", "--from", wrong),
          "measureflow.fetch.from.mnist",
          "https://host/folder",
          wrong);
    }
    assertRefused(
        2, CommandLineRun.of("datasets", "fetch", "mnist", "--timeout", "0"), "fetch.timeout");
    assertRefused(2, CommandLineRun.of("datasets", "fetsh", "mnist"), "fetsh");
  }

  @Test
  void theListSaysWhatCanBeFetched() {
    CommandLineRun run = CommandLineRun.of("datasets", "list");
    assertSuccess(run);
    assertEquals(CommandLineRun.of("datasets").out(), run.out());
    assertTrue(
        run.out().contains("'measureflow datasets fetch mnist' downloads it (11.6 MB)."),
        run.out());
    CommandLineRun help = CommandLineRun.of("datasets", "fetch", "--help");
    assertSuccess(help);
    assertTrue(help.out().contains("mnist, fashion-mnist, cifar10"), help.out());
  }

  @Test
  void progressIsALineEveryTenSecondsOrOneThatIsDrawnAgain() {
    var clock = new AtomicLong();
    var printed = new ByteArrayOutputStream();
    var out = new PrintStream(printed, true, StandardCharsets.UTF_8);
    var lines = new FetchProgress(out, false, clock::get, () -> 0);
    lines.received("a.gz", 0, 4_000_000);
    clock.set(9_900_000_000L);
    lines.received("a.gz", 500_000, 4_000_000);
    clock.set(10_000_000_000L);
    lines.received("a.gz", 1_000_000, 4_000_000);
    lines.note("a.gz", "complete");
    assertEquals(
        "a.gz  25 % of 4.0 MB  100 kB/s"
            + System.lineSeparator()
            + "a.gz: complete"
            + System.lineSeparator(),
        printed.toString(StandardCharsets.UTF_8));
    printed.reset();
    var columns = new AtomicInteger(80);
    var bar = new FetchProgress(out, true, clock::get, columns::get);
    bar.received("a.gz", 2_000_000, 4_000_000);
    clock.addAndGet(500_000_000);
    bar.received("a.gz", 3_000_000, 4_000_000);
    assertEquals(
        "\r\u001b[Ka.gz  75 % of 4.0 MB  2.0 MB/s", printed.toString(StandardCharsets.UTF_8));
    printed.reset();
    columns.set(12);
    clock.addAndGet(500_000_000);
    bar.received("a.gz", 4_000_000, 4_000_000);
    assertEquals("\r\u001b[Ka.gz  100 %", printed.toString(StandardCharsets.UTF_8));
  }
}
