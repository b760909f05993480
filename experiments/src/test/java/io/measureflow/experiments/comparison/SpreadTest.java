package io.measureflow.experiments.comparison;

import static io.measureflow.experiments.testing.ExperimentRuns.perform;
import static io.measureflow.experiments.testing.ExperimentRuns.report;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.experiments.data.BenchmarkData;
import io.measureflow.experiments.results.Results;
import io.measureflow.experiments.testing.Clouds;
import java.util.List;
import org.junit.jupiter.api.Test;

class SpreadTest {

  private static final List<BenchmarkData> CLOUDS = List.of(Clouds.DATA);

  @Test
  void aFrozenSpreadStaysAndEntropyWidensIt() {
    var spread =
        new Spread(
            new Spread.Plan(
                CLOUDS, List.of("isotropic", "diagonal"), 8, List.of(0.1, 2.0), 0.01, 0.2, 3, 1));
    Results results = perform(spread);
    for (String family : List.of("isotropic", "diagonal")) {
      for (double initial : new double[] {0.1, 2.0}) {
        Results own = results.where("family", family).where("spread", initial);
        double frozen = own.where("train", "means").sample("final_spread").mean();
        assertEquals(initial, frozen, 1e-5 * initial);
        Results trained = own.where("train", "means,spread");
        double alone = trained.where("entropy", 0.0).sample("final_spread").mean();
        assertNotEquals(initial, alone);
        assertTrue(trained.where("entropy", 0.01).sample("final_spread").mean() > alone);
      }
    }
    String text = report(spread, results);
    assertTrue(
        text.contains("From one seed alone: on Clouds, isotropic components. trained: best"), text);
  }
}
