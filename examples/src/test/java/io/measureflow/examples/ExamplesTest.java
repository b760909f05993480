package io.measureflow.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.backend.BackendSettings;
import io.measureflow.api.backend.Executable;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import io.measureflow.core.checkpoint.Checkpoint;
import io.measureflow.core.reference.ReferenceBackendProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

/** What the guide promises: extensions have names on the command line, train, save and load. */
@ResourceLock(Resources.SYSTEM_OUT)
class ExamplesTest {

  @TempDir Path folder;

  private String measureflow(Object... arguments) throws IOException {
    return CommandLine.measureflow(arguments);
  }

  @Test
  void aFamilyAndAnActivationOfOnesOwnTrainSaveAndLoad() throws IOException {
    trainSaveAndLoad("simd");
  }

  @Tag("slow")
  @Test
  void theyDoSoOnTheReference() throws IOException {
    trainSaveAndLoad("reference");
  }

  private void trainSaveAndLoad(String backend) throws IOException {
    Path data = folder.resolve("ring.csv");
    var text = new StringBuilder("x,y,label\n");
    for (int i = 0; i < 400; i++) {
      double angle = 0.61 * i;
      double radius = i % 2 == 0 ? 0.5 : 1.2;
      text.append(radius * Math.cos(angle)).append(',').append(radius * Math.sin(angle));
      text.append(',').append(i % 2 == 0 ? "inner" : "outer").append('\n');
    }
    Files.writeString(data, text);
    Path run = folder.resolve("run");
    String summary =
        measureflow(
            "train",
            "--dataset",
            "csv",
            "--data",
            data,
            "--family",
            "antithetic",
            "--activation",
            "bump",
            "--components",
            8,
            "--epochs",
            60,
            "--batch",
            40,
            "--learning-rate",
            0.5,
            "--backend",
            backend,
            "--out",
            run);
    assertTrue(summary.contains("8 antithetic bump"), summary);
    Path model = run.resolve("model.safetensors");
    assertTrue(Checkpoint.load(model).model().parameters().containsKey("layers.0.in_offset"));
    String result =
        measureflow(
            "evaluate", "--model", model, "--dataset", "csv", "--data", data, "--backend", backend);
    assertTrue(result.contains("accuracy  100.00 %"), result);
  }

  /** E[exp(-z^2/2)] = exp(-m^2 / (2 (1+v))) / sqrt(1+v). */
  @Test
  void theQuadratureOfTheBumpAgreesWithItsClosedForm() {
    var program = new ProgramBuilder("bump");
    Value mean = program.input("mean", Shape.of(1));
    Value variance = program.input("variance", Shape.of(1));
    program.output("moment", new Bump().moment(program, mean, variance, 0));
    try (var backend =
            new ReferenceBackendProvider().open(BackendSettings.of(1, Precision.FLOAT64));
        var workspace = backend.newWorkspace();
        Executable executable = workspace.compile(program.build())) {
      for (double m : new double[] {-2, 0, 0.3}) {
        for (double v : new double[] {0, 0.01, 0.5}) {
          executable.input("mean").set(0, m);
          executable.input("variance").set(0, v);
          executable.run();
          assertEquals(
              Math.exp(-m * m / (2 * (1 + v))) / Math.sqrt(1 + v),
              executable.output("moment").get(0),
              1e-10);
        }
      }
    }
  }
}
