package io.measureflow.cli.data;

import static io.measureflow.cli.CommandLineRun.assertRefused;
import static io.measureflow.cli.CommandLineRun.assertSuccess;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.cli.CommandLineRun;
import io.measureflow.cli.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConvertDatasetTest {

  private static final String ROWS = "u,kind,note\n1,a,x\n,b,y\n-3,a,\n";

  @TempDir Path folder;

  /** Splits words at spaces; an at sign stands for the folder. */
  private CommandLineRun run(String words) {
    return CommandLineRun.of((Object[]) words.replace("@", folder + "/").split(" "));
  }

  @ParameterizedTest
  @ValueSource(strings = {"csv.gz", "parquet", "arrow", "arrows"})
  void aTableGoesThereAndBackAgain(String format) throws IOException {
    Files.writeString(folder.resolve("t.csv"), ROWS);
    String loader = format.equals("csv.gz") ? "csv" : format.equals("arrows") ? "arrow" : format;
    CommandLineRun there = run("datasets convert csv --data @t.csv --output @y." + format);
    assertSuccess(there);
    assertEquals(folder.resolve("y." + format) + ": 3 rows of 3 columns\n", there.out());
    assertSuccess(
        run("datasets convert " + loader + " --data @y." + format + " --output @z --format csv"));
    assertEquals(ROWS, Files.readString(folder.resolve("z")));
  }

  @Test
  void partsOfADatasetAreTables() {
    String digits = "datasets convert digits --output ";
    CommandLineRun test = run(digits + "@test.parquet --part test");
    assertSuccess(test);
    assertTrue(test.out().contains("5 000 rows of 785 columns"), test.out());
    CommandLineRun described = run("datasets describe parquet --data @test.parquet");
    assertSuccess(described);
    assertTrue(described.out().contains("10 classes"), described.out());
    assertTrue(described.out().contains("(pixel0, pixel1, "), described.out());
  }

  @Test
  void whatIsThereStaysUnlessItMayGo() throws IOException {
    Files.writeString(folder.resolve("t.csv"), ROWS);
    Files.writeString(folder.resolve("y.csv"), "old");
    String command = "datasets convert csv --data @t.csv --output @y.csv";
    assertRefused(2, run(command), "y.csv exists", "--overwrite");
    assertEquals("old", Files.readString(folder.resolve("y.csv")));
    assertSuccess(run(command + " --overwrite"));
    assertEquals(ROWS, Files.readString(folder.resolve("y.csv")));
  }

  @Test
  void mistakesAreNamedAndLeaveNothing() throws IOException {
    Files.writeString(folder.resolve("t.csv"), "u,v\n1,2\nx,3\n");
    Files.writeString(folder.resolve("good.csv"), "u,v\n1,2\n");
    List<String> before = Fixtures.files(folder);
    String command = "datasets convert csv --data @t.csv --output @";
    assertRefused(2, run(command + "y.parquet"), "t.csv, row 3, column \"u\"", "x");
    assertRefused(2, run(command + "y.xlsx"), "y.xlsx", "csv.gz", "'xlsx'");
    assertRefused(2, run(command + "y --format feather"), "arrows", "'feather'");
    assertRefused(2, run("datasets convert csv --data @good.csv --output @no/y.csv"), "no folder");
    assertRefused(2, run(command + "y.csv --part test"), "test rows", "none");
    assertRefused(2, run(command + "y.csv --part all"), "--part", "'all'");
    assertRefused(
        2, run("datasets convert parquet --data @t.csv --output @y.csv"), "t.csv", "Parquet");
    assertRefused(2, run("datasets convert tsv --data @t.csv --output @y.csv"), "'tsv'", "arrow");
    assertRefused(2, run("datasets convert csv --output @y.csv"), "a file", "--data");
    assertEquals(before, Fixtures.files(folder));
  }

  @ParameterizedTest
  @ValueSource(strings = {"csv", "csv.gz", "parquet", "arrow", "arrows"})
  void aFullDiskIsOneMessage(String format) throws IOException {
    Path full = Path.of("/dev/full");
    Assumptions.assumeTrue(Files.exists(full), "this system has no /dev/full");
    Files.writeString(folder.resolve("t.csv"), ROWS);
    Path output = Files.createSymbolicLink(folder.resolve("y." + format), full);
    assertRefused(
        1,
        run("datasets convert csv --data @t.csv --output @y." + format),
        output.toString(),
        "No space left on device");
  }
}
