package io.measureflow.core.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.data.DatasetRequest.Columns;
import io.measureflow.api.data.DatasetRequest.Missing;
import io.measureflow.api.data.DatasetRequest.Scaling;
import io.measureflow.api.data.DatasetRequest.Split;
import io.measureflow.api.data.DatasetRequest.Use;
import io.measureflow.api.data.Encoding;
import io.measureflow.api.data.Link;
import io.measureflow.api.data.Preprocessing;
import io.measureflow.api.data.Table;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.program.Shape;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
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
    DatasetRequest request = PLAIN.withColumns(Columns.DEFAULT.withMissing(Missing.REFUSE));
    assertSame(source, PreparedDataset.load(request, asked -> source));
  }

  @Test
  void withoutGapsRowsStayTheirOwnAndMeansAreKept() {
    Dataset source = Rows.of(new double[][] {{1}, {2}}, 0, 1).dataset(2);
    Dataset data = PreparedDataset.load(PLAIN, asked -> source);
    assertSame(source.train(), data.train());
    assertEquals(List.of(1.5), data.preprocessing().fill());
    assertEquals(source.fingerprint(), data.fingerprint());
    DatasetRequest later =
        PLAIN.withUse(Use.EVALUATE).withPreprocessing(Optional.of(data.preprocessing()));
    assertEquals(data.fingerprint(), PreparedDataset.load(later, asked -> source).fingerprint());
  }

  @Test
  void gapsAreFilledWhereTheModelKnowsWithWhat() {
    var source = Rows.of(new double[][] {{1}, {Double.NaN}}, 0, 1).dataset(2);
    Preprocessing plain = Preprocessing.none(source.schema());
    Preprocessing filling = plain.withFeatures(Scaling.NONE, List.of(5.0), List.of(), List.of());
    for (Use use : List.of(Use.PREDICT, Use.EVALUATE)) {
      DatasetRequest request = PLAIN.withUse(use);
      PreparedDataset.load(
          request.withPreprocessing(Optional.of(plain)),
          asked -> {
            assertEquals(Missing.REFUSE, asked.columns().missing());
            return source;
          });
      Dataset data =
          PreparedDataset.load(request.withPreprocessing(Optional.of(filling)), asked -> source);
      assertArrayEquals(new double[] {1, 5}, features(data.train(), 1, ElementType.FLOAT64), 0.0);
    }
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
    double[][] empty = {{Double.NaN, 1}, {Double.NaN, 3}};
    Dataset zeros = PreparedDataset.load(request, asked -> Rows.of(empty, 0, 0).dataset(1));
    assertArrayEquals(new double[] {0, 1, 0, 3}, features(zeros.train(), 2, type), 0.0);
    Dataset constant =
        PreparedDataset.load(
            request.withScaling(Optional.of(Scaling.STANDARDISE)),
            asked -> Rows.of(empty, 0, 0).dataset(1));
    assertArrayEquals(new double[] {0, -1, 0, 1}, features(constant.train(), 2, type), 0.0);
  }

  /** A table in memory is read in the first pass and once more, another in every pass. */
  @ParameterizedTest
  @CsvSource({"FLOAT32, true", "FLOAT32, false", "FLOAT64, true", "FLOAT64, false"})
  void everyPassFindsTheSameBits(Precision precision, boolean inMemory) {
    var random = new SplittableRandom(5);
    int rows = 2_311;
    var source = new CountedRows(random, rows, inMemory);
    DatasetRequest request =
        PLAIN
            .withColumns(Columns.DEFAULT.withMissing(Missing.MEAN))
            .withScaling(Optional.of(Scaling.STANDARDISE))
            .withPrecision(precision);
    Dataset data = PreparedDataset.load(request, asked -> source.rows.dataset(1, source));
    double[] expected = standardised(source, data.preprocessing(), precision);
    var parts = StratifiedSplit.of("test", data.train(), data.schema().target(), 0.3, 4);
    source.read.set(0);
    int passes = 5;
    for (int pass = 0; pass < passes; pass++) {
      for (Table part : List.of(parts.kept(), parts.held())) {
        int[] order = shuffled(part.rows(), random);
        int batch = 700;
        for (int from = 0; from < order.length; from += batch) {
          int count = Math.min(batch, order.length - from);
          Tensor found = Tensor.zeros(Shape.of(count, 2), precision.elementType());
          part.features(order, from, found);
          for (int i = 0; i < count; i++) {
            int row = ((SelectedTable) part).selection().row(order[from + i]);
            assertEquals(expected[2 * row], found.get(2L * i), "row " + row);
            assertEquals(expected[2 * row + 1], found.get(2L * i + 1), "row " + row);
          }
        }
      }
    }
    assertEquals(inMemory ? 2 * rows : passes * rows, source.read.get());
    assertEquals(inMemory, data.train().whole().isPresent());
    data.train().whole().ifPresent(whole -> assertArrayEquals(expected, whole.toDoubles(), 0.0));
    // What was kept does not outlive the dataset.
    data.close();
    source.closed = true;
    assertThrows(
        IllegalStateException.class,
        () ->
            parts
                .held()
                .features(new int[1], 0, Tensor.zeros(Shape.of(1, 2), ElementType.FLOAT32)));
  }

  @Test
  void severalThreadsFindTheSameBits() throws Exception {
    int rows = 997;
    var source = new CountedRows(new SplittableRandom(6), rows, true);
    DatasetRequest request =
        PLAIN
            .withColumns(Columns.DEFAULT.withMissing(Missing.MEAN))
            .withScaling(Optional.of(Scaling.STANDARDISE));
    Dataset data = PreparedDataset.load(request, asked -> source.rows.dataset(1, source));
    double[] expected = standardised(source, data.preprocessing(), Precision.FLOAT32);
    var results = new ArrayList<Future<?>>();
    try (var threads = Executors.newFixedThreadPool(4)) {
      for (int thread = 0; thread < 4; thread++) {
        var random = new SplittableRandom(thread);
        results.add(
            threads.submit(
                () -> {
                  for (int pass = 0; pass < 20; pass++) {
                    int[] order = shuffled(rows, random);
                    Tensor found = Tensor.zeros(Shape.of(100, 2), ElementType.FLOAT32);
                    for (int from = 0; from + 100 <= rows; from += 100) {
                      data.train().features(order, from, found);
                      for (int i = 0; i < 200; i++) {
                        assertEquals(expected[2 * order[from + i / 2] + i % 2], found.get(i));
                      }
                    }
                  }
                }));
      }
    }
    for (Future<?> result : results) {
      result.get();
    }
  }

  private static int[] shuffled(int rows, SplittableRandom random) {
    int[] order = IntStream.range(0, rows).toArray();
    for (int i = rows - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
    return order;
  }

  private static double[] standardised(
      CountedRows source, Preprocessing preprocessing, Precision precision) {
    double[] expected = new double[2 * source.values.length];
    for (int i = 0; i < expected.length; i++) {
      int j = i % 2;
      double value = source.values[i / 2][j];
      double filled = Double.isNaN(value) ? preprocessing.fill().get(j) : value;
      double exact = (filled - preprocessing.mean().get(j)) / preprocessing.deviation().get(j);
      expected[i] = precision == Precision.FLOAT32 ? (float) exact : exact;
    }
    return expected;
  }

  /** Rows of two features, a tenth of them missing, that count how often they are read. */
  private static final class CountedRows implements Table {

    private final double[][] values;
    private final Rows rows;
    private final boolean inMemory;
    private final AtomicInteger read = new AtomicInteger();
    private boolean closed;

    CountedRows(SplittableRandom random, int rows, boolean inMemory) {
      this.inMemory = inMemory;
      values = new double[rows][2];
      for (double[] row : values) {
        row[0] = random.nextInt(10) == 0 ? Double.NaN : 3 * random.nextGaussian() + 1e5;
        row[1] = random.nextDouble(-1, 4);
      }
      this.rows = Rows.of(values, new int[rows]);
    }

    @Override
    public int rows() {
      return values.length;
    }

    @Override
    public void features(int[] order, int from, Tensor batch) {
      if (closed) {
        throw new IllegalStateException("closed");
      }
      read.addAndGet(batch.shape().dimension(0));
      rows.features(order, from, batch);
    }

    @Override
    public void targets(int[] order, int from, Tensor batch) {
      rows.targets(order, from, batch);
    }

    @Override
    public boolean inMemory() {
      return inMemory;
    }
  }

  @Test
  void whatWasKeptIsAppliedToOtherRows() {
    double[][] values = {{1, 2}, {3, Double.NaN}};
    var kept =
        new Preprocessing(
            List.of(),
            2,
            Encoding.NONE,
            Rows.of(values, 0, 0).dataset(1).schema().target(),
            Scaling.STANDARDISE,
            List.of(7.0, 8.0),
            List.of(1.0, 2.0),
            List.of(2.0, 4.0),
            List.of(),
            List.of(),
            Link.IDENTITY);
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
