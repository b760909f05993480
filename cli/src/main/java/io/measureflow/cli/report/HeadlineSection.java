package io.measureflow.cli.report;

import io.measureflow.api.data.Schema;
import io.measureflow.api.model.Layer;
import io.measureflow.cli.run.MetricsFile;
import io.measureflow.cli.terminal.Text;
import io.measureflow.core.metrics.ClassificationMetrics;
import io.measureflow.core.metrics.Evaluation;
import io.measureflow.core.metrics.RegressionMetrics;
import io.measureflow.plots.Html;
import java.util.Locale;
import java.util.stream.Collectors;

/** The figures that a reader looks for first. */
final class HeadlineSection implements Section {

  private final RunContents run;

  HeadlineSection(RunContents run) {
    this.run = run;
  }

  @Override
  public String title() {
    return "Result";
  }

  @Override
  public void write(Html page) {
    page.open("dl", "class", "tiles");
    MetricsFile.Row kept = run.kept();
    run.result().ifPresent(result -> result(page, result, kept));
    double seconds = run.epochs().stream().mapToDouble(MetricsFile.Row::trainSeconds).sum();
    tile(
        page,
        "Training time",
        Text.duration(seconds),
        Text.count(run.epochs().size(), "epoch")
            + (kept.epoch() < run.epochs().size() ? ", kept " + kept.epoch() : ""));
    tile(
        page,
        "Parameters",
        Text.count((double) run.model().model().parameterCount()),
        run.model().model().spec().layers().stream()
            .map(Layer::summary)
            .map(Words::name)
            .collect(Collectors.joining(", ")));
    tile(
        page,
        "Training rows",
        Text.count(run.trainingRows()),
        Text.count(run.schema().featureCount(), "feature")
            + (run.schema().target() instanceof Schema.Target.Classes classes
                ? ", " + classes.names().size() + " classes"
                : ""));
    page.close("dl");
  }

  private static void result(Html page, RunContents.Result result, MetricsFile.Row kept) {
    String part = result.rows().judged().part();
    String kind = part.substring(0, 1).toUpperCase(Locale.ROOT) + part.substring(1);
    Evaluation evaluation = result.evaluation();
    evaluation
        .classification()
        .ifPresent(
            metrics ->
                tile(
                    page,
                    kind + " accuracy",
                    Text.percent(metrics.accuracy()),
                    "the commonest class alone: " + Text.percent(commonest(metrics))));
    evaluation
        .regression()
        .ifPresent(
            metrics -> {
              RegressionMetrics.TargetMetrics first = metrics.targets().getFirst();
              metrics
                  .labelAccuracy()
                  .ifPresent(
                      accuracy ->
                          tile(
                              page,
                              kind + " label accuracy",
                              Text.percent(accuracy),
                              "labels on the right side of probability 1/2"));
              String of = metrics.targets().size() > 1 ? " of " + Words.name(first.name()) : "";
              tile(
                  page,
                  "R²" + of,
                  Words.number(first.r2().orElse(Double.NaN)),
                  "1 is perfect, 0 is the mean");
              tile(page, "RMSE" + of, Words.number(first.rmse()), "root mean squared error");
              tile(page, "MAE" + of, Words.number(first.mae()), "mean absolute error");
            });
    tile(page, kind + " loss", Words.number(evaluation.loss()), "after epoch " + kept.epoch());
  }

  private static double commonest(ClassificationMetrics metrics) {
    return metrics.classes().stream().mapToLong(each -> each.rows()).max().orElse(0)
        / (double) metrics.rows();
  }

  private static void tile(Html page, String name, String value, String note) {
    page.open("div");
    page.element("dt", name);
    page.element("dd", value);
    if (!note.isEmpty()) {
      page.element("dd", note, "class", "note");
    }
    page.close("div");
  }
}
