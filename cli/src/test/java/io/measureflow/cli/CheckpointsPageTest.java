package io.measureflow.cli;

import static io.measureflow.cli.CommandLineRun.assertSuccess;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.activation.Activation;
import io.measureflow.api.registry.Extensions;
import io.measureflow.core.activations.Activations;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The program in docs/checkpoints.md predicts what the reference backend predicts. */
class CheckpointsPageTest {

  private static final Path PAGE = Path.of("..", "docs", "checkpoints.md");
  private static final Pattern PROGRAM = Pattern.compile("```python\n(.*?)```", Pattern.DOTALL);
  private static final String[] FEATURES = {"a", "b", "c", "d"};

  /** The outputs to fetch for the last layer. */
  private static final List<String> OUTPUTS = List.of();

  @TempDir Path folder;

  private Path program;

  @BeforeAll
  static void requireNumpy() {
    String found;
    try {
      found = run(List.of("python3", "-c", "import numpy; print(numpy.__version__)"));
    } catch (IOException e) {
      found = String.valueOf(e.getMessage());
    }
    Assumptions.assumeTrue(
        found.strip().matches("\\d+\\.\\d+.*"), "no python3 with numpy here: " + found);
  }

  @BeforeEach
  void takeTheProgramFromThePage() throws IOException {
    Matcher example = PROGRAM.matcher(Files.readString(PAGE));
    assertTrue(example.find(), PAGE + " has no Python program");
    program = Files.writeString(folder.resolve("program.py"), example.group(1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"dirac", "isotropic", "diagonal", "factored", "full"})
  void familiesOnAStandardisedTableWithMissingValues(String family) throws IOException {
    List<String> options = List.of("--family", family, "--scaling", "standardise");
    assertSamePredictions(train(table(1, 60, true), options, "--missing", "mean"));
  }

  static Stream<String> activations() {
    return Stream.concat(
        // Other classes on the class path are not part of the library.
        Extensions.onClassPath().of(Activation.KIND).names().stream()
            .filter(CheckpointsPageTest::isOfTheLibrary),
        Stream.of("leaky_relu(0.25)", "tanh(16)"));
  }

  private static boolean isOfTheLibrary(String activation) {
    return Activation.of(activation, Extensions.onClassPath(), "test")
        .getClass()
        .getPackageName()
        .equals(Activations.class.getPackageName());
  }

  @ParameterizedTest
  @MethodSource("activations")
  void activations(String activation) throws IOException {
    List<String> options = List.of("--family", "factored", "--rank", "2");
    assertSamePredictions(train(table(2, 60, false), options, "--activation", activation));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "gm:diagonal:4x5,dense:3",
        "dense:5:activation=relu,gm:factored:3x2:rank=2:bias=false,dense:3:bias=false",
        "gm:full:3x2,gm:isotropic:4x3:activation=tanh"
      })
  void stacks(String layers) throws IOException {
    List<String> options = List.of("--layers", layers, "--scaling", "standardise");
    assertSamePredictions(train(table(3, 60, false), options));
  }

  @Test
  void valuesScaledToTheUnitInterval() throws IOException {
    assertSamePredictions(
        train(bytes(), List.of("--family", "factored"), "--scaling", "unit", "--missing", "mean"),
        bytes());
  }

  @Test
  void float32AndWeightsThatMoved() throws IOException {
    List<String> options = List.of("--family", "diagonal", "--backend", "simd");
    assertSamePredictions(train(table(4, 60, false), options, "--train", "means, spread, weights"));
  }

  /** Without values that training would have written: equal weights, unscaled inputs, points. */
  @Test
  void columnsOfTextWithUnknownValues() throws IOException {
    var text = new StringBuilder("a,color,label\n");
    for (int i = 0; i < 60; i++) {
      String color = List.of("red", "dark, blue", "").get(i % 3);
      text.append(i % 7).append(",\"").append(color).append("\",class ").append(i % 2).append('\n');
    }
    Path table = Files.writeString(folder.resolve("colors.csv"), text);
    Path rows =
        Files.writeString(
            folder.resolve("x.csv"), "color,a\nred,1\n\"dark, blue\",2\n,3\ngreen,\nred,-1\n");
    assertSamePredictions(train(table, List.of("--family", "diagonal")), rows);
  }

