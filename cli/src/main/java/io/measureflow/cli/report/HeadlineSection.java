package io.measureflow.cli.report;

import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.Schema;
import io.measureflow.api.model.Layer;
import io.measureflow.cli.run.MetricsFile;
import io.measureflow.cli.terminal.Text;
import io.measureflow.plots.Html;
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
  public boolean isPresent() {
    return true;
  }

  @Override
  public void write(Html page) {
    page.open("dl", "class", "tiles");
    MetricsFile.Row kept = run.kept();
    boolean test = !Double.isNaN(kept.testLoss());
    boolean validation = !test && !Double.isNaN(kept.validationLoss());
    String kind = test ? "Test" : validation ? "Validation" : "Training";
    double accuracy =
        test ? kept.testAccuracy() : validation ? kept.validationAccuracy() : kept.trainAccuracy();
    double loss = test ? kept.testLoss() : validation ? kept.validationLoss() : kept.trainLoss();
    if (!Double.isNaN(accuracy)) {
      tile(page, kind + " accuracy", Text.percent(accuracy), baseline());
    }
    if (run.rows().orElse(null) instanceof PredictedRows.OfReals reals) {
      RegressionErrors errors = RegressionErrors.of(reals, 0);
      String of = reals.names().size() > 1 ? " of " + Words.name(reals.names().getFirst()) : "";
      tile(page, "R²" + of, Words.number(errors.r2()), "1 is perfect, 0 is the mean");
      tile(page, "RMSE" + of, Words.number(errors.rmse()), "root mean squared error");
      tile(page, "MAE" + of, Words.number(errors.mae()), "mean absolute error");
    }
    tile(page, kind + " loss", Words.number(loss), "after epoch " + kept.epoch());
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
        Text.count(
            (double)
                run.model().model().parameters().values().stream()
                    .mapToLong((Tensor tensor) -> tensor.shape().size())
                    .sum()),
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

  private String baseline() {
    if (!(run.rows().orElse(null) instanceof PredictedRows.OfClasses classes)) {
      return "";
    }
    int[] counts = new int[classes.names().size()];
    int most = 0;
    for (int label : classes.labels()) {
      most = Math.max(most, ++counts[label]);
    }
    return "the commonest class alone: " + Text.percent((double) most / classes.rows());
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
