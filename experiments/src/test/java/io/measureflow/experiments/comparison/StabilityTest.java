package io.measureflow.experiments.comparison;

import static io.measureflow.experiments.testing.ExperimentRuns.perform;
import static io.measureflow.experiments.testing.ExperimentRuns.report;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.experiments.data.BenchmarkData;
import io.measureflow.experiments.results.Measured;
import io.measureflow.experiments.results.Results;
import io.measureflow.experiments.results.Run;
import io.measureflow.experiments.testing.Clouds;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.junit.jupiter.api.Test;

class StabilityTest {

  private static final List<BenchmarkData> CLOUDS = List.of(Clouds.DATA);

  @Test
  void theLargestStepIsTheLastThatTrainsFromEverySeed() {
    var stability =
        new Stability(
            new Stability.Plan(
                CLOUDS, List.of("dirac"), List.of(4), 0, List.of(0.1, 0.5, 2.0), 1, 2));
    var rows = new ArrayList<Results.Row>();
    double[][] accuracies = {{0.90, 0.92}, {0.93, 0.91}, {0.93, Double.NaN}};
    for (Run run : stability.plan(new Results(List.of()))) {
      int rate = List.of("0.1", "0.5", "2").indexOf(run.setting("learning-rate"));
      var cells = new LinkedHashMap<>(run.settings());
      cells.put(Run.SEED, String.valueOf(run.seed()));
      cells.putAll(
          new Measured().put("test_accuracy", accuracies[rate][(int) run.seed() - 1]).cells());
      rows.add(new Results.Row(cells));
    }
    String text = report(stability, new Results(rows));
    assertTrue(
        text.contains("On Clouds with K = 4 the largest steps that train are: dirac 0.5."), text);
    assertTrue(text.contains("| 2 | 46.50 ± 65.76 |"), text);
    assertTrue(text.contains("At h = 0.5 the accuracies are: dirac 92.00 ± 1.41."), text);
  }

  @Test
  void aStepThatIsTooLargeIsToldAndDoesNotEndTheExperiment() {
    var stability =
        new Stability(
            new Stability.Plan(CLOUDS, List.of("dirac"), List.of(4), 0, List.of(0.5, 1e30), 2, 1));
    Results results = perform(stability);
    assertEquals(2, results.rows().size());
    assertTrue(results.where("learning-rate", 0.5).sample("test_accuracy").mean() > 0.4);
    assertTrue(Double.isNaN(results.where("learning-rate", 1e30).sample("test_accuracy").mean()));
  }
}
