package io.measureflow.core;

import static io.measureflow.core.Sources.ROOT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Checks that the index lists all pages and that all links resolve. */
class DocumentationTest {

  private static final Path DOCS = ROOT.resolve("docs");

  /** {@code [text](path#anchor)}, except web addresses. */
  private static final Pattern LINK =
      Pattern.compile("]\\((?!https?:)([^)#\\s]*)(?:#([^)\\s]+))?\\)");

  @Test
  void everyPageIsInTheIndex() throws IOException {
    String index = Files.readString(DOCS.resolve("README.md"));
    var missing = new ArrayList<String>();
    try (Stream<Path> pages = Files.list(DOCS)) {
      for (Path page : pages.sorted().toList()) {
        String name = String.valueOf(page.getFileName());
        if (name.matches(".*\\.(md|bib)") && !name.equals("README.md")) {
          if (!index.contains("(" + name + ")")) {
            missing.add(name);
          }
        }
      }
    }
    assertEquals(List.of(), missing, "not in docs/README.md");
  }

  @Test
  void everyLinkLeadsSomewhere() throws IOException {
    var broken = new ArrayList<String>();
    int count = 0;
    for (Path page : pages()) {
      Matcher link = LINK.matcher(Files.readString(page).replaceAll("(?s)```.*?```", ""));
      while (link.find()) {
        count++;
        Path target = link.group(1).isEmpty() ? page : page.resolveSibling(link.group(1));
        if (!Files.exists(target) || !hasAnchor(target, link.group(2))) {
          broken.add(page + ": " + link.group());
        }
      }
    }
    assertEquals(List.of(), broken);
    assertTrue(count > 50, "only " + count + " links found");
  }

  private static List<Path> pages() throws IOException {
    try (Stream<Path> top = Files.list(ROOT);
        Stream<Path> docs = Files.walk(DOCS)) {
      return Stream.concat(top, docs)
          .filter(page -> page.toString().endsWith(".md"))
          .sorted()
          .toList();
    }
  }

  /** Looks for an explicit anchor, or one that GitHub derives from a heading. */
  private static boolean hasAnchor(Path page, @Nullable String anchor) throws IOException {
    if (anchor == null) {
      return true;
    }
    String text = Files.readString(page);
    return text.contains("<a id=\"" + anchor + "\"></a>")
        || text.lines()
            .filter(line -> line.startsWith("#"))
            .map(line -> line.replaceFirst("^#+ ", "").toLowerCase(Locale.ROOT))
            .map(line -> line.replaceAll("[^\\p{L}\\p{N} -]", "").replace(' ', '-'))
            .anyMatch(anchor::equals);
  }
}
