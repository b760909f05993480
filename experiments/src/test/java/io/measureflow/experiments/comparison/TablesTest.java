package io.measureflow.experiments.comparison;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.experiments.report.Report;
import io.measureflow.experiments.report.ReportFiles;
import io.measureflow.experiments.results.Results;
import io.measureflow.experiments.results.Run;
import io.measureflow.experiments.runner.Laboratory;
import io.measureflow.experiments.testing.Clouds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TablesTest {

  private static final String PEERS =
      """
      table,seed,kind,rows,features,classes,method,score,seconds
      clouds,0,classes,900,5,3,mlp,0.5,1.5
      clouds,0,classes,900,5,3,svm,0.25,0.1
      clouds,1,classes,900,5,3,mlp,0.7,1.5
      """;

  @TempDir private Path data;

  private Laboratory laboratory(List<String> asked) {
    return new Laboratory(
        Clouds.backend(),
        data::resolve,
        request -> {
          asked.add(request.data().orElseThrow().getFileName() + " " + request.columns().labels());
          return new Clouds(600, 300);
        });
  }

  @Test
  void trainsOnEachSplitAndTakesTheScoresOfOthersWithIt() throws IOException {
    Files.createDirectories(data.resolve("tables"));
    Files.writeString(data.resolve("tables/peers.csv"), PEERS);
    var tables = new Tables(new Tables.Plan(List.of("clouds"), 2));
    var asked = new ArrayList<String>();
    var rows = new ArrayList<Results.Row>();
    try (Laboratory laboratory = laboratory(asked)) {
      for (Run run : tables.plan(new Results(List.of()))) {
        tables
            .perform(run, laboratory)
            .forEach(
                measured -> {
                  var cells = new LinkedHashMap<String, String>(Map.of("table", "clouds"));
                  cells.put(Run.SEED, String.valueOf(run.seed()));
                  cells.putAll(measured.cells());
                  rows.add(new Results.Row(cells));
                });
      }
    }
    var results = new Results(rows);
    assertEquals(List.of("clouds-0-train.csv [target]", "clouds-1-train.csv [target]"), asked);
    assertEquals(
        List.of("measureflow", "mlp", "svm", "measureflow", "mlp"),
        rows.stream().map(row -> row.text("method")).toList());
    // The three clouds lie apart.
    double ours = results.where("method", "measureflow").sample("score").mean();
    assertTrue(ours > 0.9 && ours <= 1, "" + ours);
  }

  private static Results.Row row(
      String table, String kind, int seed, String method, double score, double seconds) {
    var cells = new LinkedHashMap<String, String>();
    cells.put("table", table);
    cells.put(Run.SEED, String.valueOf(seed));
    cells.put("kind", kind);
    cells.put("rows", "900");
    cells.put("features", "5");
    cells.put("classes", kind.equals("real") ? "0" : "3");
    cells.put("method", method);
    cells.put("score", String.valueOf(score));
    cells.put("seconds_of_method", String.valueOf(seconds));
    return new Results.Row(cells);
  }

  @Test
  void reportsMeansOverSplitsAndWhereItIsBehind() {
    var results =
        new Results(
            List.of(
                row("clouds", "classes", 0, "measureflow", 0.5, 2),
                row("clouds", "classes", 0, "mlp", 0.5, 1),
                row("clouds", "classes", 0, "svm", 0.6, 1),
                row("clouds", "classes", 1, "measureflow", 0.7, 4),
                row("clouds", "classes", 1, "mlp", 0.6, 1),
                row("clouds", "classes", 1, "svm", 0.7, 1),
                row("slope", "real", 0, "measureflow", 0.4, 1),
                row("slope", "real", 0, "mlp", 0.48, 1),
                row("slope", "real", 1, "measureflow", 0.5, 1),
                row("slope", "real", 1, "mlp", 0.48, 1)));
    var report = new Report("Tables");
    new Tables(new Tables.Plan(List.of("clouds", "slope"), 2)).report(results, report);
    String text = ReportFiles.markdown(report);
    // By hand: +5 and -3 points against the network; -5 and -3 against the best.
    assertTrue(text.contains("score +1.0 points against scikit-learn's network"), text);
    assertTrue(text.contains("and -4.0 against the best of four"), text);
    assertTrue(text.contains("ahead on 1 tables and behind"), text);
    assertTrue(text.contains("or 0.02 of R2 on 1 (slope)"), text);
    assertTrue(text.contains("took 2.0 seconds at the median and 3.0 at most"), text);
    assertTrue(
        text.contains("| clouds | 900 | 5 | 3 | 60.0 ± 14.1 | 55.0 | 65.0 | – | – | -5.0 | 3.0 |"),
        text);
    assertTrue(
        text.contains("| slope | 900 | 5 | – | 0.450 ± 0.071 | 0.480 | – | – | – | -0.030 | 1.0 |"),
        text);
  }

  @Test
  void saysHowToMakeTheTables() {
    var tables = new Tables(new Tables.Plan(List.of("clouds"), 1));
    Run run = tables.plan(new Results(List.of())).getFirst();
    try (Laboratory laboratory = laboratory(new ArrayList<>())) {
      var error =
          assertThrows(InvalidRequestException.class, () -> tables.perform(run, laboratory));
      assertTrue(
          String.valueOf(error.getMessage()).contains("experiments/src/main/python/tables.py"),
          error.getMessage());
    }
  }
}
