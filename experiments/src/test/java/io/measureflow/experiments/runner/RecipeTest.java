package io.measureflow.experiments.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.measureflow.experiments.results.Run;
import org.junit.jupiter.api.Test;

class RecipeTest {

  @Test
  void aTrainingIsRepeatedByItsCommand() {
    Run run =
        Run.of(5, "purpose", "tune", "dataset", "mnist", "family", "factored", "rank", 4)
            .with("learning-rate", 0.25)
            .with("validation", 0.1);
    assertEquals(
        "measureflow train --dataset mnist --data DIR/mnist --family factored --rank 4"
            + " --learning-rate 0.25 --validation 0.1 --seed 5",
        Recipe.command(run));
    var config = Recipe.config(run);
    assertEquals("factored", config.model().family().orElseThrow().name());
    assertEquals(4, config.model().rank().orElseThrow());
    assertEquals(0.25, config.training().learningRate().orElseThrow());
    assertEquals(0.1, config.training().validation().orElseThrow());
    assertEquals(5, config.seed());
  }
}
