package io.measureflow.cli.train;

import static io.measureflow.cli.CommandLineRun.assertRefused;
import static io.measureflow.cli.CommandLineRun.assertSuccess;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.cli.CommandLineRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training, evaluation and prediction under losses that are named. */
class LossesTest {

  private static final int ROWS = 240;

  @TempDir Path folder;

  private Path table(String header, RowText row) throws IOException {
    RandomGenerator random = RandomGenerator.of("L64X128MixRandom");
    var lines = new ArrayList<String>(List.of(header));
    for (int i = 0; i < ROWS; i++) {
      double a = 2 * (i + 0.5) / ROWS - 1;
      lines.add(a + "," + row.of(a, random));
    }
    return Files.write(folder.resolve("table.csv"), lines);
  }

  @FunctionalInterface
  private interface RowText {
    String of(double a, RandomGenerator random);
  }

  private CommandLineRun train(Path table, Object... further) {
    var arguments =
        new ArrayList<Object>(
            List.of(
                "train",
                "--dataset",
                "csv",
                "--data",
                table,
                "--components",
                16,
                "--epochs",
                30,
                "--out",
                folder.resolve("run")));
    arguments.addAll(List.of(further));
    return CommandLineRun.of(arguments.toArray());
  }

  private double[][] predictions(Path table) throws IOException {
    Path output = folder.resolve("predictions.csv");
    assertSuccess(
        CommandLineRun.of(
            "predict", "--model", folder.resolve("run"), "--input", table, "--output", output));
    List<String> lines = Files.readAllLines(output);
    double[][] rows = new double[lines.size() - 1][];
    for (int i = 0; i < rows.length; i++) {
      String[] cells = lines.get(i + 1).split(",", -1);
      rows[i] = new double[cells.length];
      for (int j = 0; j < cells.length; j++) {
        rows[i][j] = Double.parseDouble(cells[j]);
      }
    }
    return rows;
  }

  @Test
  void aTableOfCountsJustWorks() throws IOException {
    // Rates e^(1 + 1.5 a); Knuth's counts.
    Path table =
        table(
            "a,label",
            (a, random) -> {
              double limit = Math.exp(-Math.exp(1 + 1.5 * a));
              int count = -1;
              for (double product = 1; product > limit; product *= random.nextDouble()) {
                count++;
              }
              return String.valueOf(count);
            });
    CommandLineRun run = train(table, "--loss", "poisson");
    assertSuccess(run);
    assertTrue(run.err().contains("real label"), run.err());
    double[][] rates = predictions(table);
    for (int i = 0; i < ROWS; i++) {
      double a = 2 * (i + 0.5) / ROWS - 1;
      double ratio = rates[i][0] / Math.exp(1 + 1.5 * a);
      assertTrue(ratio > 0.6 && ratio < 1.6, "rate at " + a + ": " + rates[i][0]);
    }
    String config = Files.readString(folder.resolve("run/config.conf"));
    assertTrue(config.contains("target-scaling=none"), config);
    CommandLineRun evaluated = CommandLineRun.of("evaluate", "--model", folder.resolve("run"));
    assertSuccess(evaluated);
    assertTrue(evaluated.out().contains("as in training"), evaluated.out());
    assertSuccess(CommandLineRun.of("train", "--resume", folder.resolve("run")));
    assertSuccess(CommandLineRun.of("report", folder.resolve("run")));
  }

  @Test
  void labelsHaveProbabilities() throws IOException {
    Path table = table("a,u,v", (a, random) -> (a > 0 ? 1 : 0) + "," + (Math.abs(a) > 0.5 ? 1 : 0));
    CommandLineRun run = train(table, "--label", "u,v", "--loss", "binary_cross_entropy");
    assertSuccess(run);
    assertTrue(
        run.out().matches("(?s).*validation labels +(9[0-9.]+|100.00) % right.*"), run.out());
    for (double[] row : predictions(table)) {
      assertEquals(2, row.length);
      assertTrue(row[0] >= 0 && row[0] <= 1 && row[1] >= 0 && row[1] <= 1);
    }
    assertSuccess(CommandLineRun.of("report", folder.resolve("run")));
  }

  @Test
  void optionsOfTheLossAreKeptInTheRun() throws IOException {
    Path table = table("a,label", (a, random) -> a > 0.5 ? "yes" : "no");
    assertSuccess(
        train(
            table,
            "--set",
            "training.loss-options.class-weights=[1,3]",
            "--set",
            "training.loss-options.label-smoothing=0.1"));
    String config = Files.readString(folder.resolve("run/config.conf"));
    assertTrue(config.contains("label-smoothing=0.1"), config);
    CommandLineRun evaluated = CommandLineRun.of("evaluate", "--model", folder.resolve("run"));
    assertSuccess(evaluated);
    // The loss is the smoothed one, and so another than the log loss.
    assertTrue(evaluated.out().contains("log loss"), evaluated.out());
  }

  @Test
  void whatDoesNotFitTheLossIsRefused() throws IOException {
    Path table = table("a,label", (a, random) -> a > 0 ? "2" : "-1");
    assertRefused(
        2,
        train(table, "--loss", "poisson"),
        "target 'label' of row 0 (from 0) under loss poisson",
        "expected numbers of at least 0, found -1.0");
    assertRefused(
        2, train(table, "--loss", "binary_cross_entropy"), "numbers from 0 to 1, found -1.0");
    assertRefused(
        2,
        train(table, "--loss", "poisson", "--target-scaling", "standardise"),
        "expected numbers of at least 0 in their own units, found standardised targets");
    assertRefused(
        2,
        train(table, "--set", "training.loss-options.class-weights=[1,2,3]"),
        "class-weights: expected 2 weights, one for each class, found 3");
    assertRefused(
        2,
        train(table, "--loss", "huber", "--set", "training.loss-options.delta=-1"),
        "measureflow.training.loss-options, delta: expected a number above 0, found -1.0");
  }
}
