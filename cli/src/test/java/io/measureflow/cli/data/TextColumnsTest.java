package io.measureflow.cli.data;

import static io.measureflow.cli.CommandLineRun.assertRefused;
import static io.measureflow.cli.CommandLineRun.assertSuccess;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.cli.CommandLineRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A table like that of the Titanic, with text, gaps and names, from training to predictions. */
class TextColumnsTest {

  private static final List<String> COLUMNS =
      List.of(
          "survived",
          "pclass",
          "name",
          "sex",
          "age",
          "sibsp",
          "ticket",
          "fare",
          "cabin",
          "when",
          "embarked");

  private static final int ROWS = 400;

  @TempDir Path folder;

  @BeforeEach
  void writeTables() throws IOException {
    table("train.csv", 1, ROWS, COLUMNS, false);
    table("later.csv", 2, 150, COLUMNS.reversed(), true);
    table("same.csv", 2, 150, COLUMNS, true);
  }

  /** Splits words at spaces; an at sign stands for the folder. */
  private CommandLineRun run(String words) {
    return CommandLineRun.of((Object[]) words.replace("@", folder + "/").split(" "));
  }

  /**
   * Women and children of the first classes survive, but for one in twenty rows.
   *
   * @param unseen whether there are values that training rows do not have
   */
  private void table(String name, long seed, int rows, List<String> columns, boolean unseen)
      throws IOException {
    var random = new SplittableRandom(seed);
    var lines = new ArrayList<String>();
    lines.add(String.join(",", columns));
    for (int i = 0; i < rows; i++) {
      boolean female = random.nextInt(3) == 0;
      int pclass = 1 + random.nextInt(3);
      double age = random.nextInt(2, 140) / 2.0;
      boolean lives = female || (pclass < 3 && age < 16);
      boolean survived = lives != (random.nextInt(20) == 0);
      String port = List.of("S", "C", "<b>Q</b>", "").get(random.nextInt(4));
      List<String> cells =
          List.of(
              survived ? "1" : "0",
              String.valueOf(pclass),
              "\"Doe, No. " + i + "\"",
              female ? "female" : "male",
              random.nextInt(5) == 0 ? "" : String.valueOf(age),
              String.valueOf(random.nextInt(3)),
              (random.nextInt(4) == 0 ? "A/5 " : "") + random.nextInt(100_000),
              String.valueOf(random.nextInt(10_000) / 100.0),
              random.nextInt(4) > 0 ? "" : "C" + random.nextInt(200),
              "1912-04-" + (10 + random.nextInt(5)),
              unseen && i % 10 == 0 ? "Z" : port);
      lines.add(
          columns.stream()
              .map(column -> cells.get(COLUMNS.indexOf(column)))
              .collect(Collectors.joining(",")));
    }
    Files.write(folder.resolve(name), lines);
  }

  private static double accuracy(CommandLineRun run) {
    Matcher matcher = Pattern.compile("accuracy +([0-9.]+) %").matcher(run.out());
    assertTrue(matcher.find(), run.out());
    return Double.parseDouble(matcher.group(1));
  }

  private static void assertSays(CommandLineRun run, String... lines) {
    assertSuccess(run);
    for (String line : lines) {
      assertEquals(1, Collections.frequency(occurrences(run.err(), line), line), run.err());
    }
  }

  private static List<String> occurrences(String text, String part) {
    return text.lines().filter(line -> line.contains(part)).map(line -> part).toList();
  }

