package io.measureflow.cli.predict;

import static io.measureflow.cli.CommandLineRun.assertRefused;
import static io.measureflow.cli.CommandLineRun.assertSuccess;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.cli.CommandLineRun;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code predict} and {@code evaluate} make of models that know their data. */
class PredictionColumnsTest {

  @TempDir Path folder;

  private CommandLineRun run(String words) {
    return CommandLineRun.of(
        Arrays.stream(words.split(" "))
            .map(word -> word.startsWith("@") ? folder.resolve(word.substring(1)) : word)
            .toArray());
  }

  /** Two clouds of points, named by the sign of u, with a key and a remark. */
  private void clouds(String name, int rows, String... classes) throws IOException {
    var random = new SplittableRandom(7);
    var text = new StringBuilder("id,u,v,remark,kind\n");
    for (int i = 0; i < rows; i++) {
      int kind = i % 2;
      text.append(String.format(Locale.ROOT, "%05d,", i))
          .append((kind == 0 ? -3 : 3) + random.nextGaussian())
          .append(',')
          .append(random.nextGaussian())
          .append(i % 3 == 0 ? ",," : i % 3 == 1 ? ",\"a, b\"," : ",NA,")
          .append(classes[kind])
          .append('\n');
    }
    Files.writeString(folder.resolve(name), text);
  }

  private void trainOnClouds(String... classes) throws IOException {
    clouds("train.csv", 200, classes);
    // The key is no feature.
    Files.write(
        folder.resolve("features.csv"),
        table("train.csv").stream().map(row -> row[1] + "," + row[2] + "," + row[4]).toList());
    assertSuccess(
        run(
            "train --dataset csv --data @features.csv --label kind --split 0.25 --epochs 5"
                + " --components 8 --batch 16 --learning-rate 0.2 --backend reference --out @run"));
  }

  private List<String[]> table(String name) throws IOException {
    return Files.readAllLines(folder.resolve(name)).stream()
        .map(line -> line.split(",(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)", -1))
        .toList();
  }

  @Test
  void classesByNameWithTheirProbabilitiesBesideWhatIsKept() throws IOException {
    trainOnClouds("left", "right");
    CommandLineRun predicted =
        run(
            "predict --model @run --input @train.csv --label kind --keep id,remark --output"
                + " @y.csv");
    assertSuccess(predicted);
    assertTrue(predicted.out().contains("200 rows of prediction, probabilities"), predicted.out());
    List<String[]> rows = table("y.csv");
    assertEquals(List.of("id", "remark", "prediction", "left", "right"), List.of(rows.getFirst()));
    assertEquals(201, rows.size());
    List<String[]> source = table("train.csv");
    int right = 0;
    for (int i = 1; i < rows.size(); i++) {
      String[] row = rows.get(i);
      assertEquals(source.get(i)[0], row[0]); // 00001 stays what it is
      assertEquals(source.get(i)[3], row[1]);
      double left = Double.parseDouble(row[3]);
      double sum = left + Double.parseDouble(row[4]);
      assertEquals(1, sum, 1e-12);
      assertEquals(left >= 0.5 ? "left" : "right", row[2]);
      right += row[2].equals(source.get(i)[4]) ? 1 : 0;
    }
    assertTrue(right > 190, right + " right");
  }

  @Test
  void numbersOfClassesStayNumbersAndNamesNeverCollide() throws IOException {
    trainOnClouds("3", "y0");
    assertSuccess(
        run(
            "predict --model @run --input @train.csv --label kind --columns"
                + " outputs,probabilities,prediction,variance --output @y.csv"));
    assertEquals(
        "y0,y1,probability_3,probability_y0,prediction,variance0,variance1",
        Files.readAllLines(folder.resolve("y.csv")).getFirst());
    assertRefused(
        2,
        run("predict --model @run --input @train.csv --columns prediction,logits --output @z.csv"),
        "--columns",
        "prediction, probabilities, outputs, variance",
        "'logits'");
    assertRefused(
        2,
        run("predict --model @run --input @train.csv --keep id,nothing --output @z.csv"),
        "\"nothing\"",
        "id, u, v, remark, kind");
    assertFalse(Files.exists(folder.resolve("z.csv")));
  }

