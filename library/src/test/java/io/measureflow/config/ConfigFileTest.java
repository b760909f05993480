package io.measureflow.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import com.typesafe.config.ConfigFactory;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.config.RunConfig.Environment;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Untrusted configuration files are bounded, and can read nothing but files. */
class ConfigFileTest {

  @TempDir Path folder;

  private Path file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private static String refused(Path file) {
    return String.valueOf(
        assertThrows(
                InvalidRequestException.class, () -> RunConfig.load(Optional.of(file), Map.of()))
            .getMessage());
  }

  @Test
  void aFileNeverReachesTheNetwork() throws IOException {
    var asked = new AtomicBoolean();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          asked.set(true);
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    server.start();
    try {
      String address = "http://127.0.0.1:" + server.getAddress().getPort() + "/c.conf";
      for (String include :
          new String[] {
            "include url(\"" + address + "\")",
            "include required(url(\"" + address + "\"))",
            "include \"" + address + "\"",
            "include classpath(\"reference.conf\")",
          }) {
        String message = refused(file("c.conf", include + "\nmeasureflow.seed = 2"));
        assertTrue(message.contains("include"), message);
      }
      assertFalse(asked.get(), "the server was asked");
    } finally {
      server.stop(0);
    }
  }

  @Test
  void filesAreIncludedByName() throws IOException {
    file("more.conf", "measureflow.training.epochs = 3");
    Path including = file("c.conf", "include \"more.conf\"\nmeasureflow.seed = 2");
    RunConfig config = RunConfig.load(Optional.of(including), Map.of());
    assertEquals(3, config.training().epochs().orElseThrow());
    assertEquals(2, config.seed());
    String missing = refused(file("d.conf", "include \"none.conf\"\nmeasureflow.seed = 2"));
    assertTrue(missing.contains("none.conf: expected a configuration file"), missing);
    String circle = refused(file("e.conf", "include \"e.conf\"\nmeasureflow.seed = 2"));
    assertTrue(circle.contains("include each other"), circle);
  }

  @Test
  void theEnvironmentIsHiddenUnlessAskedFor() throws IOException {
    Path file = file("c.conf", "measureflow.dataset.data = ${PATH}");
    String message = refused(file);
    assertTrue(message.contains("PATH"), message);
    assertFalse(message.contains(System.getenv("PATH")), message);
    RunConfig visible = RunConfig.load(Optional.of(file), Map.of(), Environment.VISIBLE);
    assertEquals(System.getenv("PATH"), visible.dataset().data().orElseThrow().toString());
  }

  @Test
  void deepNestingIsRefusedBeforeItIsParsed() throws IOException {
    String message = refused(file("deep.conf", "a=[".repeat(60_000)));
    assertTrue(message.contains("nested at most"), message);
    // Hidden behind quotes that close on their own line.
    String hidden = refused(file("hidden.conf", "a = \"\"\"x\n\"\"\", b { ".repeat(5_000)));
    assertTrue(hidden.contains("nested at most"), hidden);
  }

  @Test
  void growthBySubstitutionIsRefused() throws IOException {
    var bomb = new StringBuilder("measureflow.x0 = ").append("x".repeat(1000)).append('\n');
    for (int i = 1; i < 20; i++) {
      bomb.append("measureflow.x").append(i).append(" = ");
      bomb.append(("${measureflow.x" + (i - 1) + "}").repeat(10)).append('\n');
    }
    String message = refused(file("bomb.conf", bomb.toString()));
    assertTrue(message.contains("substitutions"), message);
    String large = refused(file("large.conf", "#".repeat(1 << 20)));
    assertTrue(large.contains("at most 256 KiB"), large);
  }

  @Test
  void quotesAndCommentsMayHoldAnything() throws IOException {
    Path file =
        file(
            "c.conf",
            "# " + "{".repeat(100) + "\nmeasureflow { out = \"" + "{".repeat(100) + "\" }");
    assertEquals(
        "{".repeat(100),
        RunConfig.load(Optional.of(file), Map.of()).out().orElseThrow().toString());
  }

  @Test
  void anApplicationGivesASectionOfItsOwn() {
    var application =
        ConfigFactory.parseString(
            "shop { name = x, learning { training.epochs = 7, backend = reference } }");
    RunConfig config = RunConfig.of(application.getConfig("shop.learning"));
    assertEquals(7, config.training().epochs().orElseThrow());
    assertEquals("reference", config.backend().name());
    assertThrows(
        InvalidRequestException.class,
        () -> RunConfig.of(ConfigFactory.parseString("training.epoch = 7")));
  }

  @Test
  void aProgramMakesOneWithoutAFile() {
    RunConfig config =
        RunConfig.defaults()
            .withBackend(RunConfig.defaults().backend().withName("reference").withThreads(3))
            .withSeed(5);
    RunConfig again =
        RunConfig.of(ConfigFactory.parseString(config.render()).getConfig(RunConfig.ROOT));
    assertEquals("reference", again.backend().name());
    assertEquals(3, again.backend().threads().orElseThrow());
    assertEquals(5, again.seed());
    assertEquals(config.training(), again.training());
    assertEquals(config.model(), again.model());
  }
}
