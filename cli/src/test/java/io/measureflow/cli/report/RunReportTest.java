package io.measureflow.cli.report;

import static io.measureflow.cli.CommandLineRun.assertRefused;
import static io.measureflow.cli.CommandLineRun.assertSuccess;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.cli.CommandLineRun;
import io.measureflow.cli.Fixtures;
import io.measureflow.plots.Html;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunReportTest {

  private static final String HOSTILE = "<script>alert(1)</script>";

  @TempDir Path folder;

  private Path run() {
    return folder.resolve("run");
  }

  private String train(Object... further) throws IOException {
    var words = new ArrayList<Object>(List.of("train", "--dataset", "csv", "--threads", 1));
    words.addAll(List.of("--out", run(), "--components", 8));
    words.addAll(List.of(further));
    assertSuccess(CommandLineRun.of(words.toArray()));
    return page();
  }

  private String page() throws IOException {
    return Files.readString(run().resolve("report.html"));
  }

  /** Returns the columns y0, y1, ... that predict writes for a table. */
  private double[][] predicted(Path rows) throws IOException {
    Path output = folder.resolve("predicted.csv");
    Path model = run().resolve("model.safetensors");
    assertSuccess(
        CommandLineRun.of(
            "predict",
            "--model",
            model,
            "--input",
            rows,
            "--output",
            output,
            "--columns",
            "outputs"));
    return Files.readAllLines(output).stream()
        .skip(1)
        .map(line -> Arrays.stream(line.split(",")).mapToDouble(Double::parseDouble).toArray())
        .toArray(double[][]::new);
  }

  private static List<String> all(String pattern, String text) {
    return Pattern.compile(pattern).matcher(text).results().map(found -> found.group(1)).toList();
  }

  /** Returns the figure of a tile. */
  private static String tile(String page, String name) {
    Matcher found =
        Pattern.compile("<dt>" + Pattern.quote(name) + "</dt>\\s*<dd>([^<]*)</dd>").matcher(page);
    assertTrue(found.find(), name);
    return found.group(1);
  }

  @Test
  void theConfusionMatrixCountsThePredictions() throws IOException {
    Path train = Fixtures.clouds(folder.resolve("train.csv"), 300, 1);
    Path test = Fixtures.clouds(folder.resolve("test.csv"), 120, 2);
    String page = train("--data", train, "--test", test, "--label", "label", "--epochs", 3);
    double[][] outputs = predicted(test);
    int[][] expected = new int[3][3];
    for (int i = 0; i < outputs.length; i++) {
      int best = 0;
      for (int j = 1; j < 3; j++) {
        best = outputs[i][j] > outputs[i][best] ? j : best;
      }
      expected[i % 3][best]++;
    }
    List<Integer> counts =
        all("<td class=\"(?:none|right|wrong)\"[^>]*>([^<]*)</td>", page).stream()
            .map(text -> text.equals("·") ? 0 : Integer.parseInt(text))
            .toList();
    assertEquals(Arrays.stream(expected).flatMapToInt(Arrays::stream).boxed().toList(), counts);
    int right = expected[0][0] + expected[1][1] + expected[2][2];
    assertEquals(
        String.format(Locale.ROOT, "%.2f %%", 100.0 * right / 120), tile(page, "Test accuracy"));
    assertTrue(page.contains("<h1>train.csv</h1>"), page);
    assertTrue(page.contains("measureflow train --config "), page);

    // Written again from the folder, it is the same page.
    Files.delete(run().resolve("report.html"));
    assertSuccess(CommandLineRun.of("report", run()));
    assertEquals(page, page());
  }

  @Test
  void theCalibrationErrorIsThatOfTheProbabilities() throws IOException {
    Path train = Fixtures.clouds(folder.resolve("train.csv"), 300, 1);
    Path test = Fixtures.clouds(folder.resolve("test.csv"), 120, 2);
    String page = train("--data", train, "--test", test, "--label", "label", "--epochs", 2);
    double[][] outputs = predicted(test);
    double[] gap = new double[15];
    for (int i = 0; i < outputs.length; i++) {
      double[] logits = outputs[i];
      double most = Arrays.stream(logits).max().orElseThrow();
      double probability = 1 / Arrays.stream(logits).map(v -> Math.exp(v - most)).sum();
      gap[(int) Math.min(14, Math.floor(15 * probability))] +=
          probability - (logits[i % 3] == most ? 1 : 0);
    }
    double error = Arrays.stream(gap).map(Math::abs).sum() / outputs.length;
    assertTrue(
        page.contains(String.format(Locale.ROOT, "equal bins: %.2f %%.", 100 * error)),
        () -> error + " in " + page);
  }

  /** A model may come from anywhere: what it says of its making reads no other file. */
  @Test
  void theProvenanceIsJsonAndNothingElse() throws IOException {
    Path other = Files.writeString(folder.resolve("other.conf"), "seed = 7\n");
    assertTrue(RunReport.json("include file(\"" + other + "\")").isEmpty());
    assertTrue(RunReport.json("{\"seed\": ${x}}").isEmpty());
    assertEquals(3, RunReport.json("{\"seed\": 3}").getInt("seed"));
  }

  @Test
  void otherDataThanThoseOfTheRunAreRefused() throws IOException {
    Path train = Fixtures.clouds(folder.resolve("train.csv"), 300, 1);
    train("--data", train, "--label", "label", "--epochs", 1);
    Fixtures.clouds(train, 300, 2);
    assertRefused(2, CommandLineRun.of("report", run()), "fingerprint", "They changed since");
  }

  @Test
  void realTargetsAreInTheirOwnUnits() throws IOException {
    var random = new SplittableRandom(3);
    var text = new StringBuilder("a,b,y\n");
    double[] truth = new double[200];
    for (int i = 0; i < truth.length; i++) {
      double a = random.nextGaussian();
      double b = random.nextGaussian();
      truth[i] = 5000 + 300 * a + 50 * b * b + 0.5;
      text.append(a).append(',').append(b).append(',').append(truth[i]).append('\n');
    }
    Path data = Files.writeString(folder.resolve("data.csv"), text);
    String page = train("--data", data, "--test", data, "--label", "y", "--epochs", 20);
    double mean = Arrays.stream(truth).average().orElseThrow();
    double variance = Arrays.stream(truth).map(y -> (y - mean) * (y - mean)).average().orElse(0);
    double r2 = Double.parseDouble(tile(page, "R²"));
    double rmse = Double.parseDouble(tile(page, "RMSE"));
    assertTrue(Math.abs(1 - rmse * rmse / variance - r2) <= 2e-3, r2 + " and " + rmse);
    assertTrue(rmse > 1 && rmse < 400, String.valueOf(rmse));
    assertTrue(page.contains("Predicted against true: y"), page);
    assertTrue(page.contains("The largest errors"), page);
  }

  @Test
  void wordsOfTheDataAreEscaped() throws IOException {
    var random = new SplittableRandom(5);
    var text = new StringBuilder(HOSTILE + ",\"b\"\"><img src=x onerror=alert(2)>\",label\n");
    for (int i = 0; i < 60; i++) {
      text.append(random.nextGaussian() + i % 2).append(',').append(random.nextGaussian());
      text.append(i % 2 == 0 ? ",</style><script>\n" : ",'\" onload=alert(3)\n");
    }
    Path data = Files.writeString(folder.resolve("<b>&.csv"), text);
    String page = train("--data", data, "--label", "label", "--epochs", 1);
    assertFalse(page.contains("<script"), page);
    assertFalse(page.contains("<img src=x"), page);
    assertFalse(page.contains("<b>"), page);
    assertEquals(1, all("(</style>)", page).size());
    assertTrue(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), page);
    assertTrue(page.contains("<h1>&lt;b&gt;&amp;.csv</h1>"), page);
  }

  @Test
  void nothingIsLoadedFromElsewhere() throws IOException {
    assertSuccess(
        CommandLineRun.of(
            "train", "--epochs", 1, "--components", 4, "--threads", 1, "--out", run()));
    String page = page();
    assertTrue(page.length() < 2_000_000, String.valueOf(page.length()));
    for (String address : all("(?:src|href)=\"([^\"]*)\"", page)) {
      assertTrue(address.startsWith("data:image/png;base64,") || address.startsWith("#"), address);
    }
    assertFalse(page.contains("url("), page);
    assertFalse(page.contains("@import"), page);
    assertEquals(all("(<img )", page).size(), all("<img alt=\"([^\"]+)\"", page).size());
    assertTrue(page.contains("Component 0, mean"), page);
  }

  /** The run is evil, not only its data: whatever stands in metrics.csv is drawn. */
  @Test
  void anyMetricsAreDrawn() throws IOException {
    Path data = Fixtures.clouds(folder.resolve("train.csv"), 60, 1);
    train("--data", data, "--label", "label", "--epochs", 1);
    Path metrics = run().resolve("metrics.csv");
    String header = Files.readAllLines(metrics).getFirst();
    String row = "%d,0.1,%s,0.5,,,%s,0.5,60,0.1,0.1,,,,,\n";
    for (String loss : List.of("1e15", "1.7e308", "NaN", "Infinity", "-Infinity", "-1.7e308", "")) {
      Files.writeString(
          metrics, header + "\n" + row.formatted(1, "1", "1") + row.formatted(2, loss, "2"));
      assertSuccess(CommandLineRun.of("report", run()));
      assertTrue(page().contains("Learning curves"), loss);
      assertSuccess(CommandLineRun.of("plot", run(), "--output", folder.resolve("plot.png")));
    }
  }

  @Test
  void whatIsNoRunIsRefused() throws IOException {
    assertRefused(2, CommandLineRun.of("report", folder.resolve("no")), "no such folder");
    assertRefused(2, CommandLineRun.of("report", folder), "a folder without one");
  }

  /** Where Chromium is installed: nothing reaches beyond a narrow or a wide window. */
  @Test
  void thePageFitsNarrowAndWideWindows() throws Exception {
    Assumptions.assumeTrue(
        Arrays.stream(String.valueOf(System.getenv("PATH")).split(":"))
            .anyMatch(path -> Files.isExecutable(Path.of(path, "chromium"))));
    Path data = Fixtures.clouds(folder.resolve("train.csv"), 120, 1);
    String page = train("--data", data, "--label", "label", "--epochs", 3);
    for (int width : new int[] {360, 1600}) {
      // A window of the browser itself cannot be as narrow as a telephone.
      Path frame =
          Files.writeString(
              folder.resolve("frame.html"),
              "<!DOCTYPE html><iframe id=f style=\"width:"
                  + width
                  + "px;height:800px;border:0\" srcdoc=\""
                  + Html.escaped(page)
                  + "\"></iframe><script>onload=()=>{let d=document.getElementById('f')"
                  + ".contentDocument.documentElement;document.title="
                  + "d.clientWidth+' '+d.scrollWidth}</script>");
      Path out = folder.resolve("dom.html");
      Process process =
          new ProcessBuilder(
                  "chromium",
                  "--headless",
                  "--no-sandbox",
                  "--disable-gpu",
                  "--user-data-dir=" + folder.resolve("profile"),
                  "--virtual-time-budget=2000",
                  "--dump-dom",
                  frame.toUri().toString())
              .redirectOutput(out.toFile())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      boolean ended = process.waitFor(120, TimeUnit.SECONDS);
      process.destroyForcibly().waitFor();
      Assumptions.assumeTrue(ended && process.exitValue() == 0, "Chromium does not run here");
      Matcher title =
          Pattern.compile("<title>(\\d+) (\\d+)</title>").matcher(Files.readString(out));
      assertTrue(title.find());
      assertTrue(Integer.parseInt(title.group(1)) > width - 30, title.group());
      assertEquals(title.group(1), title.group(2), "width " + width);
    }
  }
}
