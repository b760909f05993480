package io.measureflow.cli.experiment;

import static io.measureflow.cli.CommandLineRun.assertRefused;
import static io.measureflow.cli.CommandLineRun.assertSuccess;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.cli.CommandLineRun;
import io.measureflow.cli.Fixtures;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Experiments and comparisons of runs. */
class ExperimentTest {

  @TempDir Path folder;

  private static Path shared() {
    Path at = Path.of("").toAbsolutePath();
    while (at != null && !Files.isDirectory(at.resolve("shared/data/mnist"))) {
      at = at.getParent();
    }
    return at == null ? Path.of("none") : at.resolve("shared/data");
  }

  private static List<String> row(Path csv) throws IOException {
    List<String> lines = Files.readAllLines(csv);
    return List.of(lines.getLast().split(",", -1));
  }

  @Test
  void whatCannotBeDoneIsRefused() throws IOException {
    Path out = folder.resolve("out");
    assertRefused(
        2,
        CommandLineRun.of("experiment", "party", "--output", out),
        "parity, stability, sampling",
        "'party'");
    assertRefused(
        2,
        CommandLineRun.of("experiment", "parity", "--data", folder.resolve("no"), "--output", out),
        "no such folder",
        "datasets fetch mnist");
    assertRefused(
        2,
        CommandLineRun.of("experiment", "parity", "--data", folder, "--output", out),
        "a folder mnist");
    assertRefused(
        2,
        CommandLineRun.of("experiment", "toy", "--quick", "--full", "--output", out),
        "one of --quick and --full");
    assertRefused(2, CommandLineRun.of("experiment"));
    assertRefused(
        2,
        CommandLineRun.of("experiment", "toy", "--quick", "--output", out, "--backend", "abacus"),
        "'abacus'");
    assertTrue(!Files.exists(out) || Fixtures.files(out).equals(List.of(".lock")));
    Files.writeString(folder.resolve("file"), "kept");
    assertRefused(
        2,
        CommandLineRun.of("experiment", "toy", "--quick", "--output", folder.resolve("file/in")),
        "a folder that can be created");
    assertEquals("kept", Files.readString(folder.resolve("file")));
  }

  @Test
  void anExperimentIsDoneOnceAndReported() throws IOException {
    Path out = folder.resolve("out");
    Object[] command = {"experiment", "toy", "--quick", "--output", out, "--backend", "reference"};
    CommandLineRun first = CommandLineRun.of(command);
    assertSuccess(first);
    assertEquals(out.resolve("toy.md") + System.lineSeparator(), first.out());
    assertEquals(
        List.of(".lock", "toy-flow.gif", "toy.csv", "toy.html", "toy.md", "toy.sessions.csv"),
        Fixtures.files(out));
    String csv = Files.readString(out.resolve("toy.csv"));
    CommandLineRun second = CommandLineRun.of(command);
    assertSuccess(second);
    assertFalse(second.err().contains("task="), second.err());
    assertEquals(csv, Files.readString(out.resolve("toy.csv")));
    String html = Files.readString(out.resolve("toy.html"));
    assertTrue(html.contains("src=\"data:image/gif;base64,"), "no picture");
    assertTrue(html.contains("measureflow experiment toy --quick"), "no command");
  }

  /** The command in a report reproduces its number. */
  @Test
  void aRunIsRepeatedByItsCommand() throws IOException {
    Path data = shared();
    Assumptions.assumeTrue(Files.isDirectory(data), "no shared/data/mnist");
    Path out = folder.resolve("out");
    String settings = "family=dirac components=10 learning-rate=0.2";
    assertSuccess(
        CommandLineRun.of(
            "experiment",
            "parity",
            "--quick",
            "--data",
            data,
            "--output",
            out,
            "--only",
            "purpose=tune dataset=mnist " + settings));
    List<String> columns =
        List.of(Files.readAllLines(out.resolve("parity.csv")).getFirst().split(","));
    List<String> measured = row(out.resolve("parity.csv"));
    Path run = folder.resolve("run");
    var command =
        new ArrayList<Object>(
            List.of("train", "--dataset", "mnist", "--data", data.resolve("mnist"), "--out", run));
    for (String setting :
        List.of(
            "family=dirac",
            "components=10",
            "learning-rate=0.2",
            "epochs=1",
            "schedule=cosine",
            "batch=128",
            "validation=0.1")) {
      command.add("--" + setting.substring(0, setting.indexOf('=')));
      command.add(setting.substring(setting.indexOf('=') + 1));
    }
    command.add("--seed");
    command.add(measured.get(columns.indexOf("seed")));
    assertSuccess(CommandLineRun.of(command.toArray()));
    List<String> trained = row(run.resolve("metrics.csv"));
    double accuracy = Double.parseDouble(measured.get(columns.indexOf("validation_accuracy")));
    assertTrue(accuracy > 0.8, measured.toString());
    assertEquals(Double.parseDouble(trained.get(5)), accuracy, 1e-6);
    assertEquals(
        Double.parseDouble(trained.get(4)),
        Double.parseDouble(measured.get(columns.indexOf("validation_loss"))),
        1e-5);
  }

