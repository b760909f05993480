package io.measureflow.experiments.comparison;

import static io.measureflow.experiments.testing.ExperimentRuns.perform;
import static io.measureflow.experiments.testing.ExperimentRuns.report;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.experiments.data.BenchmarkData;
import io.measureflow.experiments.results.Results;
import io.measureflow.experiments.testing.Clouds;
import java.util.List;
import org.junit.jupiter.api.Test;

class DepthTest {

  private static final List<BenchmarkData> CLOUDS = List.of(Clouds.DATA);

  @Test
  void stacksHaveTheirDepth() {
    var depth =
        new Depth(
            new Depth.Plan(
                CLOUDS,
                List.of("dirac", "diagonal"),
                List.of(1, 3),
                6,
                4,
                new Contest.Tuning(List.of(0.02), 1),
                4,
                2));
    Results results = perform(depth);
    assertEquals(
        List.of(
            "dense:6:activation=relu,dense:3",
            "gm:dirac:6x3",
            "gm:diagonal:6x3",
            "dense:6:activation=relu,dense:4,dense:6:activation=relu,dense:4,"
                + "dense:6:activation=relu,dense:3",
            "gm:dirac:6x4,gm:dirac:6x4,gm:dirac:6x3",
            "gm:diagonal:6x4,gm:diagonal:6x4,gm:diagonal:6x3"),
        results.distinct("layers"));
    double dense =
        100
            * results
                .where("purpose", "compare")
                .where("layers", "dense:6:activation=relu,dense:3")
                .where("epoch", 4)
                .sample("test_accuracy")
                .mean();
    String text = report(depth, results);
    assertTrue(
        text.contains(String.format("at depth 1 the dense stack reaches %.2f %%", dense)), text);
  }
}
