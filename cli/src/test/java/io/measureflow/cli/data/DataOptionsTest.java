package io.measureflow.cli.data;

import static io.measureflow.cli.CommandLineRun.assertRefused;
import static io.measureflow.cli.CommandLineRun.assertSuccess;
import static io.measureflow.cli.Fixtures.assertSameTensors;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.PredictionWriter;
import io.measureflow.api.program.Shape;
import io.measureflow.cli.CommandLineRun;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.ServiceLoader;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Columns, missing values, scaling, splits and storage from the command line. */
class DataOptionsTest {

  @TempDir Path folder;

  /** Splits words at spaces; an at sign stands for the folder. */
  private CommandLineRun run(String words) {
    return CommandLineRun.of((Object[]) words.replace("@", folder + "/").split(" "));
  }

  /** Two clouds, far from 0, with very different scales and gaps; the columns in either order. */
  private void table(String name, int rows, boolean reversed, boolean labelled) throws IOException {
    var random = new SplittableRandom(rows);
    var text = new StringBuilder(reversed ? "note,v,u" : "u,v");
    text.append(labelled ? ",kind\n" : "\n");
    for (int i = 0; i < rows; i++) {
      boolean left = random.nextInt(3) == 0;
      String u = String.valueOf(1000 + 0.01 * ((left ? -1 : 1) + 0.4 * random.nextGaussian()));
      String v = random.nextInt(10) == 0 ? "" : String.valueOf(-5e6 + 1e5 * random.nextGaussian());
      text.append(reversed ? "x," + v + "," + u : u + "," + v);
      text.append(labelled ? (left ? ",left\n" : ",right\n") : "\n");
    }
    Files.writeString(folder.resolve(name), text);
  }

  private static double number(String text, String pattern) {
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    assertTrue(matcher.find(), text);
    return Double.parseDouble(matcher.group(1));
  }

  @Test
  void whatWasDoneToTheTrainingRowsIsDoneToLaterOnes() throws IOException {
    table("train.csv", 600, false, true);
    String data = "--dataset csv --data @train.csv --label kind --missing mean --split 0.25";
    CommandLineRun train =
        run(
            "train "
                + data
                + " --scaling standardise --components 8 --epochs 10 --batch 32 --out @run");
    assertSuccess(train);
    assertTrue(train.err().contains("data csv: 450 training rows, 150 test rows"), train.err());
    assertTrue(train.err().contains("classes in training: left 3"), train.err());
    double accuracy = number(train.out(), "test accuracy +([0-9.]+) %");
    // Without standardized features this is the share of the larger class, about two thirds.
    assertTrue(accuracy > 93, train.out());
    double loss = number(train.out(), "test loss +([0-9.]+)");

    // The same rows are held out again, and scaled by the statistics in the checkpoint.
    CommandLineRun evaluate = run("evaluate --model @run/model.safetensors " + data);
    assertSuccess(evaluate);
    assertTrue(evaluate.out().contains("150 (test)"), evaluate.out());
    assertEquals(accuracy, number(evaluate.out(), "accuracy +([0-9.]+) %"), 0.0);
    assertEquals(loss, number(evaluate.out(), "loss +([0-9.]+)"), 1e-3);

    // Columns are found by their names, whatever their order.
    table("rows.csv", 50, false, false);
    table("reversed.csv", 50, true, false);
    assertSuccess(run("predict --model @run/model.safetensors --input @rows.csv --output @a.csv"));
    assertSuccess(
        run("predict --model @run/model.safetensors --input @reversed.csv --output @b.csv"));
    assertEquals(
        Files.readString(folder.resolve("a.csv")), Files.readString(folder.resolve("b.csv")));
    Files.writeString(folder.resolve("other.csv"), "u,w\n1,2\n");
    assertRefused(
        2,
        run("predict --model @run/model.safetensors --input @other.csv --output @c.csv"),
        "other.csv",
        "\"v\"",
        "found the columns u, w");
  }

  @Test
  void predictionsAreThoseOfFeaturesScaledByHand() throws IOException {
    table("train.csv", 300, false, true);
    assertSuccess(
        run(
            "train --dataset csv --data @train.csv --label kind --missing drop --scaling"
                + " standardise --components 4 --epochs 2 --backend reference --out @run"));
    // The mean and deviation of the rows without gaps.
    List<double[]> rows =
        Files.readAllLines(folder.resolve("train.csv")).stream()
            .skip(1)
            .map(line -> line.split(",", -1))
            .filter(cells -> !cells[1].isEmpty())
            .map(cells -> new double[] {Double.parseDouble(cells[0]), Double.parseDouble(cells[1])})
            .toList();
    double[] mean = new double[2];
    double[] deviation = new double[2];
    for (int j = 0; j < 2; j++) {
      int column = j;
      mean[j] = rows.stream().mapToDouble(row -> row[column]).average().orElseThrow();
      deviation[j] =
          Math.sqrt(
              rows.stream()
                  .mapToDouble(row -> (row[column] - mean[column]) * (row[column] - mean[column]))
                  .average()
                  .orElseThrow());
    }
    Files.writeString(folder.resolve("raw.csv"), "u,v\n1000.02,-5.1e6\n999.9,-4e6\n");
    var scaled = new StringBuilder("u,v\n");
    for (double[] row : new double[][] {{1000.02, -5.1e6}, {999.9, -4e6}}) {
      scaled
          .append((row[0] - mean[0]) / deviation[0])
          .append(',')
          .append((row[1] - mean[1]) / deviation[1])
          .append('\n');
    }
    Files.writeString(folder.resolve("scaled.csv"), scaled);
    // The same tensors in a file without preprocessing.
    String bytes =
        Files.readString(folder.resolve("run/model.safetensors"), StandardCharsets.ISO_8859_1);
    Files.writeString(
        folder.resolve("bare.safetensors"),
        bytes.replace("measureflow.data", "measureflow.dada"),
        StandardCharsets.ISO_8859_1);
    String predict = "predict --backend reference --columns outputs --model ";
    assertSuccess(run(predict + "@run/model.safetensors --input @raw.csv --output @a.csv"));
    assertSuccess(run(predict + "@bare.safetensors --input @scaled.csv --output @b.csv"));
    double[] a = numbers("a.csv");
    double[] b = numbers("b.csv");
    assertEquals(4, a.length);
    for (int i = 0; i < a.length; i++) {
      double difference = Math.abs(a[i] - b[i]);
      assertTrue(difference <= 1e-6 * Math.max(1, Math.abs(b[i])), a[i] + " and " + b[i]);
    }
    assertRefused(
        2,
        run(predict + "@run/model.safetensors --input @raw.csv --output @c.csv --missing drop"),
        "refuse, mean or auto");
  }