  private Path trained(String name, int components, Object... more) throws IOException {
    Path table = folder.resolve("train.csv");
    if (!Files.exists(table)) {
      Fixtures.clouds(table, 200, 1);
    }
    Path run = folder.resolve(name);
    var command =
        new ArrayList<Object>(
            List.of(
                "train",
                "--dataset",
                "csv",
                "--data",
                table,
                "--epochs",
                3,
                "--learning-rate",
                0.2,
                "--components",
                components,
                "--out",
                run));
    command.addAll(List.of(more));
    assertSuccess(CommandLineRun.of(command.toArray()));
    return run;
  }

  @Test
  void runsAreComparedInOnePicture() throws IOException {
    Path first = trained("first", 4, "--split", 0.2);
    Path second = trained("second", 8);
    Path file = folder.resolve("both.png");
    CommandLineRun run = CommandLineRun.of("plot", first, second, "--output", file);
    assertSuccess(run);
    assertEquals(file + System.lineSeparator(), run.out());
    BufferedImage image = ImageIO.read(file.toFile());
    // Loss and accuracy side by side, of the training rows above those of the test rows.
    assertEquals(2 * 760, image.getWidth());
    assertEquals(2 * 520, image.getHeight());
    byte[] both = Files.readAllBytes(file);
    assertSuccess(CommandLineRun.of("plot", second, "--output", file));
    image = ImageIO.read(file.toFile());
    assertEquals(2 * 760, image.getWidth());
    assertEquals(520, image.getHeight());
    assertNotEquals(both.length, Files.readAllBytes(file).length);
  }

  @Test
  void runsThatDifferInTheirSeedAreOneLine() throws IOException {
    Path run = trained("run", 4);
    String config = Files.readString(run.resolve("config.conf"));
    assertTrue(config.contains("    seed=1\n"), config);
    Path file = folder.resolve("plot.png");
    var command = new ArrayList<Object>(List.of("plot", "--output", file));
    for (int seed = 1; seed <= 8; seed++) {
      Path copy = Files.createDirectory(folder.resolve("run-" + seed));
      Files.copy(run.resolve("metrics.csv"), copy.resolve("metrics.csv"));
      Files.writeString(
          copy.resolve("config.conf"), config.replace("    seed=1\n", "    seed=" + seed + "\n"));
      command.add(copy);
    }
    // More than there are colors, so they are one line.
    assertSuccess(CommandLineRun.of(command.toArray()));
    byte[] together = Files.readAllBytes(file);
    command.add("--separate");
    assertRefused(2, CommandLineRun.of(command.toArray()), "at most 7");
    command.removeLast();
    // One that differs in another setting is a line of its own, and a repetition is one too.
    Path other = folder.resolve("run-8/config.conf");
    Files.writeString(other, config.replace("learning-rate=0.2", "learning-rate=0.3"));
    assertSuccess(CommandLineRun.of(command.toArray()));
    assertFalse(Arrays.equals(together, Files.readAllBytes(file)));
  }

  @Test
  void whateverNumbersAreInAMetricsFileTheyAreDrawn() throws IOException {
    Path run = trained("run", 4);
    List<String> lines = Files.readAllLines(run.resolve("metrics.csv"));
    String config = Files.readString(run.resolve("config.conf"));
    var command = new ArrayList<Object>(List.of("plot", "--output", folder.resolve("plot.png")));
    List<String> losses = List.of("1e300", "Infinity", "-1.7e308", "");
    for (int seed = 1; seed <= losses.size(); seed++) {
      Path copy = Files.createDirectory(folder.resolve("run-" + seed));
      String loss = losses.get(seed - 1);
      Files.writeString(
          copy.resolve("metrics.csv"),
          lines.getFirst()
              + "\n"
              + lines.get(1).replaceFirst("^1,0.2,[^,]*", "1,0.2," + loss)
              + "\n"
              + lines.get(2)
              + "\n");
      Files.writeString(
          copy.resolve("config.conf"), config.replace("    seed=1\n", "    seed=" + seed + "\n"));
      command.add(copy);
    }
    assertSuccess(CommandLineRun.of(command.toArray()));
    command.add("--separate");
    assertSuccess(CommandLineRun.of(command.toArray()));
  }

  @Test
  void runsThatCannotBeComparedAreRefused() throws IOException {
    Path run = trained("run", 4);
    Path file = folder.resolve("plot.png");
    assertRefused(
        2, CommandLineRun.of("plot", folder.resolve("no"), "--output", file), "no such folder");
    assertRefused(2, CommandLineRun.of("plot", folder, "--output", file), "a folder without one");
    assertRefused(2, CommandLineRun.of("plot", run, run, "--output", file), "twice");
    assertRefused(
        2,
        CommandLineRun.of("plot", run, "--output", folder.resolve("no/x.png")),
        "no such folder");
    var many = new ArrayList<Object>(List.of("plot", "--output", file));
    for (int i = 0; i < 8; i++) {
      Path copy = Files.createDirectory(folder.resolve("copy-" + i));
      Files.copy(run.resolve("metrics.csv"), copy.resolve("metrics.csv"));
      many.add(copy);
    }
    assertRefused(2, CommandLineRun.of(many.toArray()), "at most 7");
    Files.writeString(run.resolve("metrics.csv"), "epoch\nhalf");
    assertRefused(2, CommandLineRun.of("plot", run, "--output", file), "none that could be read");
    assertFalse(Files.exists(file));
  }
}