  @Test
  void probabilitiesAloneOfNumberedClasses() throws IOException {
    trainOnClouds("1", "2");
    assertSuccess(
        run(
            "predict --model @run --input @train.csv --label kind --columns probabilities"
                + " --output @y.csv"));
    // Classes that are integers start at 0.
    assertEquals("0,1,2", Files.readAllLines(folder.resolve("y.csv")).getFirst());
  }

  @Test
  void keptColumnsHaveTheirTypesInTypedFormats() throws IOException {
    trainOnClouds("left", "right");
    for (String format : List.of("parquet", "arrow")) {
      assertSuccess(
          run(
              "predict --model @run --input @train.csv --label kind --keep remark,id --output @y."
                  + format));
      CommandLineRun back =
          run(
              "datasets convert "
                  + format
                  + " --data @y."
                  + format
                  + " --output @"
                  + format
                  + ".csv");
      assertSuccess(back);
      List<String[]> rows = table(format + ".csv");
      assertEquals(
          List.of("remark", "id", "prediction", "left", "right"), List.of(rows.getFirst()));
      assertEquals("1", rows.get(2)[1]);
      assertEquals("", rows.get(1)[0]);
      assertEquals("\"a, b\"", rows.get(2)[0]);
      assertEquals("NA", rows.get(3)[0]);
    }
  }

  @Test
  void standardOutputCarriesThePredictionsAlone() throws IOException {
    trainOnClouds("left", "right");
    assertSuccess(
        run("predict --model @run --input @train.csv --label kind --keep id --output @y.csv"));
    for (String output : List.of("-", "/dev/stdout")) {
      CommandLineRun piped =
          run("predict --model @run --input @train.csv --label kind --keep id --output " + output);
      assertSuccess(piped);
      assertEquals(Files.readString(folder.resolve("y.csv")), piped.out());
      assertTrue(piped.err().contains("200 rows"), piped.err());
    }
  }

  @Test
  void realTargetsAreInTheirOwnUnits() throws IOException {
    var random = new SplittableRandom(3);
    var text = new StringBuilder("x,a,b\n");
    for (int i = 0; i < 120; i++) {
      double x = random.nextDouble() - 0.5;
      text.append(x).append(',').append(1e9 + 10 * x).append(',').append(-x).append('\n');
    }
    Files.writeString(folder.resolve("t.csv"), text);
    assertSuccess(
        run(
            "train --dataset csv --data @t.csv --label a,b --epochs 30 --components 8"
                + " --batch 16 --learning-rate 0.2 --backend simd"
                + " --out @run"));
    assertSuccess(run("predict --model @run --input @t.csv --label a,b --output @y.csv"));
    List<String[]> rows = table("y.csv");
    assertEquals(List.of("prediction_a", "prediction_b"), List.of(rows.getFirst()));
    double[] a =
        rows.stream().skip(1).mapToDouble(row -> Double.parseDouble(row[0])).sorted().toArray();
    // Float32 has steps of 64 here.
    assertTrue(a[0] > 1e9 - 8 && a[119] < 1e9 + 8 && a[119] - a[0] > 1, a[0] + " " + a[119]);
    assertRefused(
        2,
        run("predict --model @run --input @t.csv --columns probabilities --output @z.csv"),
        "--columns probabilities",
        "one of real targets");
    CommandLineRun evaluated = run("evaluate --model @run --metrics @m.json");
    assertSuccess(evaluated);
    assertTrue(evaluated.out().contains("(the training rows: the run held out none)"));
    String json = Files.readString(folder.resolve("m.json"));
    assertTrue(json.contains("\"regression\" : {") && json.contains("\"name\" : \"a\""), json);
    assertEquals(
        json.replaceAll("\\s", ""),
        Files.readString(folder.resolve("run/metrics.json")).replaceAll("\\s", ""));
  }

