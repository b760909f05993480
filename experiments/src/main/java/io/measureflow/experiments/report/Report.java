package io.measureflow.experiments.report;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A report as a list of blocks, to be written as Markdown or HTML. The only markup in texts is
 * {@code code} between back quotes.
 */
public final class Report {

  private final String title;
  private final List<Block> blocks = new ArrayList<>();

  /** A part of a report. */
  public sealed interface Block {

    /** A second-level heading. */
    record Heading(String text) implements Block {}

    /** A paragraph. */
    record Paragraph(String text) implements Block {}

    /** A bulleted list. */
    record Points(List<String> texts) implements Block {}

    /** Preformatted lines. */
    record Code(String text) implements Block {}

    /** A table; columns of numbers are right-aligned. */
    record Table(List<String> header, List<List<String>> rows) implements Block {

      private static final Pattern NUMBER =
          Pattern.compile("[-+]?[0-9].{0,24}|[-–]?|NaN|-?Infinity");

      /** Returns whether all cells of a column begin as numbers and are not prose. */
      boolean isNumeric(int column) {
        return rows.stream().allMatch(row -> NUMBER.matcher(row.get(column)).matches());
      }
    }

    /**
     * A picture.
     *
     * @param name the name of its file without the extension
     * @param ending the extension, {@code png} or {@code gif}
     * @param bytes the contents of the file
     * @param caption what it shows
     */
    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    record Figure(String name, String ending, byte[] bytes, String caption) implements Block {

      public String file() {
        return name + "." + ending;
      }

      public String mediaType() {
        return "image/" + ending;
      }
    }

    /** A long table, collapsed in HTML and left out of Markdown. */
    record Details(String summary, Table table) implements Block {}
  }

  /** Counts things: {@code 1 seed}, {@code 5 seeds}. */
  public static String count(int number, String thing) {
    return number + " " + thing + (number == 1 ? "" : "s");
  }

  public Report(String title) {
    this.title = title;
  }

  public String title() {
    return title;
  }

  public List<Block> blocks() {
    return Collections.unmodifiableList(blocks);
  }

  /** Adds a heading. */
  public Report heading(String text) {
    blocks.add(new Block.Heading(text));
    return this;
  }

  /** Adds a paragraph. */
  public Report paragraph(String text) {
    blocks.add(new Block.Paragraph(text));
    return this;
  }

  /** Adds a bulleted list; an empty list adds nothing. */
  public Report points(List<String> texts) {
    if (!texts.isEmpty()) {
      blocks.add(new Block.Points(List.copyOf(texts)));
    }
    return this;
  }

  /** Adds preformatted lines. */
  public Report code(String text) {
    blocks.add(new Block.Code(text));
    return this;
  }

  /** Adds a table. */
  public Report table(List<String> header, List<List<String>> rows) {
    blocks.add(new Block.Table(List.copyOf(header), List.copyOf(rows)));
    return this;
  }

  /** Adds a PNG picture. */
  public Report figure(String name, byte[] png, String caption) {
    blocks.add(new Block.Figure(name, "png", png, caption));
    return this;
  }

  /** Adds an animated GIF. */
  public Report animation(String name, byte[] gif, String caption) {
    blocks.add(new Block.Figure(name, "gif", gif, caption));
    return this;
  }

  /** Adds a table that is shown only in HTML, collapsed. */
  public Report details(String summary, List<String> header, List<List<String>> rows) {
    blocks.add(new Block.Details(summary, new Block.Table(List.copyOf(header), List.copyOf(rows))));
    return this;
  }
}
