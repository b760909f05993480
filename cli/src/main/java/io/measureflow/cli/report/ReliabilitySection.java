package io.measureflow.cli.report;

import io.measureflow.cli.terminal.Text;
import io.measureflow.plots.Html;
import io.measureflow.plots.SvgPlot;
import java.util.Arrays;

/** Whether the probabilities can be believed. */
final class ReliabilitySection implements Section {

  private static final int BINS = 15;

  private final PredictedRows.OfClasses rows;

  ReliabilitySection(PredictedRows.OfClasses rows) {
    this.rows = rows;
  }

  @Override
  public String title() {
    return "Can the probabilities be believed?";
  }

  @Override
  public boolean isPresent() {
    return rows.rows() > 0;
  }

  @Override
  public void write(Html page) {
    int[] count = new int[BINS];
    double[] confidence = new double[BINS];
    double[] right = new double[BINS];
    for (int i = 0; i < rows.rows(); i++) {
      int predicted = rows.predicted(i);
      double probability = rows.probabilities()[i][predicted];
      int bin = Math.clamp((int) Math.ceil(probability * BINS) - 1, 0, BINS - 1);
      count[bin]++;
      confidence[bin] += probability;
      right[bin] += predicted == rows.labels()[i] ? 1 : 0;
    }
    double[] edges = new double[BINS + 1];
    double[] x = new double[BINS];
    double[] y = new double[BINS];
    double error = 0;
    for (int bin = 0; bin < BINS; bin++) {
      edges[bin + 1] = 100.0 * (bin + 1) / BINS;
      x[bin] = 100 * confidence[bin] / count[bin];
      y[bin] = 100 * right[bin] / count[bin];
      error += Math.abs(confidence[bin] - right[bin]) / rows.rows();
    }
    double mean = Arrays.stream(confidence).sum() / rows.rows();
    double accuracy = Arrays.stream(right).sum() / rows.rows();
    page.element(
        "p",
        "On average the model gives its answer a probability of "
            + Text.percent(mean)
            + " and is right in "
            + Text.percent(accuracy)
            + " of "
            + rows.description()
            + ". Expected calibration error over "
            + BINS
            + " equal bins: "
            + Text.percent(error)
            + ".");
    page.open("div", "class", "charts");
    new SvgPlot("Reliability", "probability of the answer in per cent", "right in per cent")
        .xBetween(0, 100)
        .yBetween(0, 100)
        .dashed("perfect", 3, new double[] {0, 100}, new double[] {0, 100})
        .line("this model", 0, x, y)
        .writeTo(
            page,
            "Below the dashed line the model is too sure of itself, above it not sure enough.",
            "Expected calibration error " + Text.percent(error) + ".");
    new SvgPlot("How sure it is", "probability of the answer in per cent", "rows")
        .xBetween(0, 100)
        .bars("rows", 0, edges, Arrays.stream(count).asDoubleStream().toArray())
        .writeTo(
            page,
            "",
            count[BINS - 1]
                + " of "
                + rows.rows()
                + " rows have an answer with a probability above 90 per cent.");
    page.close("div");
  }
}
