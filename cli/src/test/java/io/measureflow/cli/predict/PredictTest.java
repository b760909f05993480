package io.measureflow.cli.predict;

import static io.measureflow.cli.CommandLineRun.assertRefused;
import static io.measureflow.cli.CommandLineRun.assertSuccess;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.Datasets;
import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.program.Shape;
import io.measureflow.cli.CommandLineRun;
import io.measureflow.cli.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PredictTest {

  private static final double[][] ROWS = {{0.5, -1.25}, {-2, 0.75}, {0, 0}, {3, 1.5}};

  @TempDir Path folder;

  /** A mixture of three components from two inputs and a bias to two outputs. */
  private record Mixture(String family) {

    private static final double[] LOG_WEIGHTS = {0.25, -0.5, 1};
    private static final double[][] OUT = {{0.75, -1}, {2, 0.5}, {-0.25, 1.5}};
    private static final double[][] IN = {{0.5, -1, 0.25}, {-0.75, 0.125, 1}, {1.5, 0.5, -0.5}};

    /**
     * Returns the standard deviations of the three components along each coordinate of the input.
     */
    private double[][] std() {
      return switch (family) {
        case "dirac" -> new double[3][3];
        case "isotropic" -> new double[][] {{0.5, 0.5, 0.5}, {-0.25, -0.25, -0.25}, {2, 2, 2}};
        case "diagonal" -> new double[][] {{0.5, 0.25, 1}, {-0.75, 0.5, 0.125}, {2, 0.25, 0.5}};
        default -> throw new AssertionError(family);
      };
    }

    Path write(Path file, String dtype, String activation) throws IOException {
      var shapes = new LinkedHashMap<String, String>();
      var values = new LinkedHashMap<String, double[]>();
      put(shapes, values, "log_weights", "[3]", LOG_WEIGHTS);
      put(shapes, values, "out_mean", "[3,2]", flat(OUT));
      put(shapes, values, "in_mean", "[3,3]", flat(IN));
      switch (family) {
        case "isotropic" ->
            put(
                shapes,
                values,
                "in_std",
                "[3]",
                Arrays.stream(std()).mapToDouble(row -> row[0]).toArray());
        case "diagonal" -> put(shapes, values, "in_std", "[3,3]", flat(std()));
        default -> {}
      }
      return Fixtures.checkpoint(
          file,
          dtype,
          "{\"layers\":[{\"type\":\"gm\",\"family\":\"%s\",\"activation\":\"%s\",\"bias\":true,"
                  .formatted(family, activation)
              + "\"inputs\":2,\"outputs\":2,\"components\":3}]}",
          shapes,
          values);
    }

    private static void put(
        Map<String, String> shapes,
        Map<String, double[]> values,
        String name,
        String shape,
        double[] elements) {
      shapes.put("layers.0." + name, shape);
      values.put("layers.0." + name, elements);
    }

    private static double[] flat(double[][] rows) {
      return Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray();
    }

    /**
     * Returns the output for one row: an expectation over the neurons, by numerical integration.
     */
    double[] output(double[] row, DoubleUnaryOperator activation) {
      double[] x = {row[0], row[1], 1};
      double total = Arrays.stream(LOG_WEIGHTS).map(Math::exp).sum();
      double[][] std = std();
      double[] output = new double[2];
      for (int k = 0; k < LOG_WEIGHTS.length; k++) {
        double mean = 0;
        double variance = 0;
        for (int i = 0; i < x.length; i++) {
          mean += IN[k][i] * x[i];
          variance += std[k][i] * std[k][i] * x[i] * x[i];
        }
        double expected = expectation(mean, Math.sqrt(variance), activation);
        for (int o = 0; o < output.length; o++) {
          output[o] += Math.exp(LOG_WEIGHTS[k]) / total * OUT[k][o] * expected;
        }
      }
      return output;
    }

    /** E[sigma(m + s q)], q standard normal: Simpson's rule on both sides of the kink at 0. */
    private static double expectation(double m, double s, DoubleUnaryOperator activation) {
      if (s == 0) {
        return activation.applyAsDouble(m);
      }
      double kink = Math.clamp(-m / s, -12, 12);
      DoubleUnaryOperator integrand =
          q -> activation.applyAsDouble(m + s * q) * Math.exp(-q * q / 2) / Math.sqrt(2 * Math.PI);
      return simpson(integrand, -12, kink) + simpson(integrand, kink, 12);
    }

    private static double simpson(DoubleUnaryOperator f, double from, double to) {
      int intervals = 20_000;
      double h = (to - from) / intervals;
      double sum = f.applyAsDouble(from) + f.applyAsDouble(to);
      for (int i = 1; i < intervals; i++) {
        sum += (i % 2 == 0 ? 2 : 4) * f.applyAsDouble(from + i * h);
      }
      return sum * h / 3;
    }
  }

  private Path rows() throws IOException {
    var text = new StringBuilder("u,v\n");
    for (double[] row : ROWS) {
      text.append(row[0]).append(',').append(row[1]).append('\n');
    }
    return Files.writeString(folder.resolve("rows.csv"), text);
  }

  private static CommandLineRun predict(Path model, Path input, Path output, Object... further) {
    Object[] arguments = {"predict", "--model", model, "--input", input, "--output", output};
    Object[] all = Arrays.copyOf(arguments, arguments.length + further.length);
    System.arraycopy(further, 0, all, arguments.length, further.length);
    return CommandLineRun.of(all);
  }

  @ParameterizedTest
  @CsvSource({
    "dirac, relu",
    "dirac, identity",
    "isotropic, relu",
    "isotropic, identity",
    "diagonal, relu",
    "diagonal, identity"
  })
  void outputsAreExpectationsOverTheNeurons(String family, String activation) throws IOException {
    var mixture = new Mixture(family);
    Path rows = rows();
    Path output = folder.resolve("y.csv");
    DoubleUnaryOperator sigma = z -> activation.equals("relu") ? Math.max(0, z) : z;
    for (String dtype : List.of("F64", "F32")) {
      Path model = mixture.write(folder.resolve("model.safetensors"), dtype, activation);
      boolean exact = dtype.equals("F64");
      assertSuccess(predict(model, rows, output, "--backend", exact ? "reference" : "simd"));
      List<String> lines = Files.readAllLines(output);
      assertEquals("y0,y1", lines.getFirst());
      assertEquals(ROWS.length + 1, lines.size());
      for (int row = 0; row < ROWS.length; row++) {
        double[] expected = mixture.output(ROWS[row], sigma);
        String[] found = lines.get(row + 1).split(",", -1);
        assertEquals(expected.length, found.length);
        for (int o = 0; o < expected.length; o++) {
          double difference = Math.abs(Double.parseDouble(found[o]) - expected[o]);
          if (!(difference <= (exact ? 1e-12 : 2e-6))) {
            throw new AssertionError(
                dtype + ", row " + row + ", y" + o + " is off by " + difference);
          }
        }
      }
    }
  }

  /** f(x) = x, exactly: (1/2)(2 x_0, 0) + (1/2)(0, 2 x_1). */
  private Path identity(String dtype) throws IOException {
    var shapes = new LinkedHashMap<String, String>();
    var values = new LinkedHashMap<String, double[]>();
    Mixture.put(shapes, values, "out_mean", "[2,2]", new double[] {2, 0, 0, 2});
    Mixture.put(shapes, values, "in_mean", "[2,2]", new double[] {1, 0, 0, 1});
    return Fixtures.checkpoint(
        folder.resolve(dtype + ".safetensors"),
        dtype,
        "{\"layers\":[{\"type\":\"gm\",\"family\":\"dirac\",\"activation\":\"identity\","
            + "\"bias\":false,\"inputs\":2,\"outputs\":2,\"components\":2}]}",
        shapes,
        values);
  }

  @ParameterizedTest
  @ValueSource(strings = {"csv", "parquet", "arrow"})
  void numbersKeepEveryBitOnTheirWayThroughFiles(String format) throws IOException {
    // More rows than a batch holds, of every magnitude.
    int count = 1100;
    var random = new SplittableRandom(1);
    double[] numbers = new double[2 * count];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = (random.nextDouble() - 0.5) * Math.pow(10, random.nextInt(-30, 30));
    }
    Path input = folder.resolve("x.csv");
    Path output = folder.resolve("y." + format);
    for (Precision precision : Precision.values()) {
      boolean single = precision == Precision.FLOAT32;
      var text = new StringBuilder("u,v\n");
      for (int i = 0; i < numbers.length; i++) {
        text.append(single ? String.valueOf((float) numbers[i]) : String.valueOf(numbers[i]))
            .append(i % 2 == 0 ? ',' : '\n');
      }
      Files.writeString(input, text);
      CommandLineRun run =
          predict(
              identity(single ? "F32" : "F64"),
              input,
              output,
              "--backend",
              single ? "simd" : "reference");
      assertSuccess(run);
      assertTrue(run.out().contains("1 100 rows of outputs"), run.out());
      double[] found = format.equals("csv") ? parsed(output) : loaded(format, output, precision);
      assertEquals(numbers.length, found.length);
      for (int i = 0; i < found.length; i++) {
        double expected = single ? (float) numbers[i] : numbers[i];
        assertEquals(
            Double.doubleToRawLongBits(expected),
            Double.doubleToRawLongBits(single ? (float) found[i] : found[i]),
            i + " is " + found[i] + " instead of " + expected);
      }
    }
  }

  /** One Gaussian neuron without bias: with z ~ N(w x, s^2 x^2), E[a z] and a^2 Var[z]. */
  @Test
  void variancesAreThoseOfTheLayersOwnMeasure() throws IOException {
    Path model =
        Fixtures.checkpoint(
            folder.resolve("gaussian.safetensors"),
            "{\"layers\":[{\"type\":\"gm\",\"family\":\"isotropic\",\"activation\":\"identity\","
                + "\"bias\":false,\"inputs\":1,\"outputs\":2,\"components\":1}]}",
            Map.of(
                "layers.0.out_mean",
                "[1,2]",
                "layers.0.in_mean",
                "[1,1]",
                "layers.0.in_std",
                "[1]"),
            Map.of(
                "layers.0.out_mean", new double[] {3, -0.5},
                "layers.0.in_mean", new double[] {2},
                "layers.0.in_std", new double[] {0.5}));
    Path input = Files.writeString(folder.resolve("one.csv"), "x\n4\n-1\n");
    Path output = folder.resolve("variances.csv");
    assertSuccess(
        predict(model, input, output, "--columns", "outputs,variance", "--backend", "reference"));
    assertEquals("y0,y1,variance0,variance1", Files.readAllLines(output).getFirst());
    double[] expected = {24, -4, 9 * 4, 0.25 * 4, -6, 1, 9 * 0.25, 0.25 * 0.25};
    double[] found = parsed(output);
    assertEquals(expected.length, found.length);
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], found[i], 1e-12);
    }
  }

  private static double[] parsed(Path file) throws IOException {
    List<String> lines = Files.readAllLines(file);
    return lines.subList(1, lines.size()).stream()
        .flatMap(line -> Arrays.stream(line.split(",", -1)))
        .mapToDouble(Double::parseDouble)
        .toArray();
  }

  private static double[] loaded(String format, Path file, Precision precision) {
    var request =
        DatasetRequest.of(format, Optional.of(file))
            .withPrecision(precision)
            .withUse(DatasetRequest.Use.PREDICT);
    try (Dataset dataset = Datasets.onClassPath().load(request)) {
      assertEquals(List.of("y0", "y1"), dataset.schema().features());
      int rows = dataset.train().rows();
      Tensor batch = Tensor.zeros(Shape.of(rows, 2), ElementType.FLOAT64);
      dataset.train().features(IntStream.range(0, rows).toArray(), 0, batch);
      return batch.toDoubles();
    }
  }

  /** Predictions written in a format can be read as input. */
  @ParameterizedTest
  @ValueSource(strings = {"csv", "parquet", "arrow"})
  void predictionsCanBePredictedFrom(String format) throws IOException {
    Path between = folder.resolve("between." + format);
    Path output = folder.resolve("y.csv");
    Path model = identity("F64");
    assertSuccess(predict(model, rows(), between, "--backend", "reference"));
    assertSuccess(predict(model, between, output, "--backend", "reference"));
    assertEquals("y0,y1\n0.5,-1.25\n-2.0,0.75\n0.0,0.0\n3.0,1.5\n", Files.readString(output));
  }

  @Test
  void theLabelColumnIsNoFeature() throws IOException {
    Path input =
        Files.writeString(folder.resolve("x.csv"), "u,class,v\n0.5,,-3\n1.25,none of them,8\n");
    Path output = folder.resolve("y.csv");
    assertSuccess(
        predict(identity("F64"), input, output, "--label", "class", "--backend", "reference"));
    assertEquals("y0,y1\n0.5,-3.0\n1.25,8.0\n", Files.readString(output));
  }

  @Test
  void whatWasThereStaysWhenPredictionFails() throws IOException {
    Path model = identity("F32");
    Path wide = Files.writeString(folder.resolve("wide.csv"), "u,v,w\n1,2,3\n");
    Path sick = Files.writeString(folder.resolve("sick.csv"), "u,v\n1,2\n3,nan\n");
    Path output = Files.writeString(folder.resolve("y.csv"), "old");
    List<String> before = Fixtures.files(folder);
    assertRefused(
        2, predict(model, wide, output), "2 features, the inputs of the model", "found 3");
    assertRefused(2, predict(model, sick, output), "sick.csv, row 3, column \"v\"", "nan");
    assertRefused(
        2, predict(model, folder.resolve("none.csv"), output), "none.csv", "found nothing");
    assertRefused(
        2, predict(model, folder.resolve("x.xlsx"), output), "--input", "'xlsx'", "datasets");
    assertEquals("old", Files.readString(output));
    assertEquals(before, Fixtures.files(folder));
  }

  @Test
  void predictionsThatAreNotFiniteAreRefused() throws IOException {
    Path model = identity("F32");
    Path large = Files.writeString(folder.resolve("large.csv"), "u,v\n1,2\n3,3e38\n");
    Path output = Files.writeString(folder.resolve("y.csv"), "old");
    List<String> before = Fixtures.files(folder);
    // The variance is a square, beyond float32.
    assertRefused(
        1,
        predict(model, large, output, "--columns", "outputs,variance"),
        "large.csv, data row 2, column variance",
        "a finite number",
        "Nothing was written");
    assertEquals("old", Files.readString(output));
    assertEquals(before, Fixtures.files(folder));
  }

  @Test
  void placesThatCannotBeWrittenToAreNamed() throws IOException {
    Path model = identity("F32");
    Path rows = rows();
    List<String> before = Fixtures.files(folder);
    assertRefused(
        2, predict(model, rows, folder.resolve("rows.csv/y.csv")), "rows.csv/y.csv", "no folder");
    assertRefused(2, predict(model, rows, folder.resolve("none/y.csv")), "none", "no folder");
    assertRefused(
        2,
        predict(model, rows, folder.resolve("y.xlsx")),
        "--output",
        "'xlsx'",
        ".csv",
        ".parquet",
        ".arrow");
    assertEquals(before, Fixtures.files(folder));
  }

  @ParameterizedTest
  @ValueSource(strings = {"csv", "parquet", "arrow"})
  void aFullDiskIsOneMessage(String format) throws IOException {
    Path full = Path.of("/dev/full");
    Assumptions.assumeTrue(Files.exists(full), "this system has no /dev/full");
    Path output = Files.createSymbolicLink(folder.resolve("y." + format), full);
    assertRefused(
        1, predict(identity("F32"), rows(), output), output.toString(), "No space left on device");
  }
}