  @Test
  void aTableOfTextTrainsAsItIsAndSoDoItsPredictions() throws IOException {
    assertSays(
        run("train --dataset csv --data @train.csv --label survived --epochs 15 --out @run"),
        "columns left out: name (text, 400 different values), ticket (text, ",
        "when (dates); --categories names columns of text to take, --most-categories (64) limits"
            + " their values; --dates number takes dates",
        "missing values are filled with the mean of their column: age (",
        "data csv: 400 training rows, 10 features of 6 columns (one per value: sex, embarked)");

    // About a third survives; the rule is that of 95 % of the rows.
    CommandLineRun evaluate =
        run("evaluate --model @run --dataset csv --data @later.csv --label survived");
    assertSays(
        evaluate,
        "column \"embarked\" holds values that are unknown to the model, in 15 of 150 rows: Z;");
    assertTrue(accuracy(evaluate) > 85, evaluate.out());
    CommandLineRun own = run("evaluate --model @run");
    assertSuccess(own);
    assertFalse(own.err().contains("unknown"), own.err());

    // Columns are found by name, in any order.
    assertSuccess(run("predict --model @run --input @later.csv --output @a.csv --keep name,sex"));
    assertSuccess(run("predict --model @run --input @same.csv --output @b.csv --keep name,sex"));
    List<String> predictions = Files.readAllLines(folder.resolve("a.csv"));
    assertEquals(predictions, Files.readAllLines(folder.resolve("b.csv")));
    assertEquals("name,sex,prediction,0,1", predictions.getFirst());
    Files.writeString(folder.resolve("c.csv"), "pclass,age,sibsp,fare,embarked\n1,2,3,4,S\n");
    assertRefused(
        2,
        run("predict --model @run --input @c.csv --output @d.csv"),
        "c.csv",
        "a column of text, numbers or truth values \"sex\", as in the data",
        "found the columns pclass");

    assertSays(
        run("train --resume @run --epochs 17"),
        "data csv: 400 training rows, 10 features of 6 columns");
    String report = Files.readString(folder.resolve("run/report.html"));
    assertTrue(report.contains("embarked=&lt;b&gt;Q"), "the report names the feature");
    assertFalse(report.contains("embarked=<b>"), "the report has markup of the data");
    // No feature is that small: where it is 0 it is so in the report.
    assertFalse(
        Pattern.compile("<td>-?[0-9.]+e-").matcher(report).find(), "the report has noise for 0");
  }

  @Test
  void theFirstModelOfAnotherRunKeepsItsValues() throws IOException {
    String data = "train --dataset csv --data @train.csv --label survived --epochs 2";
    assertSuccess(run(data + " --out @run"));
    CommandLineRun other =
        run(
            "train --dataset csv --data @later.csv --label survived --epochs 1 --init"
                + " @run/model.safetensors --out @other");
    assertSays(
        other,
        "column \"embarked\" holds values that are unknown to the model, in 15 of 150 rows: Z;",
        "150 training rows, 10 features of 6 columns");
    CommandLineRun cached =
        run(data + " --storage cache --set dataset.cache=@cache --test @later.csv --out @cached");
    assertSays(
        cached,
        "column \"embarked\" holds values that are unknown to the model, in 15 of 150 rows: Z;",
        "10 features of 6 columns");
  }

  @Test
  void whatBecomesAFeatureCanBeChosen() {
    String train =
        "train --dataset csv --data @train.csv --label survived --epochs 1 --components 4 ";
    assertSays(
        run(train + "--categories pclass,embarked --most-categories 0 --dates number --out @a"),
        "data csv: 400 training rows, 11 features of 6 columns (one per value: pclass, embarked)",
        "columns left out: name (text, ");
    assertSays(
        run(train + "--most-categories 0 --missing drop --out @b"),
        "rows are left out, for they lack a value",
        " training rows, 4 features, 2 classes",
        "--most-categories N takes those of up to N values");
    assertRefused(
        2, run(train + "--missing refuse --out @c"), "row 2", "--missing auto", "--missing drop");
    assertRefused(2, run(train + "--categories port --out @c"), "a column \"port\" of categories");
    assertRefused(2, run(train + "--dates month --out @c"), "dataset.dates", "leave-out, number");
    CommandLineRun describe =
        run("datasets describe csv --data @train.csv --label survived --categories pclass");
    assertSuccess(describe);
    assertTrue(describe.out().contains("features     12 (pclass=1, "), describe.out());
    assertTrue(
        Pattern.compile("sex=female +category +0 ").matcher(describe.out()).find(), describe.out());
    assertTrue(describe.out().contains("left out     when (dates)"), describe.out());
  }
}
