package io.measureflow.cli.report;

import io.measureflow.cli.terminal.Text;
import io.measureflow.plots.Html;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
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

  private final PredictedRows.OfClasses rows;
  private final int classes;
  private final int[] actual;
  private final int[] predicted;

  /** Numbers of rows by true and predicted class; thousands of classes leave most pairs empty. */
  private final Map<Pair, Integer> counts = new HashMap<>();

  private record Pair(int label, int predicted) {}

  ConfusionSection(PredictedRows.OfClasses rows) {
    this.rows = rows;
    classes = rows.names().size();
    actual = new int[classes];
    predicted = new int[classes];
    for (int i = 0; i < rows.rows(); i++) {
      var pair = new Pair(rows.labels()[i], rows.predicted(i));
      actual[pair.label()]++;
      predicted[pair.predicted()]++;
      counts.merge(pair, 1, Integer::sum);
    }
  }

  @Override
  public String title() {
    return "Which classes are confused";
  }

  @Override
  public boolean isPresent() {
    return rows.rows() > 0;
  }

  private int count(int label, int taken) {
    return counts.getOrDefault(new Pair(label, taken), 0);
  }

  @Override
  public void write(Html page) {
    page.element(
        "p", "Computed from " + rows.description() + ". Right answers lie on the diagonal.");
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
    int longest =
        shown.stream().mapToInt(label -> rows.names().get(label).length()).max().orElse(0);
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
    shown.forEach(label -> page.element("th", Words.name(rows.names().get(label)), "scope", "col"));
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
      String name = i < shown.size() ? Words.name(rows.names().get(shown.get(i))) : "others";
      page.open("tr").element("th", name, "scope", "row");
      int total = groups.get(i).stream().mapToInt(label -> actual[label]).sum();
      for (int j = 0; j < groups.size(); j++) {
        cell(page, count(groups.get(i), groups.get(j)), total, i == j);
      }
      page.close("tr");
    }
    page.close("tbody").close("table").close("div");
    pairs(page);
    perClass(page);
  }

  private int count(List<Integer> labels, List<Integer> taken) {
    if (labels.size() == 1 && taken.size() == 1) {
      return count(labels.getFirst(), taken.getFirst());
    }
    var from = Set.copyOf(labels);
    var to = Set.copyOf(taken);
    return counts.entrySet().stream()
        .filter(e -> from.contains(e.getKey().label()) && to.contains(e.getKey().predicted()))
        .mapToInt(Map.Entry::getValue)
        .sum();
  }

  private static void cell(Html page, int count, int total, boolean diagonal) {
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
        .sorted(Comparator.comparingInt((Integer label) -> count(label, label) - actual[label]))
        .limit(MOST_CLASSES - 1)
        .sorted()
        .toList();
  }

  /** What is wrongly taken for what, most often. */
  private void pairs(Html page) {
    List<Map.Entry<Pair, Integer>> pairs =
        counts.entrySet().stream()
            .filter(e -> e.getKey().label() != e.getKey().predicted())
            .sorted(
                Comparator.comparingInt((Map.Entry<Pair, Integer> e) -> -e.getValue())
                    .thenComparingInt(e -> e.getKey().label())
                    .thenComparingInt(e -> e.getKey().predicted()))
            .limit(MOST_PAIRS)
            .toList();
    if (!pairs.isEmpty()) {
      page.element(
          "p",
          "Most often wrong: "
              + pairs.stream()
                  .map(
                      pair ->
                          Words.name(rows.names().get(pair.getKey().label()))
                              + " taken for "
                              + Words.name(rows.names().get(pair.getKey().predicted()))
                              + " ("
                              + pair.getValue()
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
    for (int label = 0; label < Math.min(classes, MOST_LISTED); label++) {
      int right = count(label, label);
      double precision = (double) right / predicted[label];
      double recall = (double) right / actual[label];
      page.open("tr");
      page.element("th", Words.name(rows.names().get(label)), "scope", "row");
      page.element("td", Text.count(actual[label]));
      page.element("td", share(precision));
      page.element("td", share(recall));
      page.element("td", share(2.0 * right / (predicted[label] + actual[label])));
      page.close("tr");
    }
    page.close("tbody").close("table").close("div");
    if (classes > MOST_LISTED) {
      page.element("p", "The first " + MOST_LISTED + " of " + classes + " classes.");
    }
    page.close("details");
  }

  private static String share(double value) {
    return Double.isNaN(value) ? "–" : String.format(Locale.ROOT, "%.3f", value);
  }
}
