package io.measureflow.cli.train;

import static io.measureflow.cli.CommandLineRun.assertRefused;
import static io.measureflow.cli.CommandLineRun.assertSuccess;
import static io.measureflow.cli.Fixtures.assertSameTensors;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.measureflow.api.error.RunFailedException;
import io.measureflow.cli.CommandLineRun;
import io.measureflow.cli.Fixtures;
import io.measureflow.config.RunConfig;
import io.measureflow.core.training.EpochReport;
import io.measureflow.core.training.TrainingListener;
import io.measureflow.core.training.TrainingState;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

class TrainTest {

  @TempDir Path folder;

  @Test
  void aRunKeepsEverythingInItsFolder() throws IOException {
    Path train = Fixtures.clouds(folder.resolve("train.csv"), 300, 1);
    Path test = Fixtures.clouds(folder.resolve("test.csv"), 90, 2);
    Path out = folder.resolve("run");
    CommandLineRun run =
        CommandLineRun.of(
            "train",
            "--dataset",
            "csv",
            "--data",
            train,
            "--test",
            test,
            "--components",
            8,
            "--epochs",
            3,
            "--batch",
            32,
            "--learning-rate",
            0.2,
            "--out",
            out);
    assertSuccess(run);
    assertTrue(run.out().contains("test accuracy"), run.out());
    assertTrue(run.out().contains(out.resolve("model.safetensors").toString()), run.out());
    assertTrue(run.err().contains("backend simd"), run.err());
    assertTrue(run.err().contains("first step after"), run.err());
    assertTrue(run.err().contains("epoch 3/3"), run.err());
    assertEquals(
        List.of(
            ".lock",
            "best.safetensors",
            "config.conf",
            "last.safetensors",
            "learning-curves.png",
            "metrics.csv",
            "metrics.json",
            "model.safetensors",
            "report.html"),
        Fixtures.files(out));
    List<String> metrics = Files.readAllLines(out.resolve("metrics.csv"));
    assertEquals(4, metrics.size());
    assertTrue(metrics.getLast().startsWith("3,0.2,"), metrics.getLast());
    BufferedImage plot = ImageIO.read(out.resolve("learning-curves.png").toFile());
    assertNotNull(plot);
    assertTrue(plot.getWidth() > plot.getHeight());
    JsonNode provenance = provenance(out.resolve("model.safetensors"));
    assertEquals(1, provenance.path("seed").asInt());
    assertEquals("csv", provenance.path("data").path("name").asText());
    assertFalse(provenance.path("data").path("fingerprint").asText().isEmpty());
    assertEquals("simd", provenance.path("backend").path("name").asText());
    assertFalse(provenance.path("backend").path("device").asText().isEmpty());
    assertTrue(provenance.path("backend").path("threads").asInt() >= 1);
    assertFalse(provenance.path("versions").path("java").asText().isEmpty());
    assertEquals(3, provenance.path("metrics").path("epoch").asInt());
    assertTrue(provenance.path("metrics").has("test_accuracy"));
    assertEquals(8, provenance.path("configuration").path("model").path("components").asInt());

    CommandLineRun evaluated =
        CommandLineRun.of(
            "evaluate",
            "--model",
            out.resolve("model.safetensors"),
            "--dataset",
            "csv",
            "--data",
            train,
            "--test",
            test);
    assertSuccess(evaluated);
    assertTrue(evaluated.out().contains("rows      90 (test)"), evaluated.out());
    double reported = provenance.path("metrics").path("test_loss").asDouble();
    assertTrue(evaluated.out().contains("loss      " + reported), evaluated.out());

    Path again = folder.resolve("again");
    assertSuccess(
        CommandLineRun.of("train", "--config", out.resolve("config.conf"), "--out", again));
    assertSameTensors(out.resolve("model.safetensors"), again.resolve("model.safetensors"));
  }

