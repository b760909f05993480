package io.measureflow.cli.report;

import io.measureflow.plots.Html;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** A page that stands alone: its style is in it, light and dark, and it loads nothing. */
public final class Page {

  private Page() {}

  /**
   * Returns the text of the file.
   *
   * @param kind what kind of page it is
   * @param heading what it is about
   * @param folder the folder that it is about
   */
  public static String of(String kind, String heading, Path folder, List<Section> sections) {
    var page = new Html();
    page.markup("<!DOCTYPE html>\n").open("html", "lang", "en").open("head");
    page.markup("<meta charset=\"utf-8\">\n");
    page.markup(
        """
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        """);
    page.element("title", heading + " – " + Words.name(name(folder)));
    page.open("style").markup(style()).close("style").close("head").open("body");
    page.open("header");
    page.element("p", kind, "class", "note");
    page.element("h1", heading);
    page.element("p", name(folder), "class", "path");
    page.close("header").open("main");
    page.open("nav", "aria-label", "Sections").open("ul");
    for (int i = 0; i < sections.size(); i++) {
      page.open("li").element("a", sections.get(i).title(), "href", "#s" + i).close("li");
    }
    page.close("ul").close("nav");
    for (int i = 0; i < sections.size(); i++) {
      page.open("section", "id", "s" + i).element("h2", sections.get(i).title());
      sections.get(i).write(page);
      page.close("section");
    }
    return page.close("main").close("body").close("html").toString();
  }

  /** Quotes a path for a shell where that is needed. */
  public static String quoted(String path) {
    return path.matches("[\\w./:\\\\-]+") ? path : "'" + path.replace("'", "'\\''") + "'";
  }

  private static String name(Path folder) {
    return String.valueOf(folder.toAbsolutePath().normalize().getFileName());
  }

  private static String style() {
    try (InputStream style = Page.class.getResourceAsStream("report.css")) {
      if (style == null) {
        throw new IllegalStateException("report.css is missing from the program");
      }
      return new String(style.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
