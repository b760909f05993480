package io.measureflow.cli.bench;

import static io.measureflow.cli.CommandLineRun.assertSuccess;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.Backends;
import io.measureflow.api.backend.Backend;
import io.measureflow.api.registry.Extensions;
import io.measureflow.cli.CommandLineRun;
import io.measureflow.cli.bench.peers.Peer;
import io.measureflow.cli.bench.peers.PeerProcess;
import io.measureflow.cli.bench.peers.PeerScripts;
import io.measureflow.config.RunConfig;
import io.measureflow.core.flows.Adam;
import io.measureflow.core.losses.Losses;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The networks of the script in PyTorch against ours: numbers of parameters, and losses for the
 * same parameters and batch, in training after steps of Adam. The Python is {@code python3}, or
 * what the environment variable MEASUREFLOW_PYTHON names.
 */
class NetworkPeersTest {

  @TempDir Path folder;

  private static PeerProcess torch() {
    String named = System.getenv("MEASUREFLOW_PYTHON");
    String python = named == null ? "python3" : named;
    try {
      return PeerProcess.start(python, PeerScripts.write(), Peer.NETWORK_CONTIGUOUS, 1);
    } catch (PeerProcess.LeftOut | RuntimeException e) {
      return Assumptions.abort("no Python with torch: " + e.getMessage());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "lenet, 1, 28",
    "gm-lenet, 1, 28",
    "resnet8, 1, 28",
    "gm-lenet, 3, 32",
    "resnet8, 3, 32"
  })
  void bothSidesComputeTheSame(String name, int channels, int side) throws Exception {
    try (PeerProcess peer = torch();
        Backend backend = Backends.onClassPath().open(RunConfig.defaults().backend())) {
      for (String task : List.of(NetworkCase.TRAIN, NetworkCase.PREDICT)) {
        var network = new NetworkCase(name, channels, side, 10, 4, task);
        var timed = new StepCase(name, network.model(Extensions.onClassPath()));
        peer.prepare(network.request(), 0);
        try (OwnStep own =
            network.isTraining()
                ? OwnStep.training(
                    backend, timed, Adam.of(), Losses.SOFTMAX_CROSS_ENTROPY, 0.001, network.sizes())
                : OwnStep.prediction(backend, timed, network.sizes())) {
          Path file = folder.resolve(task);
          double ours = own.loss(file);
          double theirs = peer.value("loss " + file);
          assertTrue(
              Math.abs(theirs - ours) <= 1e-4, name + " " + task + ": " + ours + " " + theirs);
        }
      }
      if (channels == 1) {
        // The built-in digits have images of this shape.
        CommandLineRun summary = CommandLineRun.of("summary", "--model", name);
        assertSuccess(summary);
        String line =
            summary.out().lines().filter(l -> l.startsWith("parameters")).findFirst().orElseThrow();
        String count = line.replaceAll("\\(.*", "").replaceAll("[^0-9]", "");
        assertEquals(Double.parseDouble(count), peer.value("parameters"));
      }
    }
  }
}