  private static JsonNode provenance(Path checkpoint) throws IOException {
    byte[] bytes = Files.readAllBytes(checkpoint);
    int length = (int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
    JsonMapper mapper = JsonMapper.builder().build();
    JsonNode header = mapper.readTree(bytes, 8, length);
    return mapper.readTree(header.path("__metadata__").path("measureflow.provenance").asText());
  }

  @Test
  void theNumberOfThreadsDoesNotChangeABit() throws IOException {
    Path train = Fixtures.clouds(folder.resolve("train.csv"), 500, 1);
    for (int threads = 1; threads <= 2; threads++) {
      assertSuccess(
          CommandLineRun.of(
              "train",
              "--dataset",
              "csv",
              "--data",
              train,
              "--components",
              33,
              "--epochs",
              2,
              "--threads",
              threads,
              "--out",
              folder.resolve("run" + threads)));
    }
    assertSameTensors(
        folder.resolve("run1/model.safetensors"), folder.resolve("run2/model.safetensors"));
  }

  /**
   * Computes one step of f(x) = (1/2) sum_k a_k (w_k . (x, 1)) under softmax cross-entropy by hand.
   */
  @Test
  void oneStepIsThatOfTheFormula() throws IOException {
    double[][] x = {{0.5, -1}, {2, 0.25}, {-1, 1}};
    int[] y = {0, 1, 1};
    double[] a = {0.3, -0.7, 1.1, 0.4};
    double[] w = {0.2, -0.1, 0.5, -0.6, 0.9, 0.05};
    double h = 0.25;
    double[] da = new double[4];
    double[] dw = new double[6];
    for (int b = 0; b < 3; b++) {
      double[] input = {x[b][0], x[b][1], 1};
      double[] z = new double[2];
      double[] f = new double[2];
      for (int k = 0; k < 2; k++) {
        for (int i = 0; i < 3; i++) {
          z[k] += w[3 * k + i] * input[i];
        }
        for (int o = 0; o < 2; o++) {
          f[o] += a[2 * k + o] * z[k] / 2;
        }
      }
      double sum = Math.exp(f[0]) + Math.exp(f[1]);
      for (int o = 0; o < 2; o++) {
        double g = (Math.exp(f[o]) / sum - (o == y[b] ? 1 : 0)) / 3;
        for (int k = 0; k < 2; k++) {
          // The weight 1/2 of a component and the flow's division by it cancel.
          da[2 * k + o] += g * z[k];
          for (int i = 0; i < 3; i++) {
            dw[3 * k + i] += g * a[2 * k + o] * input[i];
          }
        }
      }
    }
    var text = new StringBuilder("u,v,label\n");
    for (int b = 0; b < 3; b++) {
      text.append(x[b][0]).append(',').append(x[b][1]).append(',').append(y[b]).append('\n');
    }
    Path data = Files.writeString(folder.resolve("data.csv"), text);
    var shapes = new LinkedHashMap<String, String>();
    var values = new LinkedHashMap<String, double[]>();
    shapes.put("layers.0.in_mean", "[2,3]");
    values.put("layers.0.in_mean", w);
    shapes.put("layers.0.out_mean", "[2,2]");
    values.put("layers.0.out_mean", a);
    Path init =
        Fixtures.checkpoint(
            folder.resolve("init.safetensors"),
            "{\"layers\":[{\"type\":\"gm\",\"family\":\"dirac\",\"activation\":\"identity\","
                + "\"bias\":true,\"inputs\":2,\"outputs\":2,\"components\":2}]}",
            shapes,
            values);
    Path out = folder.resolve("run");
    assertSuccess(
        CommandLineRun.of(
            "train",
            "--dataset",
            "csv",
            "--data",
            data,
            "--init",
            init,
            "--backend",
            "reference",
            "--shuffle",
            "false",
            "--epochs",
            1,
            "--learning-rate",
            h,
            "--out",
            out));
    Map<String, byte[]> tensors = Fixtures.tensors(out.resolve("model.safetensors"));
    assertClose(a, da, h, tensors.get("layers.0.out_mean"));
    assertClose(w, dw, h, tensors.get("layers.0.in_mean"));
    assertTrue(
        Files.readString(out.resolve("config.conf")).contains("gm:dirac:2x2"),
        "the model of the checkpoint is part of the configuration");
    Path again = folder.resolve("again");
    assertSuccess(
        CommandLineRun.of("train", "--config", out.resolve("config.conf"), "--out", again));
    assertSameTensors(out.resolve("model.safetensors"), again.resolve("model.safetensors"));
  }

  private static void assertClose(
      double[] before, double[] gradient, double h, byte @Nullable [] found) {
    double[] after = Fixtures.doubles(Objects.requireNonNull(found));
    assertEquals(before.length, after.length);
    for (int i = 0; i < after.length; i++) {
      double difference = Math.abs(after[i] - (before[i] - h * gradient[i]));
      if (!(difference <= 1e-14)) {
        throw new AssertionError("entry " + i + " is off by " + difference);
      }
    }
  }

  /** Returns the worked cases of the specification, through files and the command line. */
  @TestFactory
  List<DynamicTest> goldenCases() throws IOException {
    Path golden = shared().resolve("golden/gm-layers.json");
    Assumptions.assumeTrue(
        Files.exists(golden), "there is no folder shared/golden beside the repository");
    var tests = new ArrayList<DynamicTest>();
    for (JsonNode example : JsonMapper.builder().build().readTree(golden.toFile()).path("cases")) {
      // A table has one target column.
      if (example.path("loss").asText().equals("softmax_cross_entropy")) {
        tests.add(DynamicTest.dynamicTest(example.path("name").asText(), () -> golden(example)));
      }
    }
    assertEquals(43, tests.size());
    return tests;
  }

  private static Path shared() {
    Path at = Path.of("").toAbsolutePath();
    for (Path up = at; up != null; up = up.getParent()) {
      if (Files.isDirectory(up.resolveSibling("shared"))) {
        return up.resolveSibling("shared");
      }
    }
    return at.resolve("shared");
  }

  private void golden(JsonNode example) throws IOException {
    var text = new StringBuilder();
    int features = example.path("input").path(0).size();
    for (int i = 0; i < features; i++) {
      text.append('x').append(i).append(',');
    }
    text.append("label\n");
    for (int row = 0; row < example.path("input").size(); row++) {
      example
          .path("input")
          .path(row)
          .forEach(number -> text.append(number.doubleValue()).append(','));
      text.append(example.path("target").path(row).asInt()).append('\n');
    }
    String name = example.path("name").asText();
    Path data = Files.writeString(folder.resolve(name + ".csv"), text);
    var shapes = new LinkedHashMap<String, String>();
    var values = new LinkedHashMap<String, double[]>();
    var layers = new ArrayList<String>();
    for (int i = 0; i < example.path("layers").size(); i++) {
      JsonNode layer = example.path("layers").path(i);
      layers.add(
          "{\"type\":\"gm\",\"family\":%s,\"activation\":%s,\"bias\":%s,\"inputs\":%s,\"outputs\":%s,\"components\":%s%s}"
              .formatted(
                  layer.path("family"),
                  layer.path("activation"),
                  layer.path("bias"),
                  layer.path("inputs"),
                  layer.path("outputs"),
                  layer.path("components"),
                  layer.path("rank").asInt() > 0 ? ",\"rank\":" + layer.path("rank") : ""));
      String prefix = "layers." + i + ".";
      layer
          .path("parameters")
          .properties()
          .forEach(
              parameter -> {
                shapes.put(prefix + parameter.getKey(), shape(parameter.getValue()).toString());
                values.put(prefix + parameter.getKey(), flat(parameter.getValue()));
              });
    }
    Path init =
        Fixtures.checkpoint(
            folder.resolve(name + ".safetensors"),
            "{\"layers\":[" + String.join(",", layers) + "]}",
            shapes,
            values);
    Path out = folder.resolve(name);
    assertSuccess(
        CommandLineRun.of(
            "train",
            "--dataset",
            "csv",
            "--data",
            data,
            "--init",
            init,
            "--backend",
            "reference",
            "--shuffle",
            "false",
            "--epochs",
            1,
            "--learning-rate",
            example.path("learning_rate").doubleValue(),
            "--out",
            out));
    Map<String, byte[]> tensors = Fixtures.tensors(out.resolve("model.safetensors"));
    JsonNode after = example.path("expected").path("parameters_after_one_wasserstein_step");
    for (int i = 0; i < after.size(); i++) {
      String prefix = "layers." + i + ".";
      after
          .path(i)
          .properties()
          .forEach(
              parameter -> {
                double[] expected = flat(parameter.getValue());
                double[] found =
                    Fixtures.doubles(
                        Objects.requireNonNull(tensors.get(prefix + parameter.getKey())));
                assertEquals(expected.length, found.length);
                double largest = 0;
                double off = 0;
                for (int j = 0; j < expected.length; j++) {
                  largest = Math.max(largest, Math.abs(expected[j]));
                  off = Math.max(off, Math.abs(expected[j] - found[j]));
                }
                if (!(off <= 1e-10 * largest)) {
                  throw new AssertionError(prefix + parameter.getKey() + " is off by " + off);
                }
              });
    }
    Path logits = folder.resolve(name + "-logits.csv");
    assertSuccess(
        CommandLineRun.of(
            "predict",
            "--model",
            init,
            "--input",
            data,
            "--output",
            logits,
            "--backend",
            "reference"));
    List<String> lines = Files.readAllLines(logits);
    JsonNode output = example.path("expected").path("output");
    assertEquals(output.size() + 1, lines.size());
    for (int row = 0; row < output.size(); row++) {
      String[] fields = lines.get(row + 1).split(",", -1);
      assertEquals(output.path(row).size(), fields.length);
      for (int i = 0; i < fields.length; i++) {
        double expected = output.path(row).path(i).doubleValue();
        double off = Math.abs(Double.parseDouble(fields[i]) - expected);
        if (!(off <= 1e-10 * Math.max(1, Math.abs(expected)))) {
          throw new AssertionError("output " + row + ", " + i + " is off by " + off);
        }
      }
    }
  }

  private static List<Integer> shape(JsonNode array) {
    var shape = new ArrayList<Integer>();
    for (JsonNode at = array; at.isArray(); at = at.path(0)) {
      shape.add(at.size());
    }
    return shape;
  }

  private static double[] flat(JsonNode node) {
    if (node.isNumber()) {
      return new double[] {node.doubleValue()};
    }
    var numbers = new ArrayList<Double>();
    node.forEach(
        part -> {
          for (double number : flat(part)) {
            numbers.add(number);
          }
        });
    return numbers.stream().mapToDouble(Double::doubleValue).toArray();
  }

  /** The line says what the run chose, and nothing of what it was told. */
  @Test
  void whatWasChosenIsSaidInOneLine() throws IOException {
    Path data = Fixtures.clouds(folder.resolve("data.csv"), 120, 1);
    CommandLineRun run =
        CommandLineRun.of(
            "train",
            "--dataset",
            "csv",
            "--data",
            data,
            "--epochs",
            2,
            "--layers",
            "gm:dirac:4",
            "--out",
            folder.resolve("chosen"));
    assertSuccess(run);
    // 120 rows, of which a fifth is held out; an eighth of the other 96 is below 16.
    assertTrue(
        run.err()
            .lines()
            .anyMatch(
                line ->
                    line.equals(
                        "chosen by the number of rows: adam at 0.01, out_mean x 10; batches of 16;"
                            + " 20 % of the rows held out; stop after 5 epochs without progress;"
                            + " second moment weighted by 0.0083 (docs/defaults.md)")),
        run.err());
  }

  @Test
  void theBuiltInDigitsAreTheDefault() {
    Path out = folder.resolve("run");
    CommandLineRun run =
        CommandLineRun.of("train", "--epochs", 1, "--components", 4, "--batch", 512, "--out", out);
    assertSuccess(run);
    assertTrue(run.out().contains("784 -> 4 factored of rank 4 relu -> 10"), run.out());
  }

  /** With a weight rate of 1 the loss is NaN within the first hundred steps. */
  @Test
  void weightsOfComponentsTrainAtTheirDefaults() {
    CommandLineRun run =
        CommandLineRun.of(
            "train",
            "--flow",
            "wasserstein",
            "--train",
            "means,spread,weights",
            "--epochs",
            1,
            "--out",
            folder.resolve("run"));
    assertSuccess(run);
    Matcher accuracy = Pattern.compile("test accuracy +([0-9.]+) %").matcher(run.out());
    assertTrue(accuracy.find(), run.out());
    assertTrue(Double.parseDouble(accuracy.group(1)) > 70, run.out());
  }

  /** A run folder stands for its result, as for predict. */
  @Test
  void aRunGoesOnFromTheModelOfARunFolder() {
    Path first = folder.resolve("first");
    assertSuccess(
        CommandLineRun.of(
            "train", "--epochs", 1, "--components", 4, "--batch", 512, "--out", first));
    Path second = folder.resolve("second");
    CommandLineRun run =
        CommandLineRun.of("train", "--init", first, "--epochs", 1, "--batch", 512, "--out", second);
    assertSuccess(run);
    assertTrue(run.out().contains("784 -> 4 factored of rank 4 relu -> 10"), run.out());
    assertRefused(
        2,
        CommandLineRun.of("train", "--init", folder, "--epochs", 1),
        "--init " + folder,
        "model.safetensors");
  }

  @Test
  void stacksTrainAndPredict() throws IOException {
    Path train = Fixtures.clouds(folder.resolve("train.csv"), 120, 1);
    Path out = folder.resolve("run");
    CommandLineRun run =
        CommandLineRun.of(
            "train",
            "--dataset",
            "csv",
            "--data",
            train,
            "--layers",
            "gm:diagonal:8x6,gm:isotropic:8x5,dense",
            "--flow",
            "adam",
            "--epochs",
            2,
            "--out",
            out,
            "--verbose");
    assertSuccess(run);
    Path arrow = folder.resolve("y.arrow");
    CommandLineRun predicted =
        CommandLineRun.of(
            "predict",
            "--model",
            out.resolve("best.safetensors"),
            "--input",
            train,
            "--output",
            arrow,
            "--columns",
            "outputs");
    assertSuccess(predicted);
    assertTrue(predicted.out().contains("120 rows of outputs"), predicted.out());
    CommandLineRun described =
        CommandLineRun.of("datasets", "describe", "arrow", "--data", arrow, "--label", "y2");
    assertSuccess(described);
    assertTrue(described.out().contains("features     2 (y0, y1)"), described.out());
  }

  @Test
  void memoryThatRunsOutLeavesTheCheckpoint() throws IOException {
    Path train = Fixtures.clouds(folder.resolve("train.csv"), 30, 1);
    Path out = folder.resolve("run");
    RunConfig config =
        RunConfig.load(
            Optional.empty(),
            Map.of(
                "dataset.name",
                "csv",
                "dataset.data",
                train.toString(),
                "model.components",
                "2",
                "out",
                out.toString()));
    var run =
        new TrainingRun(
            config,
            /* bar= */ false,
            new TrainingListener() {
              @Override
              public void epoch(EpochReport report, TrainingState state, boolean best) {
                if (report.epoch() == 2) {
                  throw new OutOfMemoryError("Java heap space");
                }
              }
            });
    String message = assertThrows(RunFailedException.class, run::start).getMessage();
    assertTrue(message.contains("-Xmx"), message);
    assertTrue(message.contains("--batch"), message);
    assertTrue(message.contains("The checkpoint of epoch 2 is intact"), message);
    assertTrue(message.contains("measureflow train --resume " + out), message);
  }

  @Test
  void regressionHasNoAccuracy() throws IOException {
    Path data =
        Files.writeString(
            folder.resolve("d.csv"), "x,label\n0.5,1.25\n1.5,2.25\n2.5,3.75\n-1,-0.5\n");
    Path out = folder.resolve("run");
    CommandLineRun run =
        CommandLineRun.of(
            "train",
            "--dataset",
            "csv",
            "--data",
            data,
            "--components",
            4,
            "--epochs",
            2,
            "--learning-rate",
            0.01,
            "--out",
            out);
    assertSuccess(run);
    assertTrue(run.out().contains("training loss"), run.out());
    assertFalse(run.out().contains("accuracy"), run.out());
    assertTrue(Files.exists(out.resolve("learning-curves.png")));
  }

  @Test
  void theEntryThatDoesNotFitIsNotTrainedOn() throws IOException {
    Path train = Fixtures.clouds(folder.resolve("train.csv"), 30, 1);
    Path out = folder.resolve("run");
    CommandLineRun run =
        CommandLineRun.of(
            "train",
            "--dataset",
            "csv",
            "--data",
            train,
            "--layers",
            "gm:diagonal:4x2",
            "--out",
            out);
    assertEquals(2, run.exitCode());
    assertTrue(run.err().contains("measureflow: error: model outputs"), run.err());
    assertFalse(Files.exists(out), "a wrong request leaves no folder");
  }
}
