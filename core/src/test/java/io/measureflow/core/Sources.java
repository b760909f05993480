package io.measureflow.core;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The Java sources of all modules, for tests of the citations in comments. */
final class Sources {

  /** The folder of the project. */
  static final Path ROOT = Path.of("..");

  /**
   * A source file.
   *
   * @param text its text on one line, without comment markers
   */
  record Source(Path path, String text) {}

  private Sources() {}

  /**
   * Returns the sources of all modules.
   *
   * @param kind main or test
   */
  static List<Source> all(String kind) throws IOException {
    var sources = new ArrayList<Source>();
    try (Stream<Path> modules = Files.list(ROOT)) {
      for (Path module : modules.filter(m -> Files.exists(m.resolve("pom.xml"))).toList()) {
        Path folder = module.resolve("src").resolve(kind).resolve("java");
        if (Files.exists(folder)) {
          try (Stream<Path> files = Files.walk(folder)) {
            files
                .filter(f -> f.toString().endsWith(".java"))
                .map(Sources::read)
                .forEach(sources::add);
          }
        }
      }
    }
    assertTrue(sources.size() > 50, "only " + sources.size() + " sources found");
    return sources;
  }

  /** Reads a file onto one line, without comment markers. */
  static Source read(Path path) {
    try {
      return new Source(path, Files.readString(path).replaceAll("\\s*\\n\\s*(?:\\*|//)?\\s*", " "));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
