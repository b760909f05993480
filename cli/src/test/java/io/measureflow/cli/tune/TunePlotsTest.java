package io.measureflow.cli.tune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.data.Schema;
import io.measureflow.plots.Html;
import io.measureflow.plots.SvgPlot;
import io.measureflow.tune.Halving;
import io.measureflow.tune.SearchSpace;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TunePlotsTest {

  private static TuneOutcome outcome(JudgedBy metric, double... scores) {
    var trials = new ArrayList<TrialRow.Trial>();
    for (int trial = 0; trial < scores.length; trial++) {
      trials.add(
          new TrialRow.Trial(
              trial,
              new LinkedHashMap<>(Map.of("training.learning-rate", String.valueOf(trial + 1))),
              List.of(new TrialRow(0, trial, 1, 1, scores[trial], 1, 1))));
    }
    return new TuneOutcome(
        "data",
        metric,
        new Schema.Target.Classes(List.of("a", "b")),
        Halving.of(scores.length, 3, 9),
        SearchSpace.parse(List.of("training.learning-rate=1:100:log")),
        trials);
  }

  @Test
  void whatIsMuchWorseThanMostTakesNoRoom() {
    assertEquals(4, TunePlots.worst(outcome(JudgedBy.LOSS, 1, 2, 3, 4)));
    // The better three quarters of five are the first four.
    assertEquals(4, TunePlots.worst(outcome(JudgedBy.LOSS, 1, 2, 3, 4, 1e9)));
    assertEquals(10, TunePlots.worst(outcome(JudgedBy.LOSS, 1, 2, 3, 4, 10)));
    assertEquals(-0.5, TunePlots.worst(outcome(JudgedBy.ACCURACY, 0.9, 0.8, 0.7, 0.5)));
    assertEquals(7, TunePlots.worst(outcome(JudgedBy.LOSS, 7)));
  }

  @Test
  void anyScoresAreDrawn() {
    for (double[] scores :
        List.of(
            new double[] {1, Double.NaN, Double.NaN},
            new double[] {1e-300, 1e300, 1.7e308},
            new double[] {0, 0},
            new double[] {-1e300, 3})) {
      for (JudgedBy metric : JudgedBy.values()) {
        TuneOutcome outcome = outcome(metric, scores);
        var plots = new ArrayList<SvgPlot>(TunePlots.settings(outcome));
        plots.add(TunePlots.halving(outcome));
        for (SvgPlot plot : plots) {
          var page = new Html();
          plot.writeTo(page, "", "");
          assertFalse(page.toString().contains("NaN"), page.toString());
          assertTrue(page.toString().contains("best"), page.toString());
        }
      }
    }
  }
}
