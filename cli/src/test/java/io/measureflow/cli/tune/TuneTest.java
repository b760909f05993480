package io.measureflow.cli.tune;

import static io.measureflow.cli.CommandLineRun.assertRefused;
import static io.measureflow.cli.CommandLineRun.assertSuccess;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.measureflow.cli.CommandLineProcess;
import io.measureflow.cli.CommandLineRun;
import io.measureflow.cli.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TuneTest {

  @TempDir Path folder;
  private Path data = Path.of("");

  @BeforeEach
  void data() throws IOException {
    data = Fixtures.clouds(folder.resolve("train.csv"), 120, 1);
  }

  private Object[] tune(String output, Object... more) {
    var command =
        new ArrayList<Object>(
            List.of(
                "tune", "--dataset", "csv", "--data", data, "--output", folder.resolve(output)));
    command.addAll(List.of(more));
    return command.toArray();
  }

  private Object[] small(String output, Object... more) {
    var command =
        new ArrayList<Object>(
            List.of(
                "--try",
                "learning-rate=1e-3:1e6:log",
                "--try",
                "components=4,8",
                "--trials",
                9,
                "--epochs",
                6,
                "--batch",
                32));
    command.addAll(List.of(more));
    return tune(output, command.toArray());
  }

  private List<List<String>> trials(String output) throws IOException {
    return Files.readAllLines(folder.resolve(output).resolve("trials.csv")).stream()
        .skip(1)
        .map(line -> List.of(line.split(",", -1)))
        .toList();
  }

  @Test
  void theBestSettingsAreFoundAndCanBeTrained() throws IOException {
    Path out = folder.resolve("search");
    CommandLineRun run = CommandLineRun.of(small("search"));
    assertSuccess(run);
    assertEquals(
        List.of(
            ".lock",
            "best.conf",
            "search.json",
            "settings.conf",
            "trials.csv",
            "tune.html",
            "tune.svg"),
        Fixtures.files(out));
    List<List<String>> rows = trials("search");
    // 9 trials of 1 epoch, 3 of 2 and 1 of all 6.
    assertEquals(
        List.of(9L, 3L, 1L),
        List.of("1", "2", "3").stream()
            .map(round -> rows.stream().filter(row -> row.getFirst().equals(round)).count())
            .toList());
    List<String> last = rows.getLast();
    assertEquals("6", last.get(2));
    // A learning rate of which all predictions are finite and most are right.
    assertTrue(Double.parseDouble(last.get(7)) < 10, last.toString());
    assertTrue(Double.parseDouble(last.get(6)) > 0.6, last.toString());
    // The survivors are the best of their round.
    List<Double> first =
        rows.subList(0, 9).stream()
            .map(row -> row.get(4).isEmpty() ? Double.MAX_VALUE : Double.parseDouble(row.get(4)))
            .sorted()
            .toList();
    List<String> survivors =
        rows.subList(9, 12).stream().map(row -> row.get(1)).collect(Collectors.toList());
    assertEquals(
        first.subList(0, 3),
        survivors.stream()
            .map(
                trial ->
                    rows.stream()
                        .filter(row -> row.get(1).equals(trial))
                        .mapToDouble(row -> Double.parseDouble(row.get(4)))
                        .findFirst()
                        .orElseThrow())
            .toList());

    // The same rows are held out again, so the run repeats the trial to the last bit.
    Path again = folder.resolve("again");
    assertSuccess(CommandLineRun.of("train", "--config", out.resolve("best.conf"), "--out", again));
    JsonNode metrics =
        JsonMapper.builder().build().readTree(again.resolve("metrics.json").toFile());
    assertEquals("validation", metrics.path("part").asText());
    assertEquals(
        Double.parseDouble(last.get(4)),
        metrics.path("classification").path("log_loss").asDouble());
    assertEquals(
        Double.parseDouble(last.get(6)),
        metrics.path("classification").path("accuracy").asDouble());

    String command =
        run.out().lines().filter(line -> line.startsWith("on all rows")).findFirst().orElseThrow();
    List<String> typed = List.of(command.split("\\s+"));
    var words = new ArrayList<Object>(typed.subList(typed.indexOf("train"), typed.size()));
    words.addAll(List.of("--out", folder.resolve("all")));
    assertSuccess(CommandLineRun.of(words.toArray()));
    assertTrue(
        Files.readAllLines(folder.resolve("all/metrics.csv")).getLast().contains(",120,"),
        "all 120 rows");
  }

  @Test
  void aTrialThatPausesIsOneThatDoesNot() throws IOException {
    assertSuccess(
        CommandLineRun.of(
            tune(
                "paused",
                "--try",
                "components=4,8,16",
                "--reduction",
                3,
                "--least",
                2,
                "--epochs",
                7)));
    assertSuccess(
        CommandLineRun.of(
            tune("whole", "--try", "components=4,8,16", "--least", 7, "--epochs", 7)));
    List<String> last = trials("paused").getLast();
    List<String> same =
        trials("whole").stream()
            .filter(row -> row.get(1).equals(last.get(1)))
            .findFirst()
            .orElseThrow();
    assertEquals(last.subList(1, 8), same.subList(1, 8));
  }

  @Test
  void testRowsAreNeverLookedAt() throws IOException {
    Path first = Fixtures.clouds(folder.resolve("first.csv"), 30, 5);
    Path second = Fixtures.clouds(folder.resolve("second.csv"), 60, 6);
    for (Path test : List.of(first, second)) {
      String name = String.valueOf(test.getFileName());
      assertSuccess(CommandLineRun.of(small(name + "-search", "--test", test, "--folds", 3)));
    }
    assertEquals(trials("first.csv-search"), trials("second.csv-search"));
  }

  @Test
  void theSameCommandGoesOnAndAnotherIsRefused() throws IOException {
    Path out = folder.resolve("search");
    assertSuccess(CommandLineRun.of(small("search")));
    String whole = Files.readString(out.resolve("trials.csv"));
    List<String> lines = Files.readAllLines(out.resolve("trials.csv"));
    for (int kept : new int[] {14, 12, 10, 5, 1}) {
      Files.writeString(
          out.resolve("trials.csv"), String.join("\n", lines.subList(0, kept)) + "\n");
      // The file of a writer that was killed.
      Files.writeString(out.resolve(".trials.csv.1-1.partial"), "half");
      CommandLineRun run =
          kept == 5
              ? CommandLineRun.of("tune", "--resume", out)
              : CommandLineRun.of(small("search"));
      assertSuccess(run);
      assertEquals(
          14 - kept,
          run.err().lines().filter(line -> line.startsWith("round ")).count(),
          run.err());
      assertEquals(whole, Files.readString(out.resolve("trials.csv")));
    }
    assertRefused(
        2, CommandLineRun.of(small("search", "--seed", 2)), "was begun there", "--resume");
    assertRefused(2, CommandLineRun.of(small("search", "--folds", 3)), "was begun there");
    Fixtures.clouds(data, 90, 1);
    assertRefused(2, CommandLineRun.of("tune", "--resume", out), "was begun there", "\"data\"");
    assertRefused(2, CommandLineRun.of("tune", "--resume", out, "--epochs", 3), "no other options");
    assertRefused(2, CommandLineRun.of("tune", "--resume", folder.resolve("no")), "no such folder");
    assertRefused(2, CommandLineRun.of("tune", "--resume", folder), "a folder without one");
  }

  private Object[] longer(String output) {
    return tune(
        output, "--try", "learning-rate=1e-3:1:log", "--trials", 9, "--epochs", 60, "--batch", 4);
  }

  @Tag("slow")
  @Test
  void aSearchThatIsKilledEndsAsIfNothingHadHappened() throws Exception {
    Path out = folder.resolve("killed");
    Object[] command = longer("killed");
    CommandLineProcess process = CommandLineProcess.logging(folder.resolve("log")).start(command);
    process.await(
        () -> {
          try {
            return Files.readAllLines(out.resolve("trials.csv")).size() > 4;
          } catch (IOException e) {
            return false; // There is no such file yet.
          }
        });
    process.kill();
    assertTrue(trials("killed").size() < 13, process::printed);
    assertSuccess(CommandLineRun.of("tune", "--resume", out));
    assertSuccess(CommandLineRun.of(longer("whole")));
    assertEquals(
        Files.readString(folder.resolve("whole/trials.csv")),
        Files.readString(out.resolve("trials.csv")));
  }

  @Test
  void aSearchInWhichEveryTrialDivergesSaysSo() {
    CommandLineRun run =
        CommandLineRun.of(
            tune(
                "search",
                "--try",
                "learning-rate=1e20,1e25",
                "--flow",
                "wasserstein",
                "--epochs",
                3));
    assertEquals(1, run.exitCode(), run.err());
    assertTrue(run.err().contains("all 2 trials diverged"), run.err());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "lerning-rate=0.1,0.2; training.learning-rate",
        "components=4,many; many",
        "components=0:8; at least 1",
        "family=diagonal,gaussian; gaussian",
        "learning-rate=-1,1; above 0",
        "learning-rate=1:1e-3; Exchange the ends",
        "learning-rate=0:1:log; above 0",
        "learning-rate=; none",
        "flow-options.beta1=0.9; flow-options",
        "training.flow-options.gamma=0.9,0.8; gamma",
        "epochs=5,10; --epochs",
        "seed=1,2; --seeds",
        "scaling=none,standardise; of the data",
        "threads=1,2; of the computation",
        "init=a,b; model or training",
        "validation=0.1,0.2; --folds"
      })
  void whatCannotBeTriedIsRefusedBeforeAnyTraining(String tried, String mentions) {
    assertRefused(2, CommandLineRun.of(tune("search", "--try", tried)), mentions);
    assertFalse(Files.exists(folder.resolve("search")));
  }

  @ParameterizedTest
  @CsvSource({
    "--trials, 0, from 1",
    "--trials, many, from 1",
    "--reduction, 1, from 2",
    "--least, 0, at least 1",
    "--least, 9, 6",
    "--folds, 1, at least 2",
    "--folds, 121, from 2 to 120",
    "--validation, 0, above 0",
    "--metric, r2, log-loss",
    "--metric, roc-auc, classes",
    "--metric, best, accuracy"
  })
  void whatIsNoSearchIsRefused(String option, String value, String mentions) {
    var command = new ArrayList<Object>(List.of(small("search")));
    int at = command.indexOf(option);
    if (at >= 0) {
      command.subList(at, at + 2).clear();
    }
    command.addAll(List.of(option, value));
    assertRefused(2, CommandLineRun.of(command.toArray()), option.substring(2), mentions);
    assertFalse(Files.exists(folder.resolve("search")));
  }

  @Test
  void aSettingIsEitherFixedOrVaried() {
    assertRefused(2, CommandLineRun.of(small("search", "--components", 4)), "fixed");
    assertRefused(2, CommandLineRun.of(small("search", "--set", "model.components=4")), "fixed");
    assertRefused(2, CommandLineRun.of(tune("search")), "at least one setting");
  }

  @Test
  void realTargetsAreJudgedInFolds() throws IOException {
    var text = new StringBuilder("x,y,z\n");
    for (int i = 0; i < 60; i++) {
      text.append(i % 7).append(',').append(i % 5).append(',').append(0.5 + i % 7 - i % 5);
      text.append('\n');
    }
    data = Files.writeString(folder.resolve("real.csv"), text.toString());
    CommandLineRun run =
        CommandLineRun.of(
            tune(
                "search",
                "--label",
                "z",
                "--metric",
                "r2",
                "--folds",
                3,
                "--try",
                "components=8,16,32",
                "--epochs",
                30));
    assertSuccess(run);
    assertTrue(run.err().contains("judged by R2 in 3 folds"), run.err());
    List<String> header =
        List.of(Files.readAllLines(folder.resolve("search/trials.csv")).getFirst().split(","));
    assertEquals(
        List.of("round", "trial", "epochs", "kept_epoch", "score_r2", "loss", "rmse", "components"),
        header);
    // Higher is better.
    List<List<String>> rows = trials("search");
    double best =
        rows.stream()
            .filter(row -> row.getFirst().equals("1"))
            .mapToDouble(row -> Double.parseDouble(row.get(4)))
            .max()
            .orElseThrow();
    String winner = rows.getLast().get(1);
    assertTrue(
        rows.stream()
            .anyMatch(
                row ->
                    row.getFirst().equals("1")
                        && row.get(1).equals(winner)
                        && Double.parseDouble(row.get(4)) == best));
    String page = Files.readString(folder.resolve("search/tune.html"));
    assertFalse(page.contains("http://") || page.contains("https://"), "it loads nothing");
    assertTrue(Files.readString(folder.resolve("search/tune.svg")).contains("components"));
  }
}
