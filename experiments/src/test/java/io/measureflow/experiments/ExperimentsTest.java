package io.measureflow.experiments;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.experiments.request.Request;
import io.measureflow.experiments.request.Scale;
import io.measureflow.experiments.results.Results;
import io.measureflow.experiments.results.Run;
import io.measureflow.experiments.runner.Experiment;
import io.measureflow.experiments.testing.Clouds;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExperimentsTest {

  @Test
  void everyExperimentTellsItsRunsApart() {
    var empty = new Results(List.of());
    for (Scale scale : Scale.values()) {
      for (Experiment experiment : Experiments.all(scale)) {
        var keys = new HashSet<String>();
        for (Run run : experiment.plan(empty)) {
          assertTrue(keys.add(run.key()), run.key());
          assertTrue(experiment.settings().containsAll(run.settings().keySet()), run.key());
          // In the order of the columns, in which a row of the file is read.
          assertEquals(
              experiment.settings().stream().filter(run::has).toList(),
              List.copyOf(run.settings().keySet()));
        }
        assertTrue(!keys.isEmpty(), experiment.name());
      }
    }
    assertEquals(9, Experiments.descriptions().size());
  }

  @Test
  void anUnknownExperimentIsRefused(@TempDir Path folder) {
    var request =
        new Request("party", Scale.QUICK, folder, folder.resolve("out"), Optional.empty(), "");
    String message =
        assertThrows(
                InvalidRequestException.class,
                () -> Experiments.run(request, Clouds.environment("abc")))
            .getMessage();
    assertTrue(message.contains("parity, stability, sampling, dynamics"), message);
    assertTrue(message.contains("'party'"), message);
  }
}
