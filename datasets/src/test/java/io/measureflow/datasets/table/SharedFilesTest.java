package io.measureflow.datasets.table;

import static io.measureflow.datasets.testing.Fixtures.assertMentions;
import static io.measureflow.datasets.testing.Fixtures.request;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.DatasetProvider;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.data.DatasetRequest.Columns;
import io.measureflow.api.data.DatasetRequest.Missing;
import io.measureflow.api.data.DatasetRequest.TargetKind;
import io.measureflow.api.data.DatasetRequest.Use;
import io.measureflow.api.data.Table;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.program.Shape;
import io.measureflow.datasets.image.CifarProvider;
import io.measureflow.datasets.image.IdxProvider;
import io.measureflow.datasets.testing.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Real files: counts, histograms, means and deviations, compared with their description. */
class SharedFilesTest {

  private static long[] histogram(Table table, int classes) {
    long[] counts = new long[classes];
    for (int label : Fixtures.classes(table)) {
      counts[label]++;
    }
    return counts;
  }

  private static long[] counts(String text) {
    return Arrays.stream(text.split(" ", -1)).mapToLong(Long::parseLong).toArray();
  }

  private static float[] features(Table table, int width) {
    Tensor batch = Tensor.zeros(Shape.of(table.rows(), width), ElementType.FLOAT32);
    table.features(Fixtures.inOrder(table), 0, batch);
    return batch.toFloats();
  }

  private static void assertMoments(float[] values, double mean, double deviation, double within) {
    double sum = 0;
    double squares = 0;
    for (float value : values) {
      sum += value;
      squares += (double) value * value;
    }
    double foundMean = sum / values.length;
    double foundDeviation = Math.sqrt(squares / values.length - foundMean * foundMean);
    assertTrue(Math.abs(foundMean - mean) <= within, "mean " + foundMean);
    assertTrue(Math.abs(foundDeviation - deviation) <= within, "deviation " + foundDeviation);
  }

  /**
   * Returns the accuracy of classifying test rows by the nearest class mean of the training rows.
   */
  private static double nearestCentroid(Dataset data, int width, int classes) {
    float[] train = features(data.train(), width);
    int[] labels = Fixtures.classes(data.train());
    double[][] centroids = new double[classes][width];
    long[] sizes = histogram(data.train(), classes);
    for (int i = 0; i < labels.length; i++) {
      for (int j = 0; j < width; j++) {
        centroids[labels[i]][j] += (double) train[i * width + j] / sizes[labels[i]];
      }
    }
    Table testTable = data.test().orElseThrow();
    float[] test = features(testTable, width);
    int[] expected = Fixtures.classes(testTable);
    int right = 0;
    for (int i = 0; i < expected.length; i++) {
      int nearest = -1;
      double least = Double.POSITIVE_INFINITY;
      for (int c = 0; c < classes; c++) {
        double distance = 0;
        for (int j = 0; j < width; j++) {
          double difference = test[i * width + j] - centroids[c][j];
          distance += difference * difference;
        }
        if (distance < least) {
          least = distance;
          nearest = c;
        }
      }
      right += nearest == expected[i] ? 1 : 0;
    }
    return (double) right / expected.length;
  }

  @ParameterizedTest
  @CsvSource({
    "mnist, 5923 6742 5958 6131 5842 5421 5918 6265 5851 5949,"
        + " 980 1135 1032 1010 982 892 958 1028 974 1009, 0.130660, 0.308108, 0.8203",
    "fashion-mnist, 6000 6000 6000 6000 6000 6000 6000 6000 6000 6000,"
        + " 1000 1000 1000 1000 1000 1000 1000 1000 1000 1000, 0.286041, 0.353024, 0.6768"
  })
  void idxFilesAreWhatTheirDescriptionSays(
      String name, String train, String test, double mean, double deviation, double accuracy) {
    try (Dataset data = new IdxProvider().load(request(name, Fixtures.shared(name)))) {
      assertEquals(60_000, data.train().rows());
      assertEquals(10_000, data.test().orElseThrow().rows());
      assertArrayEquals(counts(train), histogram(data.train(), 10));
      assertArrayEquals(counts(test), histogram(data.test().get(), 10));
      assertMoments(features(data.train(), 784), mean, deviation, 5e-7);
      assertEquals(accuracy, nearestCentroid(data, 784, 10), 0.0);
    }
  }

  @Test
  void cifarFilesAreWhatTheirDescriptionSays(@TempDir Path folder) throws IOException {
    // The folder may contain more batches than these.
    for (String name : List.of("data_batch_1.bin", "test_batch_first1000.bin")) {
      Files.createSymbolicLink(folder.resolve(name), Fixtures.shared("cifar10").resolve(name));
    }
    try (Dataset data = new CifarProvider().load(request("cifar10", folder))) {
      assertEquals(10_000, data.train().rows());
      assertEquals(1_000, data.test().orElseThrow().rows());
      assertArrayEquals(
          counts("1005 974 1032 1016 999 937 1030 1001 1025 981"), histogram(data.train(), 10));
      assertArrayEquals(
          counts("103 89 100 103 90 86 112 102 106 109"), histogram(data.test().get(), 10));
      // Means of all five batches; those of a batch of 10,000 are within a hundredth.
      double[] means = {0.49139968, 0.48215841, 0.44653091};
      float[] pixels = features(data.train(), 3072);
      double[] sums = new double[3];
      for (int i = 0; i < pixels.length; i++) {
        sums[i % 3072 / 1024] += pixels[i];
      }
      for (int channel = 0; channel < 3; channel++) {
        double found = sums[channel] / (10_000.0 * 1024);
        assertTrue(Math.abs(found - means[channel]) <= 0.01, channel + ": " + found);
      }
    }
  }

