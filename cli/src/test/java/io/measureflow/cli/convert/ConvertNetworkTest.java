package io.measureflow.cli.convert;

import static io.measureflow.cli.CommandLineRun.assertRefused;
import static io.measureflow.cli.CommandLineRun.assertSuccess;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.TrainedModel;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.model.Layer;
import io.measureflow.api.program.Shape;
import io.measureflow.cli.CommandLineRun;
import io.measureflow.cli.Fixtures;
import io.measureflow.core.checkpoint.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConvertNetworkTest {

  private static final String LAYERS = "dense:8:activation=relu,dense";

  @TempDir Path folder;
  private Path table;
  private Path torch;

  @BeforeEach
  void aNetworkOfPyTorch() throws IOException {
    table = Fixtures.clouds(folder.resolve("clouds.csv"), 120, 1);
    torch = folder.resolve("torch.safetensors");
    CommandLineRun run =
        CommandLineRun.of(
            "train",
            "--dataset",
            "csv",
            "--data",
            table,
            "--layers",
            LAYERS,
            "--epochs",
            30,
            "--out",
            folder.resolve("run"));
    assertSuccess(run);
    write(Map.of("layers.0", "net.0", "layers.1", "net.2"));
  }

  /** Writes the weights of the run with the names that PyTorch would give them. */
  private void write(Map<String, String> modules) {
    var tensors = new LinkedHashMap<String, Tensor>();
    TrainedModel.load(folder.resolve("run/model.safetensors"))
        .model()
        .parameters()
        .forEach(
            (name, tensor) -> {
              int dot = name.lastIndexOf('.');
              tensors.put(modules.get(name.substring(0, dot)) + name.substring(dot), tensor);
            });
    Safetensors.write(torch, tensors, new LinkedHashMap<>());
  }

  private CommandLineRun importing(Object... more) {
    Object[] first = {"import", "--from", torch, "--layers", LAYERS};
    Object[] all = new Object[first.length + more.length];
    System.arraycopy(first, 0, all, 0, first.length);
    System.arraycopy(more, 0, all, first.length, more.length);
    return CommandLineRun.of(all);
  }

  private String metrics(Path model) {
    CommandLineRun run =
        CommandLineRun.of("evaluate", "--model", model, "--dataset", "csv", "--data", table);
    assertSuccess(run);
    return run.out().lines().filter(line -> line.startsWith("accuracy")).findFirst().orElseThrow();
  }

  private static List<String> types(Path model) {
    return TrainedModel.load(model).model().spec().layers().stream().map(Layer::type).toList();
  }

  @Test
  void importedLiftedTrainedAndSampled() {
    String accuracy = metrics(folder.resolve("run/model.safetensors"));
    Path imported = folder.resolve("imported.safetensors");
    CommandLineRun run = importing("--dataset", "csv", "--data", table, "--output", imported);
    assertSuccess(run);
    assertTrue(run.err().contains("  layers.1.weight = net.2.weight"), run.err());
    assertTrue(run.out().contains("dense relu"), run.out());
    assertEquals(accuracy, metrics(imported));

    Path lifted = folder.resolve("lifted.safetensors");
    assertSuccess(CommandLineRun.of("lift", "--model", imported, "--output", lifted));
    assertEquals(List.of("gm"), types(lifted));
    assertEquals(accuracy, metrics(lifted));

    Path same = folder.resolve("same.safetensors");
    assertSuccess(CommandLineRun.of("sample", "--model", lifted, "--output", same));
    assertEquals(List.of("dense", "dense"), types(same));
    assertEquals(accuracy, metrics(same));

    Path spread = folder.resolve("spread.safetensors");
    assertSuccess(
        CommandLineRun.of(
            "lift",
            "--model",
            imported,
            "--output",
            spread,
            "--family",
            "diagonal",
            "--spread",
            0.1));
    Path trained = folder.resolve("trained");
    assertSuccess(
        CommandLineRun.of(
            "train",
            "--init",
            spread,
            "--dataset",
            "csv",
            "--data",
            table,
            "--epochs",
            2,
            "--out",
            trained));
    Path drawn = folder.resolve("drawn.safetensors");
    assertSuccess(
        CommandLineRun.of(
            "sample",
            "--model",
            trained,
            "--output",
            drawn,
            "--neurons",
            "3x",
            "--draws",
            "independent",
            "--seed",
            5));
    // Eight neurons and that of the bias.
    assertEquals(Shape.of(27), TrainedModel.load(drawn).model().parameter("layers.0.bias").shape());
    // The data are still those of the run, and what was measured in it is of another model.
    TrainedModel model = TrainedModel.load(drawn);
    assertEquals("csv", model.origin().orElseThrow().data());
    String provenance = model.provenance().orElseThrow();
    assertTrue(provenance.contains("\"derived\":[\"sampled by "), provenance);
    assertFalse(provenance.contains("\"metrics\""), provenance);
    assertSuccess(CommandLineRun.of("evaluate", "--model", drawn));
  }

  @Test
  void aMappingIsDraftedAndRead() throws IOException {
    write(Map.of("layers.0", "first", "layers.1", "second"));
    Path draft = folder.resolve("draft");
    Object[] data = {"--input", 4, "--outputs", 3};
    assertSuccess(importing(data[0], data[1], data[2], data[3], "--draft", draft));
    assertEquals("layers.0 = first\nlayers.1 = second\n", Files.readString(draft));
    Path imported = folder.resolve("imported.safetensors");
    CommandLineRun run =
        importing("--mapping", draft, "--input", 4, "--outputs", 3, "--output", imported);
    assertSuccess(run);
    assertFalse(run.err().contains("inferred"), run.err());
    assertTrue(TrainedModel.load(imported).preprocessing().isEmpty());
  }

  @Test
  void normalizedRowsAreNormalizedAlike() {
    Path imported = folder.resolve("imported.safetensors");
    assertSuccess(
        importing(
            "--dataset",
            "csv",
            "--data",
            table,
            "--mean",
            "1,-2,0,3",
            "--std",
            "0.5,4,1,2",
            "--output",
            imported));
    TrainedModel model = TrainedModel.load(imported);
    assertEquals(List.of(1.0, -2.0, 0.0, 3.0), model.preprocessing().orElseThrow().mean());
    var random = new SplittableRandom(1);
    double[] mean = {1, -2, 0, 3};
    double[] std = {0.5, 4, 1, 2};
    float[][] raw = new float[3][4];
    float[][] normalized = new float[3][4];
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 4; j++) {
        raw[i][j] = (float) random.nextGaussian();
        normalized[i][j] = (float) ((raw[i][j] - mean[j]) / std[j]);
      }
    }
    Path plain = folder.resolve("plain.safetensors");
    assertSuccess(importing("--input", 4, "--outputs", 3, "--output", plain));
    float[][] expected = TrainedModel.load(plain).predict(normalized).outputs();
    float[][] found = model.predict(raw).outputs();
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 3; j++) {
        assertEquals(expected[i][j], found[i][j], 1e-5f);
      }
    }
  }

  @Test
  void wrongRequestsAreRefused() throws IOException {
    Path out = folder.resolve("out.safetensors");
    assertRefused(
        2,
        CommandLineRun.of("import", "--from", torch, "--output", out),
        "its layers, by --model NETWORK|FILE or --layers");
    assertRefused(2, importing("--input", 4, "--outputs", 3), "either --output or --draft");
    assertRefused(2, importing("--output", out), "--input and --outputs", "no --input");
    assertRefused(
        2,
        importing("--input", "2xa", "--outputs", 3, "--output", out),
        "--input: expected a shape such as 784 or 3x32x32, found '2xa'");
    assertRefused(
        2,
        importing("--input", 4, "--outputs", 3.5, "--output", out),
        "--outputs: expected a whole number of at least 1");
    assertRefused(
        2,
        importing("--input", 5, "--outputs", 3, "--output", out),
        "tensors {bias=[8], weight=[8, 5]}",
        "[layers.0], found none");
    assertRefused(
        2,
        importing("--input", 4, "--outputs", 3, "--std", 1, "--output", out),
        "--std: expected a --dataset");
    assertRefused(
        2,
        importing("--dataset", "csv", "--data", table, "--std", "1,1", "--output", out),
        "--mean: expected 4 numbers");
    Path mapping = Files.writeString(folder.resolve("mapping"), "layers.0 = net.0\n");
    assertRefused(
        2,
        importing("--input", 4, "--outputs", 3, "--mapping", mapping, "--output", out),
        "expected a tensor for layers.1.weight of shape [3, 8]",
        "net.2.weight");
    Path run = folder.resolve("run");
    assertRefused(
        2,
        CommandLineRun.of("lift", "--model", run, "--output", out, "--family", "full"),
        "expected dirac, isotropic, diagonal, found full");
    assertRefused(
        2,
        CommandLineRun.of("lift", "--model", run, "--output", out, "--spread", "much"),
        "--spread: expected a number, found 'much'");
    assertRefused(
        2,
        CommandLineRun.of("sample", "--model", run, "--output", out),
        "expected a layer with a measure");
    assertRefused(
        2,
        CommandLineRun.of("sample", "--model", run, "--output", out, "--neurons", "x"),
        "--neurons: expected a whole number of at least 1, or one with an x");
    assertFalse(Files.exists(out));
  }
}
