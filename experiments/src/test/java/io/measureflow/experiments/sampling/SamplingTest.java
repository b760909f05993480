package io.measureflow.experiments.sampling;

import static io.measureflow.experiments.testing.ExperimentRuns.perform;
import static io.measureflow.experiments.testing.ExperimentRuns.report;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.experiments.data.BenchmarkData;
import io.measureflow.experiments.results.Results;
import io.measureflow.experiments.testing.Clouds;
import java.util.List;
import org.junit.jupiter.api.Test;

class SamplingTest {

  private static final List<BenchmarkData> CLOUDS = List.of(Clouds.DATA);

  @Test
  void drawnNetworksComeNearerToTheirLayer() {
    var sampling =
        new Sampling(
            new Sampling.Plan(
                CLOUDS, List.of("factored"), 6, 2, 0.5, 6, List.of(16, 256, 16384), 8, 1));
    Results results = perform(sampling);
    double before = Double.POSITIVE_INFINITY;
    for (int neurons : new int[] {16, 256, 16384}) {
      Results at = results.where("neurons", neurons);
      double exact = at.where("draw", "exact").sample("output_error").mean();
      double squares = 0;
      for (int draw = 1; draw <= 8; draw++) {
        double error = at.where("draw", draw).sample("output_error").mean();
        squares += error * error / 8;
      }
      assertEquals(1, Math.sqrt(squares) / exact, 0.5);
      assertTrue(exact < before);
      before = exact;
    }
    double layer = results.where("draw", "layer").sample("accuracy").mean();
    assertEquals(layer, results.where("neurons", 16384).sample("accuracy").mean(), 0.02);
    assertTrue(report(sampling, results).contains("factored: accuracy"));
  }
}
