package io.measureflow.experiments.report;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A report, block by block, to be written as Markdown or as HTML. Texts may mark {@code code} by
 * back quotes and nothing else.
 */
public final class Report {

  private final String title;
  private final List<Block> blocks = new ArrayList<>();

  /** A part of a report. */
  public sealed interface Block {

    /** A heading of the second level. */
    record Heading(String text) implements Block {}

    /** A paragraph. */
    record Paragraph(String text) implements Block {}

    /** Points of a list. */
    record Points(List<String> texts) implements Block {}

    /** Lines to be shown as they are. */
    record Code(String text) implements Block {}

    /** A table; all columns but the first are numbers. */
    record Table(List<String> header, List<List<String>> rows) implements Block {}

    /**
     * A picture.
     *
     * @param name the name of its file without the ending
     * @param ending png or gif
     * @param bytes the file
     * @param caption what it shows
     */
    @SuppressWarnings("ArrayRecordComponent") // The bytes of a file, handed on and never compared.
    record Figure(String name, String ending, byte[] bytes, String caption) implements Block {

      public String file() {
        return name + "." + ending;
      }

      public String mediaType() {
        return "image/" + ending;
      }
    }

    /** A long table that is only in the HTML, behind a line to click on. */
    record Details(String summary, Table table) implements Block {}
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

  public Report heading(String text) {
    blocks.add(new Block.Heading(text));
    return this;
  }

  public Report paragraph(String text) {
    blocks.add(new Block.Paragraph(text));
    return this;
  }

  public Report points(List<String> texts) {
    if (!texts.isEmpty()) {
      blocks.add(new Block.Points(List.copyOf(texts)));
    }
    return this;
  }

  public Report code(String text) {
    blocks.add(new Block.Code(text));
    return this;
  }

  public Report table(List<String> header, List<List<String>> rows) {
    blocks.add(new Block.Table(List.copyOf(header), List.copyOf(rows)));
    return this;
  }

  public Report figure(String name, byte[] png, String caption) {
    blocks.add(new Block.Figure(name, "png", png, caption));
    return this;
  }

  public Report animation(String name, byte[] gif, String caption) {
    blocks.add(new Block.Figure(name, "gif", gif, caption));
    return this;
  }

  public Report details(String summary, List<String> header, List<List<String>> rows) {
    blocks.add(new Block.Details(summary, new Block.Table(List.copyOf(header), List.copyOf(rows))));
    return this;
  }
}
