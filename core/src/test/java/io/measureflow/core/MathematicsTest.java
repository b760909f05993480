package io.measureflow.core;

import static io.measureflow.core.Sources.ROOT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.core.Sources.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Checks that every citation of docs/mathematics.md names an existing section and equation. */
class MathematicsTest {

  private static final Path PAGE = ROOT.resolve("docs").resolve("mathematics.md");

  /** {@code docs/mathematics.md, section 5, equation 2}, {@code ..., sections 1, 2 and 6}. */
  private static final Pattern CITATION =
      Pattern.compile(
          "docs/mathematics\\.md,"
              + "(?: sections? (\\d+(?:\\.\\d+)?(?:(?:, | and | to )\\d+(?:\\.\\d+)?)*))?"
              + "(?:,? equations? (\\d+(?:(?:, | and | to )\\d+)*))?");

  private static final Pattern SECTION =
      Pattern.compile("<a id=\"section-([\\d-]+)\"></a>\n##+ (\\d+(?:\\.\\d+)?)\\.? \\S");
  private static final Pattern EQUATION =
      Pattern.compile("<a id=\"equation-(\\d+)\"></a>\n\n((?:    .*\n)+)");
  private static final Pattern NUMBER = Pattern.compile("\\d+(?:\\.\\d+)?");

  /**
   * The citations of a text.
   *
   * @param sections the numbers of sections
   * @param equations the numbers of equations
   */
  private record Cited(Set<String> sections, Set<String> equations) {}

  @Test
  void everyCitationPointsAtWhatExists() throws IOException {
    String page = Files.readString(PAGE);
    Set<String> sections = sections(page);
    Set<String> equations = equations(page);
    var sources = new ArrayList<Source>(Sources.all("main"));
    sources.addAll(Sources.all("test"));
    var lost = new ArrayList<String>();
    int count = 0;
    for (Source source : sources) {
      if (source.path().endsWith("MathematicsTest.java")) {
        continue;
      }
      for (Cited cited : citations(source.text())) {
        count++;
        if (!sections.containsAll(cited.sections()) || !equations.containsAll(cited.equations())) {
          lost.add(source.path() + ": " + cited);
        }
      }
    }
    assertEquals(List.of(), lost, "cited, and not in " + PAGE);
    assertTrue(count >= 20, "only " + count + " citations found");
  }

  /** Citations stay valid when something is inserted. */
  @Test
  void numbersRunOnInTheOrderOfThePage() throws IOException {
    String page = Files.readString(PAGE);
    int chapter = 0;
    int part = 0;
    for (String section : sections(page)) {
      if (section.contains(".")) {
        part++;
        assertEquals(chapter + "." + part, section);
      } else {
        chapter++;
        part = 0;
        assertEquals(String.valueOf(chapter), section);
      }
    }
    int equation = 0;
    for (String number : equations(page)) {
      equation++;
      assertEquals(String.valueOf(equation), number);
    }
    assertEquals(7, chapter);
    assertTrue(equation >= 2, "only " + equation + " equations");
  }

  @Test
  void headingsAndEquationsCarryTheirAnchors() throws IOException {
    String page = Files.readString(PAGE);
    assertEquals(
        page.lines().filter(line -> line.matches("##+ \\d.*")).count(), sections(page).size());
    assertEquals(
        page.lines().filter(line -> line.matches(" {4}.*\\(\\d\\)")).count(),
        equations(page).size());
    Matcher link = Pattern.compile("\\(#((?:section|equation)-[\\d-]+)\\)").matcher(page);
    while (link.find()) {
      assertTrue(page.contains("<a id=\"" + link.group(1) + "\"></a>"), link.group(1));
    }
  }

  @Test
  void citationsOfEachFormAreSeen() {
    assertEquals(
        List.of(
            new Cited(Set.of("5"), Set.of("2")),
            new Cited(Set.of("1", "2", "6"), Set.of()),
            new Cited(Set.of("3.3"), Set.of()),
            new Cited(Set.of(), Set.of("2"))),
        citations(
            "(docs/mathematics.md, section 5, equation 2) or (docs/mathematics.md, sections 1, 2"
                + " and 6); of docs/mathematics.md, section 3.3. And (docs/mathematics.md, equation"
                + " 2)"));
  }

  private static List<Cited> citations(String text) {
    var citations = new ArrayList<Cited>();
    Matcher citation = CITATION.matcher(text);
    while (citation.find()) {
      citations.add(new Cited(numbers(citation.group(1)), numbers(citation.group(2))));
    }
    return citations;
  }

  private static Set<String> numbers(@Nullable String list) {
    var numbers = new TreeSet<String>();
    if (list != null) {
      NUMBER.matcher(list).results().forEach(number -> numbers.add(number.group()));
    }
    return numbers;
  }

  private static Set<String> sections(String page) {
    var sections = new LinkedHashSet<String>();
    Matcher section = SECTION.matcher(page);
    while (section.find()) {
      assertEquals(section.group(1).replace('-', '.'), section.group(2));
      assertTrue(sections.add(section.group(2)), section.group(2));
    }
    return sections;
  }

  private static Set<String> equations(String page) {
    var equations = new LinkedHashSet<String>();
    Matcher equation = EQUATION.matcher(page);
    while (equation.find()) {
      assertTrue(equation.group(2).contains("(" + equation.group(1) + ")\n"), equation.group(1));
      assertTrue(equations.add(equation.group(1)), equation.group(1));
    }
    return equations;
  }
}
