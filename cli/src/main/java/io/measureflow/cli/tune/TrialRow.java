package io.measureflow.cli.tune;

import io.measureflow.tune.Search;
import java.util.List;
import java.util.SequencedMap;

/**
 * What is known of a trial after a round.
 *
 * @param round the index of the round, from 0
 * @param trial the index of the trial, from 0
 * @param epochs the number of epochs of the round
 * @param kept the epoch whose parameters are judged; the mean over folds
 * @param score the metric by which trials are judged; NaN if the trial diverged
 * @param loss the loss on the rows held out; NaN if the trial diverged
 * @param further the accuracy for classes, the RMSE for real targets; NaN if the trial diverged
 */
record TrialRow(
    int round, int trial, int epochs, double kept, double score, double loss, double further) {

  /** Returns the columns of {@code trials.csv} before those of the settings. */
  static List<String> columns(JudgedBy metric, boolean classes) {
    return List.of(
        "round",
        "trial",
        "epochs",
        "kept_epoch",
        "score_" + metric.typed().replace('-', '_'),
        "loss",
        classes ? "accuracy" : "rmse");
  }

  /** Returns the row of a trial that diverged. */
  static TrialRow diverged(int round, int trial, int epochs) {
    return new TrialRow(round, trial, epochs, Double.NaN, Double.NaN, Double.NaN, Double.NaN);
  }

  boolean isDiverged() {
    return Double.isNaN(score);
  }

  /** Returns it for the search. */
  Search.Result result(JudgedBy metric) {
    return new Search.Result(round, trial, epochs, metric.score(score));
  }

  /** Returns the cells of its line. */
  List<String> cells() {
    return List.of(
        String.valueOf(round + 1),
        String.valueOf(trial + 1),
        String.valueOf(epochs),
        text(kept),
        text(score),
        text(loss),
        text(further));
  }

  /** Reads the cells of a line. */
  static TrialRow parse(List<String> cells) {
    return new TrialRow(
        Integer.parseInt(cells.get(0)) - 1,
        Integer.parseInt(cells.get(1)) - 1,
        Integer.parseInt(cells.get(2)),
        number(cells.get(3)),
        number(cells.get(4)),
        number(cells.get(5)),
        number(cells.get(6)));
  }

  private static String text(double value) {
    return Double.isNaN(value) ? "" : String.valueOf(value);
  }

  private static double number(String text) {
    return text.isEmpty() ? Double.NaN : Double.parseDouble(text);
  }

  /**
   * A trial, and what became of it.
   *
   * @param index its index, from 0
   * @param settings its settings by key
   * @param rows its rounds in order, at least one
   */
  record Trial(int index, SequencedMap<String, String> settings, List<TrialRow> rows) {

    /** Copies the list. */
    Trial {
      rows = List.copyOf(rows);
    }

    TrialRow last() {
      return rows.getLast();
    }
  }
}
