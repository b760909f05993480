package io.measureflow.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * One extension of each kind, found in the service files of this module, or bound by {@link
 * ExampleModule} under names that begin with {@code bound-}: each is trained with, evaluated,
 * predicted with and benchmarked.
 */
@ResourceLock(Resources.SYSTEM_OUT)
class EveryKindTest {

  private static final String FOUND = "";
  private static final String BOUND = "bound-";

  @TempDir Path folder;

  private String measureflow(String prefix, Object... arguments) throws IOException {
    var all = new ArrayList<>(Arrays.asList(arguments));
    if (prefix.equals(BOUND)) {
      all.addAll(List.of("--set", "modules=[\"" + ExampleModule.class.getName() + "\"]"));
    }
    return CommandLine.measureflow(all.toArray());
  }

  private static void assertContains(String text, String... parts) {
    for (String part : parts) {
      assertTrue(text.contains(part), () -> "expected \"" + part + "\" in: " + text);
    }
  }

  @Test
  void theHelpOfPredictListsFormatsFromOutside() throws IOException, InterruptedException {
    assertContains(measureflow(FOUND, "predict", "--help"), "parquet", "jsonl");
  }

  @ParameterizedTest
  @ValueSource(strings = {FOUND, BOUND})
  void classesOfADataset(String prefix) throws IOException {
    String backend = prefix + "tracing";
    Path run = folder.resolve("run");
    String trained =
        measureflow(
            prefix,
            "train",
            "--dataset",
            prefix + "spirals",
            "--layers",
            prefix + "scale,gm:" + prefix + "tied:12:activation=" + prefix + "bump",
            "--flow",
            prefix + "lion",
            "--set",
            "training.flow-options.beta1=0.8",
            "--epochs",
            40,
            "--batch",
            100,
            "--learning-rate",
            0.02,
            "--backend",
            backend,
            "--out",
            run);
    assertContains(
        trained,
        prefix + "scale",
        "12 " + prefix + "tied " + prefix + "bump",
        "backend " + backend);
    assertContains(
        Files.readString(run.resolve("config.conf")), prefix + "lion", "0.8", prefix + "spirals");
    Path model = run.resolve("model.safetensors");
    String result =
        measureflow(
            prefix,
            "evaluate",
            "--model",
            model,
            "--dataset",
            prefix + "spirals",
            "--backend",
            backend);
    // One class for all would be 50 %.
    double accuracy =
        Double.parseDouble(result.replaceFirst("(?s).*accuracy +([0-9.]+) %.*", "$1"));
    assertTrue(accuracy > 80, result);
    Path points = folder.resolve("points." + prefix + "jsonl");
    Files.writeString(points, "{\"x\": 0.5, \"y\": 0}\n{\"x\": -0.5, \"y\": 1e-1}\n");
    Path outputs = folder.resolve("outputs." + prefix + "jsonl");
    measureflow(
        prefix,
        "predict",
        "--model",
        model,
        "--input",
        points,
        "--output",
        outputs,
        "--columns",
        "outputs,variance",
        "--backend",
        backend);
    List<String> rows = Files.readAllLines(outputs);
    assertEquals(2, rows.size());
    String number = "-?[0-9.]+(E-?[0-9]+)?";
    assertTrue(
        rows.getFirst()
            .matches(
                "\\{\"y0\": N, \"y1\": N, \"variance0\": N, \"variance1\": N}"
                    .replace("N", number)),
        rows.getFirst());
  }

  @ParameterizedTest
  @ValueSource(strings = {FOUND, BOUND})
  void numbersOfATable(String prefix) throws IOException {
    String format = prefix + "jsonl";
    Path table = folder.resolve("line." + format);
    var text = new StringBuilder();
    for (int i = 0; i < 64; i++) {
      double x = i / 32.0 - 1;
      text.append("{\"x\": ").append(x).append(", \"label\": ").append(2 * x).append("}\n");
    }
    Files.writeString(table, text);
    Path run = folder.resolve("run");
    String trained =
        measureflow(
            prefix,
            "train",
            "--dataset",
            format,
            "--data",
            table,
            "--family",
            prefix + "tied",
            "--components",
            8,
            "--set",
            "training.loss=" + prefix + "pinball",
            "--set",
            "training.loss-options.quantile=0.5",
            "--epochs",
            100,
            "--batch",
            16,
            "--learning-rate",
            0.2,
            "--backend",
            prefix + "tracing",
            "--out",
            run);
    assertContains(trained, "8 " + prefix + "tied relu");
    assertContains(Files.readString(run.resolve("config.conf")), prefix + "pinball");
    Path model = run.resolve("model.safetensors");
    assertContains(
        measureflow(prefix, "evaluate", "--model", model, "--dataset", format, "--data", table),
        "loss");
    Path outputs = folder.resolve("outputs.csv");
    measureflow(prefix, "predict", "--model", model, "--input", table, "--output", outputs);
    List<String> rows = Files.readAllLines(outputs);
    assertEquals(65, rows.size());
    for (int i = 0; i < 64; i++) {
      double x = i / 32.0 - 1;
      double found = Double.parseDouble(rows.get(i + 1));
      assertTrue(Math.abs(found - 2 * x) <= 0.3, "x = " + x + ": " + found);
    }
    Path csv = folder.resolve("line.csv");
    measureflow(prefix, "datasets", "convert", format, "--data", table, "--output", csv);
    assertEquals("x,label", Files.readAllLines(csv).getFirst());
    Path back = folder.resolve("back." + format);
    measureflow(prefix, "datasets", "convert", "csv", "--data", csv, "--output", back);
    assertEquals(Files.readString(table), Files.readString(back));
  }

  @ParameterizedTest
  @ValueSource(strings = {FOUND, BOUND})
  void timesAndLists(String prefix) throws IOException {
    String line =
        measureflow(
            prefix,
            "bench",
            "step",
            "--families",
            prefix + "tied",
            "--backend",
            prefix + "tracing",
            "--components",
            2,
            "--batch",
            4,
            "--inputs",
            3,
            "--outputs",
            2,
            "--seconds",
            0.01,
            "--warmup",
            0.01);
    assertContains(line, prefix + "tied", prefix + "tracing", "median");
    assertTrue(
        line.matches("(?s).*backend " + prefix + "tracing ran programs [0-9,]{2,} times.*"), line);
    String layers = prefix + "scale,gm:" + prefix + "tied:3:activation=" + prefix + "bump";
    String stack =
        measureflow(
            prefix,
            "bench",
            "step",
            "--layers",
            layers,
            "--loss",
            prefix + "pinball",
            "--flow",
            prefix + "lion",
            "--batch",
            4,
            "--inputs",
            3,
            "--outputs",
            2,
            "--seconds",
            0.01,
            "--warmup",
            0);
    assertContains(stack, layers, "flow=" + prefix + "lion loss=" + prefix + "pinball", "median");
  }

  /** What a module binds is not there without the module. */
  @Test
  void withoutTheModuleThereAreNoBoundNames() throws IOException {
    String found = CommandLine.exitsWith(2, "train", "--family", "bound-tied", "--epochs", 1);
    assertContains(found, "bound-tied", "antithetic", "tied");
    assertFalse(found.contains("\tat "), found);
  }
}