  private double[] numbers(String name) throws IOException {
    return Files.readAllLines(folder.resolve(name)).stream()
        .skip(1)
        .flatMap(line -> List.of(line.split(",", -1)).stream())
        .mapToDouble(Double::parseDouble)
        .toArray();
  }

  /** Returns a table of four features and a real label, in as many blocks as batches. */
  private Path real(String name, int batches) {
    Path file = folder.resolve(name);
    var random = new SplittableRandom(4);
    PredictionWriter writer =
        ServiceLoader.load(PredictionWriter.class).stream()
            .map(ServiceLoader.Provider::get)
            .filter(candidate -> candidate.writes(file))
            .findFirst()
            .orElseThrow();
    try (PredictionWriter.Rows rows = writer.open(file, List.of("a", "b", "c", "d", "label"))) {
      for (int batch = 0; batch < batches; batch++) {
        float[] values = new float[5 * 64];
        for (int i = 0; i < 64; i++) {
          for (int j = 0; j < 4; j++) {
            values[5 * i + j] = (float) random.nextGaussian();
          }
          values[5 * i + 4] = values[5 * i] * values[5 * i + 1];
        }
        rows.append(Tensor.of(Shape.of(64, 5), values), 64);
      }
      rows.commit();
    }
    return file;
  }

  @ParameterizedTest
  @CsvSource({"stream, 128", "cache, 128", "cache, auto", "memory, auto"})
  void aRunGoesOnWithTheSameBitsWhereverItsRowsLie(String storage, String window)
      throws IOException {
    real("t.arrow", 9);
    String train =
        "train --dataset arrow --data @t.arrow --components 4 --batch 50 --learning-rate 0.1"
            + " --storage "
            + storage
            + " --set dataset.cache=@cache --set dataset.shuffle-window="
            + window;
    assertSuccess(run(train + " --epochs 4 --out @whole"));
    assertSuccess(run(train + " --epochs 2 --out @parts"));
    assertSuccess(run("train --resume @parts --epochs 4"));
    assertSameTensors(
        folder.resolve("whole/model.safetensors"), folder.resolve("parts/model.safetensors"));
    // Prefetching changes nothing.
    for (String prefetch : List.of("on", "off")) {
      assertSuccess(
          run(train + " --epochs 4 --set training.prefetch=" + prefetch + " --out @" + prefetch));
      assertSameTensors(
          folder.resolve("whole/model.safetensors"),
          folder.resolve(prefetch + "/model.safetensors"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"arrow", "parquet"})
  void theOrderOfTheFileGivesTheSameBitsInEveryStorage(String format) throws IOException {
    real("t." + format, 9);
    String train =
        "train --dataset "
            + format
            + " --data @t."
            + format
            + " --components 4 --batch 50 --epochs 2 --shuffle false --set dataset.cache=@cache";
    for (String storage : List.of("memory", "cache", "stream")) {
      assertSuccess(run(train + " --storage " + storage + " --out @" + storage));
      assertSameTensors(
          folder.resolve("memory/model.safetensors"),
          folder.resolve(storage + "/model.safetensors"));
    }
  }

  @Test
  void severalTargetsAreLearnedTogether() throws IOException {
    var random = new SplittableRandom(6);
    var text = new StringBuilder();
    for (int i = 0; i < 400; i++) {
      double x = random.nextGaussian();
      double y = random.nextGaussian();
      text.append(x + "," + y + "," + (x - y) + "," + (2 * x + 1) + "\n");
    }
    Files.writeString(folder.resolve("t.csv"), text);
    CommandLineRun train =
        run(
            "train --dataset csv --data @t.csv --label 2,-1 --layers dense:2 --batch 10 --epochs 30"
                + " --split 0.2 --out @run");
    assertSuccess(train);
    assertTrue(train.err().contains("2 features, real 2, 3"), train.err());
    assertTrue(number(train.out(), "test loss +([0-9.e-]+)") < 1e-3, train.out());
  }
}
