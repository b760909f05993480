package io.measureflow.cli.report;

import io.measureflow.cli.run.MetricsFile;
import io.measureflow.plots.Html;
import io.measureflow.plots.SvgPlot;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Loss, accuracy and learning rate over the epochs. */
final class CurvesSection implements Section {

  private static final int TRAIN = 0;
  private static final int TEST = 1;
  private static final int VALIDATION = 2;

  private final List<MetricsFile.Row> epochs;
  private final int kept;

  /**
   * @param kept the epoch of the result, which is marked unless it is the last
   */
  CurvesSection(List<MetricsFile.Row> epochs, int kept) {
    this.epochs = epochs;
    this.kept = kept;
  }

  @Override
  public String title() {
    return "Learning curves";
  }

  @Override
  public void write(Html page) {
    page.open("div", "class", "charts");
    SvgPlot loss = new SvgPlot("Loss", "epoch", "loss").wholeNumbersOnX().automaticY();
    if (epochs.stream().allMatch(MetricsFile.Row::isNeverBelowZero)) {
      // Of a logarithmic axis 0 is no end.
      loss.yBetween(0, Double.NaN);
    }
    add(loss, "training", TRAIN, MetricsFile.Row::trainLoss);
    add(loss, "validation", VALIDATION, MetricsFile.Row::validationLoss);
    add(loss, "test", TEST, MetricsFile.Row::testLoss);
    plot(page, loss, ends("Loss", MetricsFile.Row::trainLoss));
    SvgPlot accuracy = new SvgPlot("Accuracy", "epoch", "per cent").wholeNumbersOnX();
    add(accuracy, "training", TRAIN, row -> 100 * row.trainAccuracy());
    add(accuracy, "validation", VALIDATION, row -> 100 * row.validationAccuracy());
    add(accuracy, "test", TEST, row -> 100 * row.testAccuracy());
    plot(page, accuracy, ends("Accuracy in per cent", row -> 100 * row.trainAccuracy()));
    if (epochs.stream().mapToDouble(MetricsFile.Row::learningRate).distinct().count() > 1) {
      SvgPlot rate = new SvgPlot("Learning rate", "epoch", "rate").wholeNumbersOnX();
      rate.yBetween(0, Double.NaN);
      add(rate, "learning rate", TRAIN, MetricsFile.Row::learningRate);
      plot(page, rate, ends("Learning rate", MetricsFile.Row::learningRate));
    }
    page.close("div");
  }

  private void plot(Html page, SvgPlot plot, String alternative) {
    if (!plot.isEmpty()) {
      boolean earlier = kept < epochs.size();
      if (earlier) {
        plot.rule(kept);
      }
      plot.writeTo(
          page,
          earlier ? "The vertical line marks epoch " + kept + ", which was kept." : "",
          alternative);
    }
  }

  private String ends(String quantity, ToDoubleFunction<MetricsFile.Row> value) {
    return quantity
        + " in training from "
        + Words.number(value.applyAsDouble(epochs.getFirst()))
        + " in the first epoch to "
        + Words.number(value.applyAsDouble(epochs.getLast()))
        + " in epoch "
        + epochs.size()
        + ".";
  }

  private void add(SvgPlot plot, String name, int style, ToDoubleFunction<MetricsFile.Row> value) {
    double[] x = epochs.stream().mapToDouble(MetricsFile.Row::epoch).toArray();
    plot.line(name, style, x, epochs.stream().mapToDouble(value).toArray());
  }
}
