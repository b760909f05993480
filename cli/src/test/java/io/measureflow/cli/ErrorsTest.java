package io.measureflow.cli;

import static io.measureflow.cli.CommandLineRun.assertRefused;
import static io.measureflow.cli.CommandLineRun.assertSuccess;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** User errors: one message, the right exit code, and nothing changed. */
class ErrorsTest {

  private static final String DIRAC =
      "{\"layers\":[{\"type\":\"gm\",\"family\":\"dirac\",\"activation\":\"relu\","
          + "\"bias\":false,\"inputs\":2,\"outputs\":1,\"components\":1}]}";

  @TempDir Path folder;

  @BeforeEach
  void data() throws IOException {
    Files.writeString(folder.resolve("good.csv"), "u,v,label\n1,2,0\n3,4,1\n");
  }

  /** Splits words at spaces; {@code @name} is a path in the folder. */
  private CommandLineRun run(String words) {
    return CommandLineRun.of(
        Arrays.stream(words.split(" ")).map(word -> word.replace("@", folder + "/")).toArray());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--family diagnal             | family; diagonal; dirac; 'diagnal'",
        "--layers gm:diagnal:4x2      | family; 'diagnal'; dirac",
        "--layers cov:3               | layer 0 'cov:3'; a type of layers; dense; gm",
        "--backend simmd              | measureflow.backend (set by the command line); nd4j,"
            + " reference, simd; 'simmd'",
        "--activation rellu           | measureflow.model.activation; identity; relu; 'rellu'",
        "--flow adamm                 | measureflow.training.flow; adam; 'adamm'",
        "--precision float64          | precision; float32; float64; reference",
        "--epochs 0                   | measureflow.training.epochs; at least 1; '0'",
        "--epochs many                | measureflow.training.epochs; a whole number; 'many'",
        "--learning-rate -1           | measureflow.training.learning-rate; '-1'",
        "--learning-rate nan          | measureflow.training.learning-rate; 'nan'",
        "--set training.epoch=3       | measureflow.training.epoch; mean"
            + " measureflow.training.epochs?",
        "--set modle.components=3     | measureflow.modle.components; mean"
            + " measureflow.model.components?",
        "--set training.epochs        | --set; KEY=VALUE",
        "--config @none.conf          | none.conf; a configuration file",
        "--config @good.csv           | good.csv",
        "--label price                | good.csv; \"price\"; u, v, label; --label",
        "--label 7                    | good.csv; \"7\"; u, v, label",
        "--label u,u                  | good.csv; \"u\" twice",
        "--label u,v --target classes | good.csv; one label column",
        "--set dataset.label=[]       | measureflow.dataset.label; at least one column",
        "--separator xy              | measureflow.dataset.separator; tab; 'xy'",
        "--header perhaps             | measureflow.dataset.header; auto, true, false; 'perhaps'",
        "--header false               | good.csv; \"label\"; no header",
        "--missing ignore             | measureflow.dataset.missing; refuse, drop, mean; 'ignore'",
        "--target number              | measureflow.dataset.target; classes, real; 'number'",
        "--scaling large              | measureflow.dataset.scaling; auto; standardise; 'large'",
        "--split 1                    | measureflow.dataset.split; below 1; '1'",
        "--split 0.1                  | dataset.split; rows in both parts; 0.1 of 2 rows",
        "--split 0.5 --test @good.csv | dataset.split; test rows of their own",
        "--storage disk               | measureflow.dataset.storage; memory, cache, stream; 'disk'",
        "--storage stream             | good.csv; Parquet; --storage cache",
        "--set dataset.shuffle-window=0 | measureflow.dataset.shuffle-window; at least 1; '0'",
        "--set training.prefetch=yes  | measureflow.training.prefetch; auto, on, off; 'yes'",
        "--storage cache --set dataset.cache=@good.csv/c | good.csv/c; a folder for caches",
        "--test @none.csv             | none.csv; found nothing",
        "--init @none.safetensors     | none.safetensors; a safetensors file",
        "--init @good.csv             | good.csv; header length",
        "--out @good.csv              | good.csv; a new folder",
        "--out @good.csv/run          | good.csv; a folder; a file",
        "--progress fast              | --progress; auto, bar, lines; 'fast'",
        "--epoch 3                    | --epoch; mean --epochs?",
        "--resume @none               | none; a run folder",
      })
  void aWrongTrainingOptionIsNamed(String options, String mentions) throws IOException {
    List<String> before = Fixtures.files(folder);
    String words = "train --dataset csv --data @good.csv " + options;
    if (!options.contains("--out") && !options.contains("--resume")) {
      words += " --out @run";
    }
    if (options.contains("--resume")) {
      words = "train " + options;
    }
    assertRefused(2, run(words), mentions.split("; "));
    assertEquals(before, Fixtures.files(folder));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "csv     | @none/x.csv | none/x.csv; found nothing; Check the path",
        "csv     | @           | a file with a table; something else than a file",
        "arrow   | @good.csv   | good.csv; Arrow IPC",
        "parquet | @good.csv   | good.csv; Parquet",
        "mnist   | @none       | none; a folder; train-images-idx3-ubyte",
        "mnist   | @           | train-images-idx3-ubyte",
        "mnits   | @good.csv   | dataset; mnist; 'mnits'",
      })
  void dataThatAreNotThereAreNamed(String dataset, String data, String mentions)
      throws IOException {
    List<String> before = Fixtures.files(folder);
    assertRefused(
        2,
        run("train --dataset " + dataset + " --data " + data + " --out @run"),
        mentions.split("; "));
    assertEquals(before, Fixtures.files(folder));
  }

  @ParameterizedTest
  @ValueSource(strings = {"NaN", "inf", "1e999", "?", ""})
  void aCellThatIsNoNumberIsNamed(String cell) throws IOException {
    Files.writeString(folder.resolve("bad.csv"), "u,v,label\n1,2,0\n3," + cell + ",1\n");
    List<String> before = Fixtures.files(folder);
    assertRefused(
        2,
        run("train --dataset csv --data @bad.csv --missing refuse --out @run"),
        "bad.csv, row 3, column \"v\"",
        "a finite number");
    assertEquals(before, Fixtures.files(folder));
  }

  @Test
  void anEarlierRunIsNotWrittenOver() throws IOException {
    String train = "train --dataset csv --data @good.csv --components 2 --epochs 1 --out @run";
    assertSuccess(run(train));
    byte[] model = Files.readAllBytes(folder.resolve("run/model.safetensors"));
    List<String> before = Fixtures.files(folder.resolve("run"));
    assertRefused(2, run(train), "a new or empty folder", "an earlier run", "--resume");
    assertEquals(before, Fixtures.files(folder.resolve("run")));
    assertTrue(Arrays.equals(model, Files.readAllBytes(folder.resolve("run/model.safetensors"))));
  }

  @Test
  void aDivergingRunFailsAndKeepsWhatItHad() throws IOException {
    Files.writeString(folder.resolve("steep.csv"), "u,v,label\n1e30,2,0.5\n3,-1e30,1.5\n");
    assertRefused(
        1,
        run("train --dataset csv --data @steep.csv --epochs 2 --learning-rate 1e30 --out @run"),
        "finite",
        "learning rate");
    assertFalse(Files.exists(folder.resolve("run/model.safetensors")));
  }

  /** A wrong name is reported quickly: backends take seconds to open. */
  @ParameterizedTest
  @ValueSource(strings = {"--family foo", "--activation foo", "--flow foo", "--layers foo:3"})
  void namesAreCheckedBeforeABackendIsOpened(String option) throws IOException {
    CommandLineRun wrong =
        run("train --dataset csv --data @good.csv --components 2 --epochs 1 --out @run " + option);
    assertRefused(2, wrong, "foo");
    assertFalse(wrong.err().contains("backend simd"), wrong.err());
    assertFalse(Files.exists(folder.resolve("run")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "datasets describe mnist",
        "datasets describe mnist --data @none",
        "datasets describe mnist --data @",
        "datasets convert mnist --output @y.csv",
        "train --dataset mnist"
      })
  void aDatasetThatCanBeDownloadedIsOffered(String words) {
    assertRefused(2, run(words), "measureflow datasets fetch mnist");
  }

  @Test
  void aDatasetThatCannotBeDownloadedIsNotOffered() {
    CommandLineRun refused = run("datasets describe csv");
    assertRefused(2, refused);
    assertFalse(refused.err().contains("fetch"), refused.err());
  }

  @Test
  void aFolderThatCannotBeMadeIsFoundBeforeTraining() {
    Path proc = Path.of("/proc/self");
    Assumptions.assumeTrue(Files.exists(proc), "this system has no /proc");
    CommandLineRun refused = run("train --dataset csv --data @good.csv --out /proc/run");
    assertRefused(2, refused, "--out /proc/run", "a folder that can be made");
    assertFalse(refused.err().contains("data csv"), refused.err());
  }

  @Test
  void resultsThatDoNotReachStandardOutputAreAFailure() throws Exception {
    Path full = Path.of("/dev/full");
    Assumptions.assumeTrue(
        Files.exists(full) && Files.isExecutable(Path.of("/bin/sh")), "no /dev/full here");
    CommandLineProcess lost =
        CommandLineProcess.logging(folder.resolve("log"))
            .through("/bin/sh", "-c", "exec \"$@\" >/dev/full", "sh")
            .start("datasets", "list");
    assertEquals(1, lost.exitCode(), lost::printed);
    assertTrue(lost.printed().contains("Standard output could not be written"), lost::printed);
  }

  @Test
  void namesOutsideTheLocaleAreNamed() throws Exception {
    Assumptions.assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "no /bin/sh here");
    CommandLineProcess c =
        CommandLineProcess.logging(folder.resolve("log"))
            .through("/bin/sh", "-c", "LC_ALL=C exec \"$@\" \"$(printf '\\303\\244.csv')\"", "sh")
            .start("plot");
    assertEquals(2, c.exitCode(), c::printed);
    assertTrue(c.printed().contains("LC_ALL=C.UTF-8"), c::printed);
    assertFalse(c.printed().contains("Exception"), c::printed);
  }

  @Test
  void memoryThatRunsOutIsNoBug() throws Exception {
    CommandLineProcess small =
        CommandLineProcess.logging(folder.resolve("log"))
            .jvm("-Xmx60m")
            .start(
                "train",
                "--family",
                "dirac",
                "--components",
                100_000,
                "--out",
                folder.resolve("run"));
    assertEquals(1, small.exitCode(), small::printed);
    String printed = small.printed();
    for (String mention :
        List.of(
            "Memory ran out", "bytes", "MEASUREFLOW_JAVA_OPTS=-Xmx", "--batch", "--components")) {
      assertTrue(printed.contains(mention), () -> "expected " + mention + " in " + printed);
    }
    assertFalse(printed.contains("bug"), printed);
    assertFalse(Files.exists(folder.resolve("run")), "a run that wrote nothing leaves no folder");
  }

  @Test
  void unknownCommandsAndMissingOptionsAreSaid() {
    for (String words : List.of("tran", "evaluate", "predict --model @m", "train --epochs")) {
      CommandLineRun run = run(words);
      assertRefused(2, run);
      assertTrue(run.err().contains("--help' lists the options"), run.err());
    }
    assertTrue(run("tran").err().contains("Did you mean train"), run("tran").err());
    assertTrue(run("evaluate").err().contains("--model"), run("evaluate").err());
  }

  // ---- checkpoints ----

  private Path checkpoint(String model, String inShape, double... in) throws IOException {
    var shapes = new LinkedHashMap<String, String>();
    var values = new LinkedHashMap<String, double[]>();
    shapes.put("layers.0.out_mean", "[1,1]");
    values.put("layers.0.out_mean", new double[] {1});
    shapes.put("layers.0.in_mean", inShape);
    values.put("layers.0.in_mean", in);
    return Fixtures.checkpoint(folder.resolve("model.safetensors"), "F32", model, shapes, values);
  }

  /** Checks that every command that reads a checkpoint refuses it alike. */
  private void assertUnreadable(String... mentions) throws IOException {
    Files.writeString(folder.resolve("y.csv"), "old");
    List<String> before = Fixtures.files(folder);
    for (String words :
        List.of(
            "predict --model @model.safetensors --input @good.csv --output @y.csv",
            "evaluate --model @model.safetensors --dataset csv --data @good.csv",
            "train --init @model.safetensors --dataset csv --data @good.csv --out @run")) {
      var all = new ArrayList<String>(List.of(mentions));
      all.add("model.safetensors");
      assertRefused(2, run(words), all.toArray(String[]::new));
    }
    assertEquals("old", Files.readString(folder.resolve("y.csv")));
    assertEquals(before, Fixtures.files(folder));
  }

  @Test
  void aCheckpointThatFitsIsRead() throws IOException {
    checkpoint(DIRAC, "[1,2]", 3, 4);
    assertSuccess(run("predict --model @model.safetensors --input @good.csv --output @y.csv"));
    assertEquals("y0\n11.0\n25.0\n", Files.readString(folder.resolve("y.csv")));
  }

  @Test
  void truncatedCheckpointsAreRefused() throws IOException {
    byte[] whole = Files.readAllBytes(checkpoint(DIRAC, "[1,2]", 3, 4));
    for (int length : new int[] {0, 7, 8, 100, whole.length - 8, whole.length - 1}) {
      Files.write(folder.resolve("model.safetensors"), Arrays.copyOf(whole, length));
      assertUnreadable();
    }
  }

  @Test
  void aHeaderIsBoundedBeforeItIsBelieved() throws IOException {
    byte[] bytes = Files.readAllBytes(checkpoint(DIRAC, "[1,2]", 3, 4));
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(0, 1L << 62);
    Files.write(folder.resolve("model.safetensors"), bytes);
    assertUnreadable("header length", String.valueOf(1L << 62));
  }

  @Test
  void tensorsThatDoNotFitTheModelAreNamed() throws IOException {
    checkpoint(DIRAC, "[2,1]", 3, 4);
    assertUnreadable("layers.0.in_mean", "[1, 2]", "[2, 1]");
    checkpoint(DIRAC, "[1,3]", 3, 4, 5);
    assertUnreadable("layers.0.in_mean", "[1, 2]", "[1, 3]");
    checkpoint(DIRAC.replace("dirac", "diagonal"), "[1,2]", 3, 4);
    assertUnreadable("layers.0.in_std", "[1, 2]");
    checkpoint(DIRAC, "[1,2]", 3, Double.NaN);
    assertUnreadable("layers.0.in_mean", "NaN");
  }

  @Test
  void modelsThatAreNotKnownAreNamed() throws IOException {
    checkpoint(DIRAC.replace("dirac", "diagnal"), "[1,2]", 3, 4);
    assertUnreadable("'diagnal'", "dirac");
    checkpoint(DIRAC.replace("relu", "rellu"), "[1,2]", 3, 4);
    assertUnreadable("rellu", "relu");
    checkpoint(DIRAC.replace("\"gm\"", "\"gmm\""), "[1,2]", 3, 4);
    assertUnreadable("'gmm'", "gm");
    checkpoint("[", "[1,2]", 3, 4);
    assertUnreadable("measureflow.model");
  }
}