  @Test
  void digitsWithoutAHeaderAreRead() {
    DatasetRequest request =
        request("csv", Fixtures.shared("digits/digits.csv.gz")).withLabels("-1");
    try (Dataset data = new TableProvider().load(request)) {
      assertEquals(1_797, data.train().rows());
      assertEquals(64, data.schema().featureCount());
      assertArrayEquals(
          counts("178 182 177 183 181 182 181 179 174 180"), histogram(data.train(), 10));
      for (float value : features(data.train(), 64)) {
        assertTrue(value >= 0 && value <= 16 && value == (int) value);
      }
    }
  }

  @Test
  void irisIsRead() {
    DatasetRequest request =
        request("csv", Fixtures.shared("tabular/iris.csv")).withLabels("virginica");
    try (Dataset data = new TableProvider().load(request)) {
      assertEquals(150, data.train().rows());
      assertEquals(4, data.schema().featureCount());
      assertArrayEquals(counts("50 50 50"), histogram(data.train(), 3));
    }
  }

  @Test
  void parquetOfImpalaIsRead() {
    DatasetRequest request =
        request("parquet", Fixtures.shared("tabular/alltypes_plain.parquet"))
            .withLabels("bool_col");
    try (Dataset data = new TableProvider().load(request)) {
      assertEquals(8, data.train().rows());
      assertTrue(data.schema().features().contains("double_col"));
    }
  }

  @Test
  void anIpcFileAndStreamOfTheSameTableAreEqualValueByValue() {
    for (String label : new String[] {"int32_nonnullable", "float64_nonnullable"}) {
      for (Missing missing : new Missing[] {Missing.MEAN, Missing.DROP}) {
        Columns columns = Columns.DEFAULT.withLabels(label).withMissing(missing);
        if (label.startsWith("int")) {
          columns = columns.withTarget(TargetKind.CLASSES);
        }
        DatasetRequest file =
            Fixtures.in64(request("arrow", Fixtures.shared("tabular/generated_primitive.arrow")))
                .withColumns(columns);
        DatasetRequest stream =
            Fixtures.in64(request("arrow", Fixtures.shared("tabular/generated_primitive.arrows")))
                .withColumns(columns);
        if (missing == Missing.DROP) {
          // No row of these is complete.
          file = file.withUse(Use.PREDICT);
          stream = stream.withUse(Use.PREDICT);
        }
        assertSame(file, stream, missing);
      }
    }
  }

  private static void assertSame(DatasetRequest file, DatasetRequest stream, Missing missing) {
    if (missing == Missing.DROP) {
      assertEquals(message(file).replace(".arrow:", ":"), message(stream).replace(".arrows:", ":"));
      return;
    }
    try (Dataset a = new TableProvider().load(file);
        Dataset b = new TableProvider().load(stream)) {
      assertEquals(37, a.train().rows());
      assertEquals(a.schema(), b.schema());
      int width = a.schema().featureCount();
      assertTrue(width >= 10, width + " numeric columns");
      assertArrayEquals(
          Fixtures.features(a.train(), width), Fixtures.features(b.train(), width), 0.0);
      boolean classes = file.columns().labels().getFirst().startsWith("int");
      if (classes) {
        assertArrayEquals(Fixtures.classes(a.train()), Fixtures.classes(b.train()));
      } else {
        assertArrayEquals(Fixtures.reals(a.train()), Fixtures.reals(b.train()), 0.0);
      }
    }
  }

  private static String message(DatasetRequest request) {
    try (Dataset data = new TableProvider().load(request)) {
      return data.train().rows() + " rows";
    } catch (InvalidRequestException e) {
      return e.getMessage();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "parquet, bad/PARQUET-1481.parquet",
    "parquet, bad/ARROW-GH-45185.parquet",
    "arrow, bad/clusterfuzz-testcase-minimized-arrow-ipc-file-fuzz-5480145071243264.arrow",
    "arrow, bad/clusterfuzz-testcase-minimized-arrow-ipc-file-fuzz-5577412021190656.arrow"
  })
  void filesThatAreMalformedOnPurposeAreRefusedWithOneMessage(String format, String name) {
    DatasetProvider provider = new TableProvider();
    Path file = Fixtures.shared(name);
    for (Use use : Use.values()) {
      DatasetRequest request = request(format, file).withUse(use);
      var error = assertThrows(InvalidRequestException.class, () -> provider.load(request));
      assertMentions(error, file.toString());
      assertEquals(1, error.getMessage().lines().count(), error.getMessage());
    }
  }
}
