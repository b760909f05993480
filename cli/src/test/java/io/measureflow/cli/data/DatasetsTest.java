package io.measureflow.cli.data;

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
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetsTest {

  @TempDir Path folder;

  @Test
  void everythingThatCanBeLoadedIsListed() {
    CommandLineRun run = CommandLineRun.of("datasets");
    assertSuccess(run);
    assertEquals("", run.err());
    List<String> lines = run.out().lines().toList();
    for (String name : List.of("digits", "mnist", "fashion-mnist", "csv", "parquet", "arrow")) {
      int heading = -1;
      for (int i = 0; i < lines.size(); i++) {
        heading = lines.get(i).startsWith(name + ": ") ? i : heading;
      }
      assertTrue(heading >= 0, () -> "no " + name + " in: " + run.out());
      assertTrue(lines.get(heading + 1).startsWith("  "), "how to get " + name);
    }
  }

  @Test
  void aTableIsDescribed() throws IOException {
    Path train =
        Files.writeString(
            folder.resolve("train.csv"), "u,kind,v\n1,red,2\n3,blue,4\n5,red,6\n7,red,8\n");
    Path test = Files.writeString(folder.resolve("test.csv"), "u,kind,v\n1,blue,2\n");
    CommandLineRun run =
        CommandLineRun.of(
            "datasets", "describe", "csv", "--data", train, "--test", test, "--label", "kind");
    assertSuccess(run);
    for (String expected :
        List.of(
            "rows         4 training, 1 test",
            "features     2 (u, v)",
            "target       2 classes",
            "training rows by class",
            "blue                    1  ##########",
            "red                     3  ##############################",
            "test rows by class",
            "fingerprint  ")) {
      assertTrue(run.out().contains(expected), () -> "expected " + expected + " in: " + run.out());
    }
  }

  /** Means and deviations by hand: 1, 2 and 6 have mean 3 and variance 14/3. */
  @Test
  void columnsAreSummedUpBeforeTheyAreFilled() throws IOException {
    Path data = Files.writeString(folder.resolve("holes.csv"), "u,v,k\n1,5,a\n2,,b\n6,5,a\n,5,b\n");
    CommandLineRun run =
        CommandLineRun.of(
            "datasets", "describe", "csv", "--data", data, "--label", "k", "--missing", "mean");
    assertSuccess(run);
    assertEquals(
        List.of("u", "1", "1.00000", "6.00000", "3.00000", "2.16025"), statistics(run, "u"));
    assertEquals(
        List.of("v", "1", "5.00000", "5.00000", "5.00000", "0.00000"), statistics(run, "v"));
    assertTrue(run.out().contains("label        k (text)"), run.out());
    assertTrue(run.out().lines().anyMatch(line -> line.matches(" +u +number +1 .*")), run.out());
  }

  /** Returns a row of the table, without the type. */
  private static List<String> statistics(CommandLineRun run, String column) {
    var cells =
        run.out()
            .lines()
            .map(line -> List.of(line.strip().split(" +", -1)))
            .filter(words -> words.size() == 7 && words.getFirst().equals(column))
            .findFirst()
            .orElseThrow(() -> new AssertionError(run.out()));
    return List.of(
        cells.get(0), cells.get(2), cells.get(3), cells.get(4), cells.get(5), cells.get(6));
  }

  @Test
  void aContactSheetShowsTheFirstImagesOfEachClass() throws IOException {
    for (String name : List.of("dark", "light")) {
      Path images = Files.createDirectories(folder.resolve("images").resolve(name));
      for (int i = 0; i < 2; i++) {
        var image = new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB);
        for (int at = 0; at < 64; at++) {
          image.setRGB(at % 8, at / 8, colour(name, i));
        }
        ImageIO.write(image, "png", images.resolve(i + ".png").toFile());
      }
    }
    Path sheet = folder.resolve("sheet.png");
    CommandLineRun run =
        CommandLineRun.of(
            "datasets",
            "describe",
            "images",
            "--data",
            folder.resolve("images"),
            "--contact-sheet",
            sheet);
    assertSuccess(run);
    BufferedImage drawn = ImageIO.read(sheet.toFile());
    // 48 pixels per image, 4 between them, and 120 for the names.
    List<String> names = List.of("dark", "light");
    for (int row = 0; row < 2; row++) {
      for (int i = 0; i < 2; i++) {
        int pixel = drawn.getRGB(120 + i * 52 + 24, 4 + row * 52 + 24);
        assertEquals(colour(names.get(row), i), pixel & 0xffffff);
      }
    }
    assertEquals(0xffffff, drawn.getRGB(120 + 2 * 52 + 24, 28) & 0xffffff);
  }

  /** Returns a different colour per channel, so that swapped channels are detected. */
  private static int colour(String name, int image) {
    return (name.equals("dark") ? 0x102030 : 0xa0b0c0) + image * 0x010203;
  }

  @Test
  void aContactSheetOfATableOrWhereNoneCanBeIsRefused() throws IOException {
    Path data = Files.writeString(folder.resolve("rows.csv"), "u,label\n1,0\n2,1\n");
    Path sheet = folder.resolve("sheet.png");
    assertRefused(
        2,
        CommandLineRun.of("datasets", "describe", "csv", "--data", data, "--contact-sheet", sheet),
        "--contact-sheet",
        "images");
    assertFalse(Files.exists(sheet));
    assertRefused(
        2,
        CommandLineRun.of("datasets", "describe", "digits", "--contact-sheet", folder),
        "a folder");
  }

  @Test
  void whatIsNotThereIsNamed() {
    assertRefused(2, CommandLineRun.of("datasets", "describe", "mnsit"), "'mnsit'", "mnist", "csv");
    assertRefused(2, CommandLineRun.of("datasets", "describe", "csv"), "csv", "a file", "--data");
    assertRefused(
        2,
        CommandLineRun.of("datasets", "describe", "mnist", "--data", folder.resolve("none")),
        "none",
        "a folder",
        "train-images-idx3-ubyte");
    assertRefused(
        2, CommandLineRun.of("datasets", "describe", "mnist", "--data", folder), folder.toString());
  }
}
