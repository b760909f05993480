package io.measureflow.cli.tune;

import io.measureflow.plots.SvgPlot;
import io.measureflow.tune.Values;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** The plots of a search: the score by each setting, and the rounds. */
final class TunePlots {

  private static final int BEST = 1;
  private static final int LATE = 0;
  private static final int EARLY = 3;
  private static final int DIVERGED = 5;

  /** How many times further the worst scores may lie than most. */
  private static final double FAR = 3;

  /** How far points of one name lie apart, so that equal ones are all seen. */
  private static final double SPREAD = 0.5;

  private TunePlots() {}

  /** Returns a plot for each setting, with a point for each trial. */
  static List<SvgPlot> settings(TuneOutcome outcome) {
    var plots = new ArrayList<SvgPlot>();
    for (Map.Entry<String, Values> setting : outcome.space().settings().entrySet()) {
      String name = SearchedSettings.name(setting.getKey());
      SvgPlot plot = new SvgPlot(name, name, outcome.metric().title()).automaticY();
      switch (setting.getValue()) {
        case Values.Choices(List<String> values) -> plot.namesOnX(values);
        case Values.Range range -> {
          if (range.logarithmic()) {
            plot.logarithmicX();
          }
          plot.xBetween(range.low(), range.high());
        }
      }
      int last = outcome.halving().rounds().size() - 1;
      Predicate<TrialRow.Trial> diverged = trial -> trial.last().isDiverged();
      TrialRow.Trial best = outcome.trials().getFirst();
      points(plot, "diverged", DIVERGED, setting, outcome, diverged);
      points(
          plot,
          "left out early",
          EARLY,
          setting,
          outcome,
          diverged.negate().and(trial -> trial.last().round() < last - 1));
      points(
          plot,
          "left out late",
          LATE,
          setting,
          outcome,
          diverged.negate().and(trial -> !trial.equals(best) && trial.last().round() >= last - 1));
      points(plot, "best", BEST, setting, outcome, trial -> trial.equals(best));
      plots.add(plot);
    }
    return plots;
  }

  private static void points(
      SvgPlot plot,
      String name,
      int style,
      Map.Entry<String, Values> setting,
      TuneOutcome outcome,
      Predicate<TrialRow.Trial> shown) {
    List<TrialRow.Trial> trials = outcome.trials().stream().filter(shown).toList();
    double[] x = new double[trials.size()];
    double[] y = new double[trials.size()];
    for (int i = 0; i < x.length; i++) {
      TrialRow.Trial trial = trials.get(i);
      String value = String.valueOf(trial.settings().get(setting.getKey()));
      x[i] =
          setting.getValue() instanceof Values.Choices(List<String> values)
              ? values.indexOf(value)
                  + SPREAD * ((trial.index() + 0.5) / outcome.trials().size() - 0.5)
              : Double.parseDouble(value);
      y[i] = shown(outcome, trial.last());
    }
    if (style == BEST || style == LATE) {
      plot.highlight(name, style, x, y);
    } else {
      plot.points(name, style, x, y);
    }
  }

  /** What diverged, or is much worse than most, is drawn at the bad end of the axis. */
  private static double shown(TuneOutcome outcome, TrialRow row) {
    JudgedBy metric = outcome.metric();
    boolean shown = !row.isDiverged() && metric.score(row.score()) <= worst(outcome);
    return shown ? row.score() : metric.score(Double.POSITIVE_INFINITY);
  }

  /**
   * Returns the worst score that has a place on the axis: the worst of all, or of the better three
   * quarters if the others lie much further away, as they would leave no room for these.
   */
  static double worst(TuneOutcome outcome) {
    double[] scores =
        outcome.trials().stream()
            .flatMap(trial -> trial.rows().stream())
            .filter(row -> !row.isDiverged())
            .mapToDouble(row -> outcome.metric().score(row.score()))
            .sorted()
            .toArray();
    double last = scores[scores.length - 1];
    double most = scores[(scores.length - 1) * 3 / 4];
    return last - scores[0] <= FAR * (most - scores[0]) ? last : most;
  }

  /** Returns the plot of the scores after each round. */
  static SvgPlot halving(TuneOutcome outcome) {
    SvgPlot plot =
        new SvgPlot("Score by epochs", "epochs", outcome.metric().title())
            .logarithmicX()
            .automaticY();
    List<TrialRow.Trial> trials = outcome.trials();
    int last = outcome.halving().rounds().size() - 1;
    boolean first = true;
    for (int i = trials.size() - 1; i > 0; i--) {
      if (trials.get(i).last().round() < last - 1) {
        line(plot, first ? "left out early" : "", EARLY, outcome, trials.get(i));
        first = false;
      }
    }
    first = true;
    for (int i = trials.size() - 1; i > 0; i--) {
      if (trials.get(i).last().round() >= last - 1) {
        line(plot, first ? "left out late" : "", LATE, outcome, trials.get(i));
        first = false;
      }
    }
    line(plot, "best", BEST, outcome, trials.getFirst());
    return plot;
  }

  private static void line(
      SvgPlot plot, String name, int style, TuneOutcome outcome, TrialRow.Trial trial) {
    plot.line(
        name,
        style,
        trial.rows().stream().mapToDouble(TrialRow::epochs).toArray(),
        trial.rows().stream().mapToDouble(row -> shown(outcome, row)).toArray());
  }
}
