package io.measureflow.core;

import static io.measureflow.core.Sources.ROOT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.core.Sources.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Checks that the citations in the main sources of all modules and in docs/mathematics.md match the
 * entries of the bibliography.
 */
class BibliographyTest {

  private static final String KEY = "[a-z]+[12][0-9]{3}[a-z]?";

  /** {@code [author2025]}, {@code [author2025, section 2]}, {@code [author2025, other1999]}. */
  private static final Pattern CITATION = Pattern.compile("\\[(" + KEY + "(?:[,;] [^\\[\\]]*)?)]");

  private static final Pattern ENTRY =
      Pattern.compile("@[a-z]+\\{([^,]+),(.*?)\\n\\}", Pattern.DOTALL);
  private static final Pattern FIRST_AUTHOR = Pattern.compile("author = \\{(.+?),");
  private static final Pattern YEAR = Pattern.compile("year = \\{(\\d{4})\\}");

  @Test
  void everyKeyCitedIsInTheBibliography() throws IOException {
    Map<String, String> entries = entries();
    var missing = new TreeMap<String, Path>();
    for (Source source : sources()) {
      for (String key : keys(source.text())) {
        if (!entries.containsKey(key)) {
          missing.put(key, source.path());
        }
      }
    }
    assertEquals(Map.of(), missing, "cited, and not in docs/bibliography.bib");
  }

  @Test
  void everyEntryIsCited() throws IOException {
    var cited = new TreeSet<String>();
    for (Source source : sources()) {
      cited.addAll(keys(source.text()));
    }
    var idle = new TreeSet<>(entries().keySet());
    idle.removeAll(cited);
    assertEquals(Set.of(), idle, "in docs/bibliography.bib, and cited nowhere");
  }

  @Test
  void keysAreMadeOfTheFirstAuthorAndTheYear() throws IOException {
    entries()
        .forEach(
            (key, fields) -> {
              assertTrue(key.matches(KEY), key);
              assertTrue(key.contains(field(YEAR, fields)), key);
              String author =
                  field(FIRST_AUTHOR, fields).replaceAll("[^A-Za-z]", "").toLowerCase(Locale.ROOT);
              assertTrue(key.startsWith(author), key + ": " + author);
            });
  }

  @Test
  void citationsOfEachFormAreSeen() {
    assertEquals(
        Set.of("chewi2025", "price1958", "golub1969a"),
        keys("as in [chewi2025, section 2], [price1958, golub1969a]; not [K, n] or [x2025 y]"));
  }

  private static Set<String> keys(String text) {
    var keys = new TreeSet<String>();
    Matcher citation = CITATION.matcher(text);
    while (citation.find()) {
      for (String part : citation.group(1).split("[,;] ", -1)) {
        if (part.matches(KEY)) {
          keys.add(part);
        }
      }
    }
    return keys;
  }

  private static String field(Pattern pattern, String fields) {
    Matcher matcher = pattern.matcher(fields);
    assertTrue(matcher.find(), () -> pattern + " in" + fields);
    return matcher.group(1);
  }

  private static Map<String, String> entries() throws IOException {
    String text = Files.readString(ROOT.resolve("docs").resolve("bibliography.bib"));
    var entries = new TreeMap<String, String>();
    Matcher entry = ENTRY.matcher(text);
    while (entry.find()) {
      assertEquals(null, entries.put(entry.group(1), entry.group(2)), entry.group(1));
    }
    assertEquals(text.split("\n@", -1).length - 1, entries.size(), "entries that can be read");
    return entries;
  }

  private static List<Source> sources() throws IOException {
    var sources = new ArrayList<>(Sources.all("main"));
    sources.add(Sources.read(ROOT.resolve("docs").resolve("mathematics.md")));
    return sources;
  }
}
