package io.measureflow.cli.run;

import io.measureflow.cli.terminal.Text;
import io.measureflow.core.metrics.ClassificationMetrics;
import io.measureflow.core.metrics.ClassificationMetrics.ClassMetrics;
import io.measureflow.core.metrics.Evaluation;
import io.measureflow.core.metrics.RegressionMetrics;
import io.measureflow.core.metrics.RegressionMetrics.TargetMetrics;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/** Metrics for display, as lines and tables. */
public final class MetricsText {

  /** The number of classes or targets above which the tables are left to the file. */
  private static final int LISTED = 20;

  private MetricsText() {}

  /**
   * Returns a line for each number: its name and its value.
   *
   * @param loss the loss as it is to be shown
   * @param prefix what stands before each name, such as {@code "test "}
   * @param width the width of prefix and name
   */
  public static String lines(Evaluation evaluation, String loss, String prefix, int width) {
    var lines = new Lines(new StringBuilder(), prefix, width);
    evaluation
        .classification()
        .ifPresent(metrics -> lines.add("accuracy", Text.percent(metrics.accuracy())));
    lines.add("loss", loss);
    evaluation
        .classification()
        .ifPresent(
            metrics -> {
              // The loss is mostly this one.
              if (!(Math.abs(metrics.logLoss() - evaluation.loss()) <= 1e-5 * evaluation.loss())) {
                lines.add("log loss", number(metrics.logLoss()));
              }
              lines.add("ECE", number(metrics.calibrationError()));
              metrics.rocAuc().ifPresent(area -> lines.add("ROC AUC", number(area)));
              lines.add("macro F1", number(metrics.macro().f1()));
            });
    evaluation
        .regression()
        .ifPresent(
            metrics -> {
              metrics
                  .labelAccuracy()
                  .ifPresent(accuracy -> lines.add("labels", Text.percent(accuracy) + " right"));
              lines.add("RMSE", number(metrics.rmse()));
              lines.add("MAE", number(metrics.mae()));
              lines.add("R2", number(metrics.r2()));
            });
    return lines.text.toString();
  }

  private record Lines(StringBuilder text, String prefix, int width) {
    void add(String name, String value) {
      text.append(String.format(Locale.ROOT, "%-" + width + "s %s%n", prefix + name, value));
    }
  }

  /** Returns the tables of classes or targets, an empty line before each. */
  public static String tables(Evaluation evaluation) {
    var text = new StringBuilder();
    evaluation.classification().ifPresent(metrics -> write(metrics, text));
    evaluation.regression().ifPresent(metrics -> write(metrics, text));
    return text.toString();
  }

  private static void write(ClassificationMetrics metrics, StringBuilder text) {
    List<ClassMetrics> classes = metrics.classes();
    if (classes.size() > LISTED) {
      return;
    }
    int names = column(classes.stream().map(ClassMetrics::name).toList(), "class");
    text.append(
        String.format(
            Locale.ROOT,
            "%n%-" + names + "s  %9s  %9s  %9s  %9s%n",
            "class",
            "precision",
            "recall",
            "F1",
            "rows"));
    for (ClassMetrics each : classes) {
      text.append(
          String.format(
              Locale.ROOT,
              "%-" + names + "s  %9.4f  %9.4f  %9.4f  %9d%n",
              each.name(),
              each.precision(),
              each.recall(),
              each.f1(),
              each.rows()));
    }
    confusion(metrics, names, text);
  }

  private static void confusion(ClassificationMetrics metrics, int names, StringBuilder text) {
    int cell =
        Math.max(
            6,
            metrics.confusion().stream()
                .flatMap(List::stream)
                .mapToInt(count -> String.valueOf(count).length())
                .max()
                .orElse(1));
    text.append(String.format(Locale.ROOT, "%n%-" + names + "s  predicted as%n", "class"));
    text.append(" ".repeat(names));
    for (ClassMetrics each : metrics.classes()) {
      String name = each.name();
      text.append("  ")
          .append(
              String.format(
                  Locale.ROOT,
                  "%" + cell + "s",
                  name.length() > cell ? name.substring(0, cell) : name));
    }
    text.append(System.lineSeparator());
    for (int k = 0; k < metrics.classes().size(); k++) {
      text.append(String.format(Locale.ROOT, "%-" + names + "s", metrics.classes().get(k).name()));
      for (long count : metrics.confusion().get(k)) {
        text.append("  ").append(String.format(Locale.ROOT, "%" + cell + "d", count));
      }
      text.append(System.lineSeparator());
    }
  }

  private static void write(RegressionMetrics metrics, StringBuilder text) {
    List<TargetMetrics> targets = metrics.targets();
    if (targets.size() == 1 || targets.size() > LISTED) {
      return;
    }
    int names = column(targets.stream().map(TargetMetrics::name).toList(), "target");
    text.append(
        String.format(
            Locale.ROOT, "%n%-" + names + "s  %12s  %12s  %9s%n", "target", "RMSE", "MAE", "R2"));
    for (TargetMetrics each : targets) {
      text.append(
          String.format(
              Locale.ROOT,
              "%-" + names + "s  %12s  %12s  %9s%n",
              each.name(),
              number(each.rmse()),
              number(each.mae()),
              number(each.r2())));
    }
  }

  private static int column(List<String> names, String title) {
    return Math.max(title.length(), names.stream().mapToInt(String::length).max().orElse(0));
  }

  private static String number(OptionalDouble value) {
    return value.isPresent() ? number(value.getAsDouble()) : "not defined: a constant target";
  }

  private static String number(double value) {
    return Text.loss(value);
  }
}
