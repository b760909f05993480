package io.measureflow.experiments.dynamics;

import static io.measureflow.experiments.testing.ExperimentRuns.perform;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.experiments.report.Report;
import io.measureflow.experiments.results.Results;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ToyTest {

  @Test
  void aToyLearnsItsTasksAndIsAnAnimation() {
    var toy = new Toy(new Toy.Plan(12, 0.3, Toy.Plan.frames(1500, 6)));
    Results results = perform(toy);
    assertTrue(results.where("task", "moons").rows().getLast().number("accuracy") > 0.97);
    assertTrue(results.where("task", "spirals").rows().getLast().number("accuracy") > 0.85);
    var report = new Report("Toy");
    toy.report(results, report);
    var figure = (Report.Block.Figure) report.blocks().getLast();
    assertEquals("toy-flow.gif", figure.file());
    assertArrayEquals(new byte[] {'G', 'I', 'F', '8', '9', 'a'}, Arrays.copyOf(figure.bytes(), 6));
  }
}
