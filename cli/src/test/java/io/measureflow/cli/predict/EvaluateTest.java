package io.measureflow.cli.predict;

import static io.measureflow.cli.CommandLineRun.assertRefused;
import static io.measureflow.cli.CommandLineRun.assertSuccess;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.cli.CommandLineRun;
import io.measureflow.cli.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluateTest {

  @TempDir Path folder;

  /** f(x) = (0.5 x_0 - x_1 + 0.25, x_0 + 2 x_1 - 0.5), a dense layer. */
  private Path affine() throws IOException {
    return Fixtures.checkpoint(
        folder.resolve("affine.safetensors"),
        "{\"layers\":[{\"type\":\"dense\",\"inputs\":2,\"outputs\":2,\"bias\":true}]}",
        Map.of("layers.0.weight", "[2,2]", "layers.0.bias", "[2]"),
        Map.of(
            "layers.0.weight",
            new double[] {0.5, -1, 1, 2},
            "layers.0.bias",
            new double[] {0.25, -0.5}));
  }

  private static double[] output(double[] row) {
    return new double[] {0.5 * row[0] - row[1] + 0.25, row[0] + 2 * row[1] - 0.5};
  }

  private static String table(double[][] rows) {
    var text = new StringBuilder("u,v,label\n");
    for (double[] row : rows) {
      text.append(row[0]).append(',').append(row[1]).append(',').append((int) row[2]).append('\n');
    }
    return text.toString();
  }

  private static double crossEntropy(double[][] rows) {
    double sum = 0;
    for (double[] row : rows) {
      double[] logits = output(row);
      sum += Math.log(Math.exp(logits[0]) + Math.exp(logits[1])) - logits[(int) row[2]];
    }
    return sum / rows.length;
  }

  /** Returns the fraction of rows whose larger output, the first of equal ones, is at the label. */
  private static String accuracy(double[][] rows) {
    double right = 0;
    for (double[] row : rows) {
      double[] logits = output(row);
      right += (logits[1] > logits[0] ? 1 : 0) == row[2] ? 1 : 0;
    }
    return String.format(Locale.ROOT, "accuracy  %.2f %%", 100 * right / rows.length);
  }

  private CommandLineRun evaluate(Path model, Path data, Object... further) {
    var arguments =
        new ArrayList<Object>(
            List.of(
                "evaluate",
                "--model",
                model,
                "--dataset",
                "csv",
                "--data",
                data,
                "--backend",
                "reference"));
    arguments.addAll(List.of(further));
    return CommandLineRun.of(arguments.toArray());
  }

  private static void assertLoss(double expected, CommandLineRun run) {
    assertSuccess(run);
    String line =
        run.out().lines().filter(each -> each.startsWith("loss")).findFirst().orElseThrow();
    double difference = Math.abs(Double.parseDouble(line.substring(4).strip()) - expected);
    if (!(difference <= 1e-14)) {
      throw new AssertionError("the loss is off by " + difference);
    }
  }

  private static final double[][] TRAIN = {{1, 0, 0}, {0, 1, 1}, {2, -1, 1}};
  // The outputs of the last row are equal, which counts for the first class.
  private static final double[][] TEST = {{1, 0.5, 1}, {-1, 0.25, 0}, {0, 0.5, 0}, {0, 0.25, 1}};

  @Test
  void lossAndAccuracyAreThoseOfTheFormula() throws IOException {
    Path train = Files.writeString(folder.resolve("train.csv"), table(TRAIN));
    Path test = Files.writeString(folder.resolve("test.csv"), table(TEST));
    Path model = affine();
    List<String> before = Fixtures.files(folder);

    CommandLineRun onTrain = evaluate(model, train);
    assertLoss(crossEntropy(TRAIN), onTrain);
    assertTrue(onTrain.out().contains("rows      3" + System.lineSeparator()), onTrain.out());
    assertTrue(onTrain.out().contains(accuracy(TRAIN)), onTrain.out());

    CommandLineRun onTest = evaluate(model, train, "--test", test);
    assertLoss(crossEntropy(TEST), onTest);
    assertTrue(onTest.out().contains("rows      4 (test)"), onTest.out());
    assertTrue(onTest.out().contains(accuracy(TEST)), onTest.out());

    assertEquals(before, Fixtures.files(folder));
  }

  @Test
  void realTargetsAreMeasuredByTheirDistance() throws IOException {
    Path model =
        Fixtures.checkpoint(
            folder.resolve("line.safetensors"),
            "{\"layers\":[{\"type\":\"dense\",\"inputs\":1,\"outputs\":1,\"bias\":true}]}",
            Map.of("layers.0.weight", "[1,1]", "layers.0.bias", "[1]"),
            Map.of("layers.0.weight", new double[] {1.5}, "layers.0.bias", new double[] {-0.25}));
    Path data = Files.writeString(folder.resolve("d.csv"), "x,label\n1,1.5\n-2,0.5\n0.1,2.0\n");
    double sum = 0;
    double[][] rows = {{1, 1.5}, {-2, 0.5}, {0.1, 2}};
    for (double[] row : rows) {
      sum += Math.pow(1.5 * row[0] - 0.25 - row[1], 2) / 2;
    }
    CommandLineRun run = evaluate(model, data);
    assertLoss(sum / 3, run);
    assertFalse(run.out().contains("accuracy"), run.out());
  }

  @Test
  void otherDataThanTheModelWasMadeForAreRefused() throws IOException {
    Path model = affine();
    Path narrow = Files.writeString(folder.resolve("narrow.csv"), "x,label\n1,0\n2,1\n");
    assertRefused(2, evaluate(model, narrow), "2 features, the inputs of the model", "found 1");
    Path classes = Files.writeString(folder.resolve("classes.csv"), "x,y,label\n1,2,0\n2,1,2\n");
    assertRefused(2, evaluate(model, classes), "outputs of the model", "at least 3", "found 2");
    Path none = Files.writeString(folder.resolve("none.csv"), "x,y\n1,2\n");
    assertRefused(2, evaluate(model, none), "none.csv", "label column \"label\"", "--label");
  }
}
