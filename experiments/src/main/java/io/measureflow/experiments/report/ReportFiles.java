package io.measureflow.experiments.report;

import io.measureflow.api.io.AtomicFile;
import io.measureflow.plots.Html;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** Writes reports: Markdown with pictures beside it, and one self-contained HTML file. */
public final class ReportFiles {

  private static final String STYLE =
      """
      body { font-family: system-ui, sans-serif; line-height: 1.5; color: #222;
        max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
      h1, h2 { line-height: 1.2; }
      table { border-collapse: collapse; margin: 1rem 0; font-variant-numeric: tabular-nums; }
      .wide { overflow-x: auto; }
      th, td { border-bottom: 1px solid #ddd; padding: .25rem .7rem; text-align: left; }
      .number { text-align: right; white-space: nowrap; }
      img { max-width: 100%; }
      figure { margin: 1.5rem 0; }
      figcaption { color: #555; }
      pre, code { background: #f4f4f4; border-radius: 3px; }
      pre { padding: .7rem; overflow-x: auto; }
      code { padding: 0 .2rem; }
      pre code { padding: 0; }
      details table { font-size: 80%; }
      """;

  private ReportFiles() {}

  /** Writes a report and its pictures to a folder. */
  public static void write(Report report, Path folder, String name) {
    for (Report.Block block : report.blocks()) {
      if (block instanceof Report.Block.Figure figure) {
        AtomicFile.write(folder.resolve(figure.file()), figure.bytes());
      }
    }
    AtomicFile.write(folder.resolve(name + ".md"), markdown(report));
    AtomicFile.write(folder.resolve(name + ".html"), html(report));
  }

  /** Renders a report as Markdown. */
  public static String markdown(Report report) {
    var text = new StringBuilder("# ").append(report.title()).append('\n');
    for (Report.Block block : report.blocks()) {
      String shown =
          switch (block) {
            case Report.Block.Heading(String heading) -> "## " + heading + "\n";
            case Report.Block.Paragraph(String paragraph) -> paragraph + "\n";
            case Report.Block.Points(List<String> texts) ->
                texts.stream().map(point -> "- " + point + "\n").collect(Collectors.joining());
            case Report.Block.Code(String code) -> "```\n" + code + "\n```\n";
            case Report.Block.Table table -> markdown(table);
            case Report.Block.Figure figure ->
                "![" + figure.name() + "](" + figure.file() + ")\n\n*" + figure.caption() + "*\n";
            case Report.Block.Details details -> "";
          };
      if (!shown.isEmpty()) {
        text.append('\n').append(shown);
      }
    }
    return text.toString();
  }

  private static String markdown(Report.Block.Table table) {
    var text = new StringBuilder();
    text.append(row(table.header()));
    for (int i = 0; i < table.header().size(); i++) {
      text.append(i == 0 ? "|" : "").append(table.isNumeric(i) ? "---:|" : "---|");
    }
    text.append('\n');
    table.rows().forEach(cells -> text.append(row(cells)));
    return text.toString();
  }

  private static String row(List<String> cells) {
    return "| " + String.join(" | ", cells) + " |\n";
  }

  /** Renders a report as a self-contained HTML file. */
  public static String html(Report report) {
    var text = new StringBuilder("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n");
    text.append("<meta charset=\"utf-8\">\n");
    text.append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    text.append("<title>").append(Html.escaped(report.title())).append("</title>\n");
    text.append("<style>\n").append(STYLE).append("</style>\n</head>\n<body>\n");
    text.append("<h1>").append(inline(report.title())).append("</h1>\n");
    for (Report.Block block : report.blocks()) {
      text.append(
          switch (block) {
            case Report.Block.Heading(String heading) -> "<h2>" + inline(heading) + "</h2>\n";
            case Report.Block.Paragraph(String paragraph) -> "<p>" + inline(paragraph) + "</p>\n";
            case Report.Block.Points(List<String> texts) ->
                texts.stream()
                    .map(point -> "<li>" + inline(point) + "</li>\n")
                    .collect(Collectors.joining("", "<ul>\n", "</ul>\n"));
            case Report.Block.Code(String code) ->
                "<pre><code>" + Html.escaped(code) + "</code></pre>\n";
            case Report.Block.Table table -> html(table);
            case Report.Block.Figure figure ->
                "<figure><img alt=\""
                    + Html.escaped(figure.caption())
                    + "\" src=\""
                    + Html.dataUri(figure.mediaType(), figure.bytes())
                    + "\"><figcaption>"
                    + inline(figure.caption())
                    + "</figcaption></figure>\n";
            case Report.Block.Details(String summary, Report.Block.Table table) ->
                "<details><summary>"
                    + inline(summary)
                    + "</summary>\n"
                    + html(table)
                    + "</details>\n";
          });
    }
    return text.append("</body>\n</html>\n").toString();
  }

  private static String html(Report.Block.Table table) {
    var text = new StringBuilder("<div class=\"wide\"><table>\n");
    text.append(row(table, "th", table.header()));
    table.rows().forEach(cells -> text.append(row(table, "td", cells)));
    return text.append("</table></div>\n").toString();
  }

  private static String row(Report.Block.Table table, String tag, List<String> cells) {
    var text = new StringBuilder("<tr>");
    for (int i = 0; i < cells.size(); i++) {
      text.append(table.isNumeric(i) ? "<" + tag + " class=\"number\">" : "<" + tag + ">")
          .append(inline(cells.get(i)))
          .append("</" + tag + ">");
    }
    return text.append("</tr>\n").toString();
  }

  /** Escapes a text and renders what stands between back quotes as code. */
  private static String inline(String text) {
    return Html.escaped(text).replaceAll("`([^`]*)`", "<code>$1</code>");
  }
}
