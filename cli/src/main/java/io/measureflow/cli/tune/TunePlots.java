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
  private static final int FULL = 0;
  private static final int LEFT_OUT = 3;
  private static final int DIVERGED = 5;

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
          LEFT_OUT,
          setting,
          outcome,
          diverged.negate().and(trial -> trial.last().round() < last - 1));
      points(
          plot,
          "left out late",
          FULL,
          setting,
          outcome,
          diverged.negate().and(trial -> trial != best && trial.last().round() >= last - 1));
      points(plot, "best", BEST, setting, outcome, trial -> trial == best);
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
    if (style == BEST) {
      plot.highlight(name, style, x, y);
    } else {
      plot.points(name, style, x, y);
    }
  }

  /** A trial that diverged is drawn at the bad end of the axis. */
  private static double shown(TuneOutcome outcome, TrialRow row) {
    return row.isDiverged()
        ? outcome.metric().higherIsBetter() ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY
        : row.score();
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
        line(plot, first ? "left out early" : "", LEFT_OUT, outcome, trials.get(i));
        first = false;
      }
    }
    first = true;
    for (int i = trials.size() - 1; i > 0; i--) {
      if (trials.get(i).last().round() >= last - 1) {
        line(plot, first ? "left out late" : "", FULL, outcome, trials.get(i));
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
