package io.measureflow.plots;

import java.util.Base64;

/**
 * Writes HTML. Every text and attribute is escaped, so that words from data (class names, paths)
 * cannot become markup.
 */
public final class Html {

  private final StringBuilder written = new StringBuilder();

  /**
   * Opens an element.
   *
   * @param attributes names and values by turns
   */
  public Html open(String tag, String... attributes) {
    if (attributes.length % 2 != 0) {
      throw new IllegalArgumentException(
          "attributes: expected names and values by turns, found " + attributes.length);
    }
    written.append('<').append(tag);
    for (int i = 0; i < attributes.length; i += 2) {
      written
          .append(' ')
          .append(attributes[i])
          .append("=\"")
          .append(escaped(attributes[i + 1]))
          .append('"');
    }
    written.append('>');
    return this;
  }

  /** Closes an element. */
  public Html close(String tag) {
    written.append("</").append(tag).append(">\n");
    return this;
  }

  /** Writes words. */
  public Html text(String words) {
    written.append(escaped(words));
    return this;
  }

  /** Writes an element that contains only words. */
  public Html element(String tag, String words, String... attributes) {
    return open(tag, attributes).text(words).close(tag);
  }

  /** Writes a PNG picture into the page. */
  public Html picture(String alternative, byte[] png) {
    return open("img", "alt", alternative, "src", dataUri("image/png", png));
  }

  /** Writes markup of the program itself, never words from data. */
  public Html markup(String own) {
    written.append(own);
    return this;
  }

  /** Returns the markup so far. */
  @Override
  public String toString() {
    return written.toString();
  }

  /**
   * Escapes words for text and for quoted attributes. Control characters, and those that change the
   * direction of what follows, become the replacement character.
   */
  public static String escaped(String words) {
    var text = new StringBuilder(words.length());
    for (int i = 0; i < words.length(); i++) {
      char c = words.charAt(i);
      switch (c) {
        case '&' -> text.append("&amp;");
        case '<' -> text.append("&lt;");
        case '>' -> text.append("&gt;");
        case '"' -> text.append("&quot;");
        case '\'' -> text.append("&#39;");
        case '\n', '\t' -> text.append(c);
        default -> text.append(isControl(c) ? '\uFFFD' : c);
      }
    }
    return text.toString();
  }

  private static boolean isControl(char c) {
    return Character.isISOControl(c)
        || (c >= '\u202A' && c <= '\u202E')
        || (c >= '\u2066' && c <= '\u2069');
  }

  /** Returns an address that contains the file itself. */
  public static String dataUri(String mediaType, byte[] file) {
    return "data:" + mediaType + ";base64," + Base64.getEncoder().encodeToString(file);
  }
}
