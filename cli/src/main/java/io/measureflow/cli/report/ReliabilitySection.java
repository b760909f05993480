package io.measureflow.cli.report;

import io.measureflow.cli.terminal.Text;
import io.measureflow.core.metrics.ClassificationMetrics;
import io.measureflow.plots.Html;
import io.measureflow.plots.SvgPlot;
import java.util.List;
import java.util.stream.DoubleStream;

/** Whether the probabilities can be believed. */
final class ReliabilitySection implements Section {

  private final ClassificationMetrics metrics;
  private final String description;

  /**
   * @param rows which rows were judged
   */
  ReliabilitySection(ClassificationMetrics metrics, PredictedRows rows) {
    this.metrics = metrics;
    description = rows.judged().description();
  }

  @Override
  public String title() {
    return "Can the probabilities be believed?";
  }

  @Override
  public void write(Html page) {
    List<ClassificationMetrics.Bin> bins = metrics.calibration();
    double confidence =
        bins.stream().mapToDouble(bin -> bin.rows() * bin.confidence()).sum() / metrics.rows();
    String error = Text.percent(metrics.calibrationError());
    page.element(
        "p",
        "On average the model gives its answer a probability of "
            + Text.percent(confidence)
            + " and is right in "
            + Text.percent(metrics.accuracy())
            + " of "
            + description
            + ". Expected calibration error over "
            + bins.size()
            + " equal bins: "
            + error
            + ".");
    double[] edges =
        DoubleStream.concat(DoubleStream.of(0), bins.stream().mapToDouble(bin -> 100 * bin.to()))
            .toArray();
    List<ClassificationMetrics.Bin> filled = bins.stream().filter(bin -> bin.rows() > 0).toList();
    double[] x = filled.stream().mapToDouble(bin -> 100 * bin.confidence()).toArray();
    double[] y = filled.stream().mapToDouble(bin -> 100 * bin.accuracy()).toArray();
    ClassificationMetrics.Bin last = bins.getLast();
    page.open("div", "class", "charts");
    new SvgPlot("Reliability", "probability of the answer in per cent", "right in per cent")
        .xBetween(0, 100)
        .yBetween(0, 100)
        .dashed("perfect", 3, new double[] {0, 100}, new double[] {0, 100})
        .line("this model", 0, x, y)
        .writeTo(
            page,
            "Below the dashed line the model is too sure of itself, above it not sure enough.",
            "Expected calibration error " + error + ".");
    new SvgPlot("How sure it is", "probability of the answer in per cent", "rows")
        .xBetween(0, 100)
        .bars("rows", 0, edges, bins.stream().mapToDouble(bin -> (double) bin.rows()).toArray())
        .writeTo(
            page,
            "",
            last.rows()
                + " of "
                + metrics.rows()
                + " rows have an answer with a probability above "
                + Text.percent(last.from())
                + ".");
    page.close("div");
  }
}
