package io.measureflow.cli.report;

import io.measureflow.cli.terminal.Text;
import io.measureflow.core.metrics.ClassificationMetrics;
import io.measureflow.plots.Html;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Which classes are taken for which, with precision and recall of each class. */
final class ConfusionSection implements Section {

  /** More classes than this are shown as the ones with the most mistakes, and the rest together. */
  private static final int MOST_CLASSES = 20;

  private static final int MOST_LISTED = 100;
  private static final int MOST_PAIRS = 8;

  /** Of more columns the numbers are smaller. */
  private static final int MANY_COLUMNS = 12;

  /** Names in more columns, and of more characters, stand upright. */
  private static final int MOST_LEVEL_COLUMNS = 5;

  private static final int MOST_LEVEL_CHARACTERS = 3;

  private final ClassificationMetrics metrics;
  private final String description;
  private final List<List<Long>> matrix;
  private final int classes;

  /**
   * @param rows which rows were judged
   */
  ConfusionSection(ClassificationMetrics metrics, PredictedRows rows) {
    this.metrics = metrics;
    description = rows.judged().description();
    matrix = metrics.confusion();
    classes = metrics.classes().size();
  }

  @Override
  public String title() {
    return "Which classes are confused";
  }

  private String name(int label) {
    return Words.name(metrics.classes().get(label).name());
  }

  @Override
  public void write(Html page) {
    if (matrix.isEmpty()) {
      page.element(
          "p", "Computed from " + description + ". There are too many classes for a matrix.");
    } else {
      page.element("p", "Computed from " + description + ". Right answers lie on the diagonal.");
      matrix(page);
      pairs(page);
    }
    perClass(page);
  }

  private void matrix(Html page) {
    List<Integer> shown = shown();
    int columns = shown.size() + (shown.size() < classes ? 1 : 0);
    page.open(
        "div",
        "class",
        "scroll",
        "tabindex",
        "0",
        "role",
        "region",
        "aria-label",
        "Confusion matrix");
    int longest = shown.stream().mapToInt(label -> name(label).length()).max().orElse(0);
    page.open(
        "table",
        "class",
        "matrix"
            + (columns > MANY_COLUMNS ? " small" : "")
            + (columns > MOST_LEVEL_COLUMNS && longest > MOST_LEVEL_CHARACTERS ? " tall" : ""));
    page.element(
        "caption",
        shown.size() < classes
            ? "Numbers of rows, true classes down and predicted ones across; the "
                + shown.size()
                + " of "
                + classes
                + " classes with the most mistakes, and the others together"
            : "Numbers of rows, true classes down and predicted ones across");
    page.open("thead").open("tr").element("td", "");
    shown.forEach(label -> page.element("th", name(label), "scope", "col"));
    if (shown.size() < classes) {
      page.element("th", "others", "scope", "col");
    }
    page.close("tr").close("thead").open("tbody");
    List<List<Integer>> groups = new ArrayList<>();
    shown.forEach(label -> groups.add(List.of(label)));
    if (shown.size() < classes) {
      groups.add(IntStream.range(0, classes).filter(i -> !shown.contains(i)).boxed().toList());
    }
    for (int i = 0; i < groups.size(); i++) {
      String name = i < shown.size() ? name(shown.get(i)) : "others";
      page.open("tr").element("th", name, "scope", "row");
      long total =
          groups.get(i).stream().mapToLong(label -> metrics.classes().get(label).rows()).sum();
      for (int j = 0; j < groups.size(); j++) {
        cell(page, count(groups.get(i), groups.get(j)), total, i == j);
      }
      page.close("tr");
    }
    page.close("tbody").close("table").close("div");
  }

  private long count(List<Integer> labels, List<Integer> taken) {
    return labels.stream()
        .mapToLong(label -> taken.stream().mapToLong(other -> matrix.get(label).get(other)).sum())
        .sum();
  }

  private static void cell(Html page, long count, long total, boolean diagonal) {
    double share = total == 0 ? 0 : (double) count / total;
    // Few mistakes shall still be seen.
    long shade = count == 0 ? 0 : Math.round(diagonal ? 8 + 42 * share : 14 + 46 * share);
    page.element(
        "td",
        count == 0 ? "·" : String.valueOf(count),
        "class",
        count == 0 ? "none" : diagonal ? "right" : "wrong",
        "style",
        "--shade:" + shade + "%");
  }

  private List<Integer> shown() {
    if (classes <= MOST_CLASSES) {
      return IntStream.range(0, classes).boxed().toList();
    }
    return IntStream.range(0, classes)
        .boxed()
        .sorted(
            Comparator.comparingLong(
                (Integer label) ->
                    matrix.get(label).get(label) - metrics.classes().get(label).rows()))
        .limit(MOST_CLASSES - 1)
        .sorted()
        .toList();
  }

  private record Pair(int label, int predicted, long rows) {}

  /** What is wrongly taken for what, most often. */
  private void pairs(Html page) {
    var pairs = new ArrayList<Pair>();
    for (int label = 0; label < classes; label++) {
      for (int predicted = 0; predicted < classes; predicted++) {
        if (label != predicted && matrix.get(label).get(predicted) > 0) {
          pairs.add(new Pair(label, predicted, matrix.get(label).get(predicted)));
        }
      }
    }
    if (!pairs.isEmpty()) {
      // Stable: equal ones stay in the order of the classes.
      pairs.sort(Comparator.comparingLong(pair -> -pair.rows()));
      page.element(
          "p",
          "Most often wrong: "
              + pairs.stream()
                  .limit(MOST_PAIRS)
                  .map(
                      pair ->
                          name(pair.label())
                              + " taken for "
                              + name(pair.predicted())
                              + " ("
                              + pair.rows()
                              + ")")
                  .collect(Collectors.joining(", "))
              + ".");
    }
  }

  private void perClass(Html page) {
    page.open("details");
    page.element("summary", "Precision, recall and F1 of each class");
    page.open("div", "class", "scroll").open("table", "class", "numbers");
    page.open("thead").open("tr");
    for (String name : List.of("class", "rows", "precision", "recall", "F1")) {
      page.element("th", name, "scope", "col");
    }
    page.close("tr").close("thead").open("tbody");
    for (ClassificationMetrics.ClassMetrics each :
        metrics.classes().subList(0, Math.min(classes, MOST_LISTED))) {
      page.open("tr");
      page.element("th", Words.name(each.name()), "scope", "row");
      page.element("td", Text.count((double) each.rows()));
      page.element("td", share(each.precision()));
      page.element("td", share(each.recall()));
      page.element("td", share(each.f1()));
      page.close("tr");
    }
    page.close("tbody").close("table").close("div");
    if (classes > MOST_LISTED) {
      page.element("p", "The first " + MOST_LISTED + " of " + classes + " classes.");
    }
    page.close("details");
  }

  private static String share(double value) {
    return String.format(Locale.ROOT, "%.3f", value);
  }
}