  @Test
  void checkpointsOfOtherPrograms() throws IOException {
    Path model =
        Fixtures.checkpoint(
            folder.resolve("other.safetensors"),
            "{\"layers\":[{\"type\":\"gm\",\"family\":\"isotropic\",\"activation\":\"relu\","
                + "\"bias\":false,\"inputs\":4,\"outputs\":1,\"components\":2}]}",
            Map.of(
                "layers.0.out_mean", "[2,1]",
                "layers.0.in_mean", "[2,4]",
                "layers.0.in_std", "[2]"),
            Map.of(
                "layers.0.out_mean", new double[] {3, -0.5},
                "layers.0.in_mean", new double[] {2, -1, 0.5, 0.25, -1, 1, 0, 3},
                "layers.0.in_std", new double[] {0, -0.75}));
    Path rows = Files.writeString(folder.resolve("x.csv"), "p,q,r,s\n1,2,3,4\n0,0,0,0\n-1,9,2,0\n");
    assertSamePredictions(model, rows);
  }

  /** Rows of three classes; text with a label. */
  private Path table(long seed, int rows, boolean missing) throws IOException {
    return table(seed, rows, missing, true, "table");
  }

  private Path table(long seed, int rows, boolean missing, boolean labels, String name)
      throws IOException {
    var random = new SplittableRandom(seed);
    // Rows to predict for have another order of columns, and one that the model lacks.
    var text = new StringBuilder(labels ? "a,b,c,d,label\n" : "d,unknown,b,a,c\n");
    for (int i = 0; i < rows; i++) {
      var cells = new ArrayList<String>();
      for (int j = 0; j < (labels ? 4 : 5); j++) {
        boolean none = missing && random.nextInt(8) == 0;
        double scale = labels ? j + 1 : 2;
        cells.add(none ? "" : String.valueOf((i % 3 == j ? 2 : 0) + scale * random.nextGaussian()));
      }
      if (labels) {
        cells.add("class " + i % 3);
      }
      text.append(String.join(",", cells)).append('\n');
    }
    return Files.writeString(folder.resolve(name + ".csv"), text);
  }

  private Path bytes() throws IOException {
    var random = new SplittableRandom(5);
    var text = new StringBuilder(String.join(",", FEATURES)).append(",label\n");
    for (int i = 0; i < 40; i++) {
      for (int j = 0; j < FEATURES.length; j++) {
        text.append(i == 3 && j == 2 ? "" : String.valueOf(random.nextInt(256))).append(',');
      }
      text.append("class ").append(i % 3).append('\n');
    }
    return Files.writeString(folder.resolve("bytes.csv"), text);
  }

  private Path train(Path table, List<String> options, String... further) {
    Path run = folder.resolve("run");
    var arguments =
        new ArrayList<String>(
            List.of("train", "--dataset", "csv", "--data", table.toString(), "--components", "5"));
    arguments.addAll(List.of("--epochs", "2", "--batch", "16", "--learning-rate", "0.02"));
    if (!options.contains("--backend")) {
      arguments.addAll(List.of("--backend", "reference"));
    }
    arguments.addAll(options);
    arguments.addAll(List.of(further));
    arguments.addAll(List.of("--out", run.toString()));
    assertSuccess(CommandLineRun.of(arguments.toArray()));
    return run.resolve("model.safetensors");
  }

  private void assertSamePredictions(Path model) throws IOException {
    boolean fills = new String(Files.readAllBytes(model), StandardCharsets.UTF_8).contains("fill");
    assertSamePredictions(model, table(99, 20, fills, false, "rows"));
  }

  private void assertSamePredictions(Path model, Path rows) throws IOException {
    Path output = folder.resolve("outputs.csv");
    var arguments =
        new ArrayList<Object>(
            List.of(
                "predict",
                "--model",
                model,
                "--input",
                rows,
                "--output",
                output,
                "--columns",
                "outputs"));
    arguments.addAll(List.of("--backend", "reference"));
    arguments.addAll(OUTPUTS);
    assertSuccess(CommandLineRun.of(arguments.toArray()));
    List<String> expected = Files.readAllLines(output);
    List<String> found =
        run(List.of("python3", program.toString(), model.toString(), rows.toString()))
            .lines()
            .toList();
    assertEquals(expected.size(), found.size(), () -> String.join("\n", found));
    assertEquals(expected.getFirst(), found.getFirst());
    for (int row = 1; row < expected.size(); row++) {
      String[] one = expected.get(row).split(",", -1);
      String[] other = found.get(row).split(",", -1);
      assertEquals(one.length, other.length);
      for (int i = 0; i < one.length; i++) {
        double reference = Double.parseDouble(one[i]);
        double difference = Math.abs(Double.parseDouble(other[i]) - reference);
        if (!(difference <= 1e-12 * (1 + Math.abs(reference)))) {
          throw new AssertionError("row " + row + ", y" + i + " is off by " + difference);
        }
      }
    }
  }

  /** Returns the output of a program, including the error message if it failed. */
  private static String run(List<String> command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }
}
