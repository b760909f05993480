package io.measureflow.cli.report;

import io.measureflow.core.metrics.RegressionMetrics;
import io.measureflow.core.metrics.RegressionMetrics.TargetMetrics;
import io.measureflow.plots.Html;
import io.measureflow.plots.SvgPlot;
import java.util.Arrays;
import java.util.stream.IntStream;

/** Real targets: predicted against true, and the residuals. */
final class RegressionSection implements Section {

  private static final int MOST_TARGETS = 4;
  private static final int MOST_POINTS = 1500;
  private static final int BINS = 24;

  private final RegressionMetrics metrics;
  private final PredictedRows.OfReals rows;

  /**
   * @param metrics of all judged rows
   * @param rows some of them, which are drawn
   */
  RegressionSection(RegressionMetrics metrics, PredictedRows.OfReals rows) {
    this.metrics = metrics;
    this.rows = rows;
  }

  @Override
  public String title() {
    return "Predicted against true";
  }

  @Override
  public void write(Html page) {
    int targets = rows.names().size();
    page.element(
        "p",
        "Computed from "
            + rows.judged().description()
            + ", in the units of the target."
            + (rows.judged().table().rows() > MOST_POINTS
                ? " At most " + MOST_POINTS + " points are drawn."
                : "")
            + (targets > MOST_TARGETS
                ? " The first " + MOST_TARGETS + " of " + targets + " targets."
                : ""));
    if (targets > 1) {
      errors(page);
    }
    for (int target = 0; target < Math.min(targets, MOST_TARGETS); target++) {
      plots(page, target);
    }
  }

  private void errors(Html page) {
    page.open("div", "class", "scroll").open("table", "class", "numbers");
    page.open("thead").open("tr");
    for (String name : new String[] {"target", "R²", "RMSE", "MAE"}) {
      page.element("th", name, "scope", "col");
    }
    page.close("tr").close("thead").open("tbody");
    for (int target = 0; target < Math.min(rows.names().size(), MOST_TARGETS); target++) {
      TargetMetrics errors = metrics.targets().get(target);
      page.open("tr").element("th", Words.name(errors.name()), "scope", "row");
      page.element("td", Words.number(errors.r2().orElse(Double.NaN)));
      page.element("td", Words.number(errors.rmse()));
      page.element("td", Words.number(errors.mae())).close("tr");
    }
    page.close("tbody").close("table").close("div");
  }

  private void plots(Html page, int target) {
    String name = Words.name(rows.names().get(target));
    int n = rows.rows();
    int drawn = Math.min(n, MOST_POINTS);
    int[] chosen = IntStream.range(0, drawn).map(i -> (int) ((long) i * n / drawn)).toArray();
    double[] truth = Arrays.stream(chosen).mapToDouble(i -> rows.truth()[i][target]).toArray();
    double[] value = Arrays.stream(chosen).mapToDouble(i -> rows.values()[i][target]).toArray();
    double[] residual = new double[drawn];
    Arrays.setAll(residual, i -> value[i] - truth[i]);
    double least = Arrays.stream(truth).min().orElse(0);
    double most = Arrays.stream(truth).max().orElse(1);
    TargetMetrics errors = metrics.targets().get(target);
    String alternative =
        "R² "
            + Words.number(errors.r2().orElse(Double.NaN))
            + ", root mean squared error "
            + Words.number(errors.rmse())
            + ", mean absolute error "
            + Words.number(errors.mae())
            + ".";
    page.open("div", "class", "charts");
    new SvgPlot("Predicted against true: " + name, "true", "predicted")
        .points("rows", 0, truth, value)
        .dashed("perfect", 3, new double[] {least, most}, new double[] {least, most})
        .writeTo(page, "", alternative);
    new SvgPlot("Residuals: " + name, "predicted", "predicted minus true")
        .points("rows", 0, value, residual)
        .dashed("none", 3, ends(value), new double[2])
        .writeTo(page, "A pattern here is something that the model has not learned.", alternative);
    histogram(name, target).writeTo(page, "", alternative);
    page.close("div");
  }

  private static double[] ends(double[] values) {
    return new double[] {
      Arrays.stream(values).min().orElse(0), Arrays.stream(values).max().orElse(1)
    };
  }

  private SvgPlot histogram(String name, int target) {
    double[] all = new double[rows.rows()];
    Arrays.setAll(all, i -> rows.values()[i][target] - rows.truth()[i][target]);
    double most = Arrays.stream(all).map(Math::abs).max().orElse(1);
    most = most == 0 ? 1 : most;
    double[] edges = new double[BINS + 1];
    for (int i = 0; i <= BINS; i++) {
      edges[i] = most * (2.0 * i / BINS - 1);
    }
    double[] counts = new double[BINS];
    for (double residual : all) {
      counts[Math.clamp((int) ((residual / most + 1) / 2 * BINS), 0, BINS - 1)]++;
    }
    return new SvgPlot("Distribution of residuals: " + name, "predicted minus true", "rows")
        .bars("rows", 0, edges, counts);
  }
}
