package io.measureflow.core.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.data.DatasetRequest.Columns;
import io.measureflow.api.data.DatasetRequest.Missing;
import io.measureflow.api.data.DatasetRequest.Scaling;
import io.measureflow.api.data.DatasetRequest.Split;
import io.measureflow.api.data.DatasetRequest.Use;
import io.measureflow.api.data.Preprocessing;
import io.measureflow.api.data.Table;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.program.Shape;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class PreparedDatasetTest {

  private static final DatasetRequest PLAIN = DatasetRequest.of("rows", Optional.empty());

  private static double[] features(Table table, int width, ElementType type) {
    Tensor batch = Tensor.zeros(Shape.of(table.rows(), width), type);
    table.features(IntStream.range(0, table.rows()).toArray(), 0, batch);
    return batch.toDoubles();
  }

  private static int[] labels(Table table) {
    int[] found = new int[table.rows()];
    Targets.classes(table, (row, label) -> found[row] = label);
    return found;
  }

  /** Rows whose only feature is their index. */
  private static Rows numbered(int rows, int classes, long seed) {
    var random = new SplittableRandom(seed);
    double[][] features = new double[rows][1];
    int[] labels = new int[rows];
    for (int i = 0; i < rows; i++) {
      features[i][0] = i;
      // The first class is the smallest.
      labels[i] = (int) (classes * Math.sqrt(random.nextDouble()));
    }
    return new Rows(features, labels, 1_000, 3_000);
  }

  @Test
  void nothingAskedForLeavesTheDatasetAsItIs() {
    Dataset source = Rows.of(new double[][] {{1}, {2}}, 0, 1).dataset(2);
    assertSame(source, PreparedDataset.load(PLAIN, request -> source));
  }

  @Test
  void standardisedFeaturesHaveMeanZeroAndDeviationOneOverTrainingRows() {
    var random = new SplittableRandom(7);
    int rows = 2_500;
    double[][] values = new double[rows][3];
    for (double[] row : values) {
      row[0] = 1e6 + 1e-2 * random.nextGaussian();
      row[1] = -3 + 40 * random.nextDouble();
      row[2] = 5; // A constant.
    }
    DatasetRequest request =
        PLAIN.withScaling(Optional.of(Scaling.STANDARDISE)).withSplit(new Split(0.2, 3));
    Dataset data =
        PreparedDataset.load(request, asked -> Rows.of(values, new int[rows]).dataset(1));
    double[] train = features(data.train(), 3, ElementType.FLOAT64);
    int n = data.train().rows();
    assertEquals(2_000, n);
    for (int j = 0; j < 3; j++) {
      double mean = 0;
      double square = 0;
      for (int i = 0; i < n; i++) {
        mean += train[3 * i + j] / n;
        square += train[3 * i + j] * train[3 * i + j] / n;
      }
      // 1e6 with a deviation of 1e-2 leaves about eight digits.
      assertTrue(Math.abs(mean) <= 1e-7, j + ": mean " + mean);
      double expected = j == 2 ? 0 : 1;
      assertTrue(Math.abs(square - expected) <= 1e-7, j + ": mean square " + square);
    }
    // The test rows are standardized by the statistics of the training rows.
    Preprocessing kept = data.preprocessing();
    double[] test = features(data.test().orElseThrow(), 3, ElementType.FLOAT64);
    BitSet seen = new BitSet();
    for (int i = 0; i < rows; i++) {
      double scaled = (values[i][1] - kept.mean().get(1)) / kept.deviation().get(1);
      for (int k = 1; k < test.length; k += 3) {
        if (test[k] == scaled) {
          seen.set(i);
        }
      }
    }
    assertEquals(500, seen.cardinality());
  }

  @ParameterizedTest
  @EnumSource(
      value = ElementType.class,
      names = {"FLOAT32", "FLOAT64"})
  void missingValuesBecomeTheMeanOfTheOthersBeforeScaling(ElementType type) {
    double[][] values = {{1, Double.NaN}, {3, 10}, {Double.NaN, 20}, {8, Double.NaN}};
    DatasetRequest request = PLAIN.withColumns(Columns.DEFAULT.withMissing(Missing.MEAN));
    Dataset filled = PreparedDataset.load(request, asked -> Rows.of(values, 0, 0, 0, 0).dataset(1));
    assertEquals(List.of(4.0, 15.0), filled.preprocessing().fill());
    assertArrayEquals(
        new double[] {1, 15, 3, 10, 4, 20, 8, 15}, features(filled.train(), 2, type), 0.0);
    Dataset scaled =
        PreparedDataset.load(
            request.withScaling(Optional.of(Scaling.STANDARDISE)),
            asked -> Rows.of(values, 0, 0, 0, 0).dataset(1));
    double first = Math.sqrt((9 + 1 + 0 + 16) / 4.0);
    double second = Math.sqrt((25 + 25) / 4.0);
    assertArrayEquals(
        new double[] {-3 / first, 0, -1 / first, -5 / second, 0, 5 / second, 4 / first, 0},
        features(scaled.train(), 2, type),
        1e-6);
    var error =
        assertThrows(
            InvalidRequestException.class,
            () ->
                PreparedDataset.load(
                    request, asked -> Rows.of(new double[][] {{Double.NaN}}, 0).dataset(1)));
    assertTrue(error.getMessage().contains("column 0"), error.getMessage());
  }

  @Test
  void whatWasKeptIsAppliedToOtherRows() {
    double[][] values = {{1, 2}, {3, Double.NaN}};
    var kept =
        new Preprocessing(
            List.of(),
            2,
            Rows.of(values, 0, 0).dataset(1).schema().target(),
            Scaling.STANDARDISE,
            List.of(7.0, 8.0),
            List.of(1.0, 2.0),
            List.of(2.0, 4.0),
            List.of(),
            List.of());
    DatasetRequest request =
        PLAIN
            .withScaling(Optional.of(Scaling.UNIT))
            .withUse(Use.PREDICT)
            .withPreprocessing(Optional.of(kept));
    Dataset data =
        PreparedDataset.load(
            request,
            asked -> {
              assertEquals(Optional.of(Scaling.STANDARDISE), asked.scaling());
              assertEquals(Missing.MEAN, asked.columns().missing());
              return Rows.of(values, 0, 0).dataset(1);
            });
    assertArrayEquals(
        new double[] {0, 0, 1, 1.5}, features(data.train(), 2, ElementType.FLOAT64), 0.0);
    assertThrows(
        InvalidRequestException.class,
        () -> PreparedDataset.load(request, asked -> Rows.of(new double[1][3], 0).dataset(1)));
  }

  @Test
  void droppingRowsToPredictForIsRefused() {
    DatasetRequest request =
        PLAIN.withUse(Use.PREDICT).withColumns(Columns.DEFAULT.withMissing(Missing.DROP));
    assertThrows(
        InvalidRequestException.class,
        () -> PreparedDataset.load(request, asked -> Rows.of(new double[1][1], 0).dataset(1)));
  }

  @ParameterizedTest
  @CsvSource({"10000, 0.2, 4", "997, 0.5, 3", "64, 0.1, 1", "6400, 0.25, 7", "3, 0.34, 1"})
  void aSplitTakesTheSameFractionOfEachClassAndEachRowOnce(int rows, double fraction, int classes) {
    Rows table = numbered(rows, classes, 5);
    Dataset source = table.dataset(classes);
    DatasetRequest request = PLAIN.withSplit(new Split(fraction, 11));
    Dataset data = PreparedDataset.load(request, asked -> source);
    Table train = data.train();
    Table test = data.test().orElseThrow();
    assertEquals(rows, train.rows() + test.rows());
    var seen = new BitSet();
    for (Table part : List.of(train, test)) {
      double[] numbers = features(part, 1, ElementType.FLOAT64);
      int[] found = labels(part);
      for (int i = 0; i < numbers.length; i++) {
        int row = (int) numbers[i];
        assertTrue(i == 0 || row > numbers[i - 1], "rows keep their order");
        assertEquals(table.labels()[row], found[i]);
        assertTrue(!seen.get(row), () -> "row " + row + " twice");
        seen.set(row);
      }
      // The blocks of a part contain those rows of each original block that are in the part.
      assertEquals(0, part.blockStart(0));
      assertEquals(part.rows(), part.blockStart(part.blocks()));
      for (int block = 0; block < part.blocks(); block++) {
        for (int i = part.blockStart(block); i < part.blockStart(block + 1); i++) {
          assertEquals(block, (int) numbers[i] / 1_000);
        }
      }
    }
    long[] all = new long[classes];
    long[] held = new long[classes];
    for (int label : table.labels()) {
      all[label]++;
    }
    for (int label : labels(test)) {
      held[label]++;
    }
    for (int label = 0; label < classes; label++) {
      assertEquals(Math.round(all[label] * fraction), held[label]);
    }
    assertNotEquals(source.fingerprint(), data.fingerprint());
    Dataset again = PreparedDataset.load(request, asked -> source);
    assertArrayEquals(
        features(test, 1, ElementType.FLOAT64),
        features(again.test().orElseThrow(), 1, ElementType.FLOAT64),
        0.0);
    if (rows > 100) {
      Dataset other = PreparedDataset.load(PLAIN.withSplit(new Split(fraction, 12)), r -> source);
      assertTrue(
          !java.util.Arrays.equals(
              features(test, 1, ElementType.FLOAT64),
              features(other.test().orElseThrow(), 1, ElementType.FLOAT64)));
    }
  }

  @Test
  void aSplitThatLeavesNothingIsRefused() {
    for (double fraction : new double[] {0.1, 0.95}) {
      assertThrows(
          InvalidRequestException.class,
          () ->
              PreparedDataset.load(
                  PLAIN.withSplit(new Split(fraction, 1)),
                  asked -> Rows.of(new double[][] {{1}, {2}}, 0, 0).dataset(1)));
    }
  }

  @Test
  void classesAreCounted() {
    Rows table = numbered(5_000, 3, 2);
    var target = new io.measureflow.api.data.Schema.Target.Classes(List.of("a", "b", "c"));
    ClassBalance balance = ClassBalance.of(table, target);
    long[] counts = new long[3];
    for (int label : table.labels()) {
      counts[label]++;
    }
    assertEquals(List.of(counts[0], counts[1], counts[2]), balance.rows());
    assertEquals(Math.max(counts[0], Math.max(counts[1], counts[2])), balance.most());
  }
}