  @Test
  void evaluateFindsTheRowsThatTheRunHeldOut() throws IOException {
    trainOnClouds("left", "right");
    CommandLineRun own = run("evaluate --model @run --metrics @m.json --backend reference");
    assertSuccess(own);
    assertTrue(own.out().contains("features.csv, as in training"), own.out());
    assertTrue(own.out().contains("50 (test)"), own.out());
    assertTrue(own.out().contains("ROC AUC"), own.out());
    assertEquals(
        Files.readString(folder.resolve("run/metrics.json")),
        Files.readString(folder.resolve("m.json")));
    CommandLineRun all =
        run("evaluate --model @run --dataset csv --data @features.csv --label kind");
    assertSuccess(all);
    assertTrue(all.out().contains("including those that the model was trained on"), all.out());
    clouds("new.csv", 30, "left", "right");
    CommandLineRun other = run("evaluate --model @run --data @new.csv");
    assertSuccess(other);
    assertTrue(other.out().contains("rows      30" + System.lineSeparator()), other.out());
    // Settings are heard as options are.
    assertEquals(
        other.out(),
        run("evaluate --model @run --set dataset.data=" + folder.resolve("new.csv")).out());
    CommandLineRun halves = run("evaluate --model @run --split 0.5");
    assertSuccess(halves);
    assertTrue(halves.out().contains("rows      100 (test)"), halves.out());
    assertEquals(
        halves.out(), run("evaluate --model @run --set measureflow.dataset.split=0.5").out());
    Files.writeString(
        folder.resolve("features.csv"), "u,v,kind\n" + "1,2,left\n3,4,right\n".repeat(8));
    assertRefused(2, run("evaluate --model @run"), "features.csv", "changed since", "--data");
    assertRefused(2, run("evaluate --model @nowhere --dataset csv"), "nowhere");
  }

  @Test
  void validationRowsAreHeldOutToo() throws IOException {
    clouds("train.csv", 200, "left", "right");
    assertSuccess(
        run(
            "train --dataset csv --data @train.csv --label kind --validation 0.2 --epochs 2"
                + " --components 4 --learning-rate 0.1 --backend reference --out @run"));
    CommandLineRun own = run("evaluate --model @run");
    assertSuccess(own);
    assertTrue(own.out().contains("40 (validation)"), own.out());
  }

  @Test
  void imagesArePredictedByTheirFiles() throws IOException {
    for (String kind : List.of("dark", "light")) {
      Path images = Files.createDirectories(folder.resolve("images").resolve(kind));
      for (int i = 0; i < 12; i++) {
        image(images.resolve(i + ".png"), kind.equals("dark") ? 20 + i : 200 + i);
      }
    }
    assertSuccess(
        run(
            "train --dataset images --data @images --epochs 20 --components 8 --batch 4"
                + " --learning-rate 0.2 --backend reference --out @run"));
    Path unsorted = Files.createDirectory(folder.resolve("unsorted"));
    image(unsorted.resolve("a.png"), 210);
    image(unsorted.resolve("b.png"), 25);
    image(unsorted.resolve("c.png"), 220);
    assertSuccess(
        run(
            "predict --model @run --dataset images --data @unsorted --keep file"
                + " --columns prediction --output @y.csv"));
    assertEquals(
        List.of("file,prediction", "a.png,light", "b.png,dark", "c.png,light"),
        Files.readAllLines(folder.resolve("y.csv")));
    // A folder of the second class alone: its label is that of the model.
    Path some = Files.createDirectories(folder.resolve("some/light"));
    image(some.resolve("x.png"), 205);
    CommandLineRun evaluated = run("evaluate --model @run --dataset images --data @some");
    assertSuccess(evaluated);
    assertTrue(evaluated.out().contains("accuracy  100.00 %"), evaluated.out());
  }

  private static void image(Path file, int grey) throws IOException {
    var image = new BufferedImage(3, 3, BufferedImage.TYPE_BYTE_GRAY);
    for (int i = 0; i < 9; i++) {
      image.getRaster().setSample(i % 3, i / 3, 0, grey);
    }
    ImageIO.write(image, "png", file.toFile());
  }
}
