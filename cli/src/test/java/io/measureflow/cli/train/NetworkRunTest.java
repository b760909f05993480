package io.measureflow.cli.train;

import static io.measureflow.cli.CommandLineRun.assertSuccess;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.cli.CommandLineRun;
import io.measureflow.cli.Fixtures;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A network on images, from its first step to its report. */
class NetworkRunTest {

  private static final String LAYERS =
      "gm-conv:diagonal:6x4:3x3:padding=1,batch-norm,max-pool:2,"
          + "residual:[gm-conv:factored:4x4:3x3:padding=1:rank=2,batch-norm,dropout:0.2],"
          + "gm:diagonal:8";

  @TempDir Path folder;

  /** Bright lines across or down in noise, 6x6, as gray pictures. */
  private Path images() throws IOException {
    var random = new SplittableRandom(3);
    Path images = folder.resolve("images");
    for (String kind : List.of("across", "down")) {
      Path of = Files.createDirectories(images.resolve(kind));
      for (int i = 0; i < 12; i++) {
        var image = new BufferedImage(6, 6, BufferedImage.TYPE_BYTE_GRAY);
        int at = random.nextInt(6);
        for (int y = 0; y < 6; y++) {
          for (int x = 0; x < 6; x++) {
            boolean bright = at == (kind.equals("down") ? x : y);
            image.getRaster().setSample(x, y, 0, (bright ? 190 : 0) + random.nextInt(60));
          }
        }
        ImageIO.write(image, "png", of.resolve(i + ".png").toFile());
      }
    }
    return images;
  }

  private CommandLineRun measureflow(Object... words) {
    CommandLineRun run = CommandLineRun.of(words);
    assertSuccess(run);
    return run;
  }

  @Test
  void isTrainedEvaluatedAppliedAndReported() throws IOException {
    Path images = images();
    Path run = folder.resolve("run");
    var words = new ArrayList<Object>(List.of("train", "--dataset", "images", "--data", images));
    words.addAll(List.of("--layers", LAYERS, "--split", "0.25", "--epochs", 2, "--threads", 1));
    words.addAll(List.of("--batch", 6, "--out", run));
    measureflow(words.toArray());

    // The configuration that the run wrote trains the same model.
    Path again = folder.resolve("again");
    measureflow("train", "--config", run.resolve("config.conf"), "--out", again);
    Fixtures.assertSameTensors(
        run.resolve("model.safetensors"), again.resolve("model.safetensors"));
    assertTrue(
        Fixtures.tensors(run.resolve("model.safetensors"))
            .keySet()
            .containsAll(List.of("layers.1.running_var", "layers.3.layers.0.out_factor")));

    String evaluated = measureflow("evaluate", "--model", run).out();
    assertTrue(evaluated.contains("accuracy"), evaluated);
    Path predicted = folder.resolve("predicted.csv");
    measureflow(
        "predict",
        "--model",
        run,
        "--dataset",
        "images",
        "--data",
        images,
        "--columns",
        "prediction,outputs,variance",
        "--output",
        predicted);
    List<String> lines = Files.readAllLines(predicted);
    assertEquals("prediction,y0,y1,variance0,variance1", lines.getFirst());
    assertEquals(25, lines.size());
    for (String line : lines.subList(1, 25)) {
      String[] cells = line.split(",", -1);
      assertEquals(
          Double.parseDouble(cells[1]) >= Double.parseDouble(cells[2]) ? "across" : "down",
          cells[0]);
      assertTrue(Double.parseDouble(cells[3]) > 0, line);
    }

    String page = Files.readString(run.resolve("report.html"));
    assertEquals(
        List.of("layers.0", "layers.3.layers.0", "layers.4"),
        Pattern.compile("<h2[^>]*>The measure of ([^<]*)</h2>")
            .matcher(page)
            .results()
            .map(found -> found.group(1))
            .toList());
    assertTrue(page.contains("the same at each place of the image"), page);
    assertTrue(page.contains("where x is a window of 3x3."), page);
    // The neurons of the first layer look at windows of the one channel; those behind do not.
    assertEquals(6, page.split("<h3>Component ", -1).length - 1);
    assertFalse(page.contains("Which features the neurons look at"), page);
    assertSuccess(CommandLineRun.of("report", run));
    assertEquals(page, Files.readString(run.resolve("report.html")));
  }

  /** Neurons behind a layer that only flattens see the pixels themselves. */
  @Test
  void aMeasureBehindFlattenSeesThePixels() throws IOException {
    Path run = folder.resolve("run");
    measureflow(
        "train",
        "--dataset",
        "images",
        "--data",
        images(),
        "--layers",
        "flatten,dropout:0.1,gm:diagonal:3",
        "--epochs",
        1,
        "--out",
        run);
    String page = Files.readString(run.resolve("report.html"));
    assertTrue(page.contains("The measure of layers.2"), page);
    assertEquals(3, page.split("<h3>Component ", -1).length - 1);
    // It is the last layer, whose outputs are classes.
    assertTrue(page.contains("for across") || page.contains("against across"), page);
  }
}
