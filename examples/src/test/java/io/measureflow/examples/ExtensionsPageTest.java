package io.measureflow.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The classes in docs/extensions.md are those of this module. */
class ExtensionsPageTest {

  private static final Path PAGE = Path.of("..", "docs", "extensions.md");
  private static final Path SOURCES =
      Path.of("src", "main", "java", "io", "measureflow", "examples");
  private static final Pattern BLOCK = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
  private static final Pattern TYPE =
      Pattern.compile("^public (?:record|final class) (\\w+)", Pattern.MULTILINE);

  private static String source(String name) throws IOException {
    return Files.readString(SOURCES.resolve(name + ".java"));
  }

  @Test
  void wholeClassesAreThoseOfTheModule() throws IOException {
    var shown = new TreeSet<String>();
    var block = BLOCK.matcher(Files.readString(PAGE));
    while (block.find()) {
      var type = TYPE.matcher(block.group(1));
      if (type.lookingAt()) {
        String source = source(type.group(1));
        var declared = TYPE.matcher(source);
        assertTrue(declared.find(), source);
        assertEquals(source.substring(declared.start()), block.group(1));
        shown.add(type.group(1));
      }
    }
    assertEquals(
        Set.of("ExampleModule", "Lion", "Pinball", "ScaleLayer", "SpiralsProvider", "TiedFamily"),
        shown);
  }

  @ParameterizedTest
  @CsvSource({"AntitheticFamily, 47 lines", "Bump, is 34 lines"})
  void itCountsLinesRight(String name, String claim) throws IOException {
    long lines = source(name).lines().count();
    String page = Files.readString(PAGE);
    String expected = claim.replaceFirst("\\d+", String.valueOf(lines));
    assertTrue(page.contains(expected), "expected \"" + expected + "\" on the page");
  }
}
