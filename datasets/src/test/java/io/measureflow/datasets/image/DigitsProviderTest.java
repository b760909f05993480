package io.measureflow.datasets.image;

import static io.measureflow.datasets.testing.Fixtures.assertMentions;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.data.DatasetRequest.Scaling;
import io.measureflow.api.data.Table;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.program.Shape;
import io.measureflow.datasets.io.Hashes;
import io.measureflow.datasets.testing.Fixtures;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DigitsProviderTest {

  private static final int PIXELS = SyntheticDigits.PIXELS;
  private static final DatasetRequest REQUEST = DatasetRequest.of("digits", Optional.empty());

  private static Dataset load(int train, int test, int threads) {
    return new DigitsProvider(train, test, threads).load(REQUEST);
  }

  @Test
  void theDatasetHasTheRowsThatItPromises() {
    try (Dataset data = new DigitsProvider().load(REQUEST)) {
      assertEquals(20_000, data.train().rows());
      assertEquals(5_000, data.test().orElseThrow().rows());
      assertEquals(PIXELS, data.schema().featureCount());
      int[] histogram = new int[10];
      Arrays.stream(Fixtures.classes(data.train())).forEach(label -> histogram[label]++);
      assertArrayEquals(IntStream.generate(() -> 2_000).limit(10).toArray(), histogram);
      // As documented; also detects a change of the images.
      double accuracy =
          Difficulty.nearestCentroid(Difficulty.centroids(data.train()), data.test().orElseThrow());
      assertEquals(58.4, accuracy, 0.1);
    }
  }

  @Test
  void anImageIsAFunctionOfSeedSplitAndNumberAlone() {
    var pen = new SyntheticDigits.Pen();
    var digits = new SyntheticDigits(7, 0);
    digits.draw(5, pen);
    byte[] alone = pen.image.clone();
    digits.draw(6, pen);
    byte[] next = pen.image.clone();
    digits.draw(5, pen);
    assertArrayEquals(alone, pen.image);
    assertNotEquals(Arrays.hashCode(alone), Arrays.hashCode(next));
    new SyntheticDigits(7, 1).draw(5, pen);
    assertNotEquals(Arrays.hashCode(alone), Arrays.hashCode(pen.image));
    new SyntheticDigits(8, 0).draw(5, pen);
    assertNotEquals(Arrays.hashCode(alone), Arrays.hashCode(pen.image));
  }

  /** The expected value was computed once; it must be the same on every machine and JVM. */
  @Test
  void theFirstImagesNeverChangeWithoutANewVersion() {
    var pen = new SyntheticDigits.Pen();
    var digits = new SyntheticDigits(28, 0);
    var digest = Hashes.sha256();
    for (int i = 0; i < 100; i++) {
      digits.draw(i, pen);
      digest.update(pen.image);
      digest.update((byte) digits.label(i));
    }
    assertEquals(1, SyntheticDigits.VERSION);
    assertEquals(
        "d963cafceae850c04d3572ef0f6b47fe6e730f93b70e7a38a62b8ace7199649f", Hashes.hex(digest));
  }

  @Test
  void everyTenImagesHoldEachDigitOnceInRandomOrder() {
    var digits = new SyntheticDigits(28, 0);
    int inPlace = 0;
    for (int block = 0; block < 1000; block++) {
      int seen = 0;
      for (int i = 0; i < 10; i++) {
        int label = digits.label(10 * block + i);
        seen |= 1 << label;
        inPlace += label == i ? 1 : 0;
      }
      assertEquals(0x3ff, seen);
    }
    assertEquals(1000, inPlace, 150); // 1,000 expected, with a deviation of about 32.
  }

  @Test
  void threadsAndOrderChangeNothing() {
    int rows = 300;
    var shuffled = new ArrayList<>(IntStream.range(0, rows).boxed().toList());
    Collections.shuffle(shuffled, new Random(3));
    int[] order = shuffled.stream().mapToInt(Integer::intValue).toArray();
    byte[][] expected = new byte[rows][];
    var pen = new SyntheticDigits.Pen();
    var digits = new SyntheticDigits(28, 0);
    for (int i = 0; i < rows; i++) {
      digits.draw(i, pen);
      expected[i] = pen.image.clone();
    }
    for (int threads : new int[] {1, 2, 7}) {
      try (Dataset data = load(rows, 50, threads)) {
        Tensor batch = Tensor.zeros(Shape.of(32, PIXELS), ElementType.FLOAT32);
        for (int from = 0; from + 32 <= rows; from += 32) {
          data.train().features(order, from, batch);
          for (int i = 0; i < 32; i++) {
            for (int j = 0; j < PIXELS; j++) {
              assertEquals(
                  Byte.toUnsignedInt(expected[order[from + i]][j]) / 255f,
                  batch.get((long) i * PIXELS + j),
                  0.0);
            }
          }
        }
      }
    }
  }

  @Test
  void scalingAndPrecisionShowTheSameImages() {
    try (Dataset floats = load(20, 10, 1);
        Dataset doubles = new DigitsProvider(20, 10, 1).load(Fixtures.in64(REQUEST));
        Dataset bytes =
            new DigitsProvider(20, 10, 1).load(Fixtures.scaled(REQUEST, Scaling.NONE))) {
      double[] a = Fixtures.features(floats.test().orElseThrow(), PIXELS);
      double[] b = Fixtures.features(doubles.test().orElseThrow(), PIXELS);
      double[] c = Fixtures.features(bytes.test().orElseThrow(), PIXELS);
      double sum = 0;
      for (int i = 0; i < a.length; i++) {
        assertEquals(c[i] / 255, b[i], 0.0);
        assertEquals((float) b[i], a[i], 0.0);
        assertEquals(Math.rint(c[i]), c[i], 0.0);
        sum += a[i];
      }
      assertTrue(sum > 0);
    }
  }

  @Test
  void severalReadersGetTheirRows() throws InterruptedException {
    try (Dataset data = load(2_000, 500, 2)) {
      var wrong = new AtomicIntegerArray(4);
      var readers = new ArrayList<Thread>();
      float[] first = Fixtures.floats(data.train(), PIXELS, 1234);
      for (int t = 0; t < 4; t++) {
        int number = t;
        readers.add(
            Thread.ofPlatform()
                .start(
                    () -> {
                      Table table = data.train();
                      for (int i = number; i < 2_000; i += 37) {
                        float[] pair = Fixtures.floats(table, PIXELS, i, 1234);
                        if (!Arrays.equals(first, 0, PIXELS, pair, PIXELS, 2 * PIXELS)) {
                          wrong.incrementAndGet(number);
                        }
                      }
                    }));
      }
      for (Thread reader : readers) {
        reader.join();
      }
      assertEquals(0, IntStream.range(0, 4).map(wrong::get).sum());
    }
  }

  @Test
  void closingStopsTheWorkAndLaterUseIsAnError() {
    Dataset data = new DigitsProvider().load(REQUEST);
    data.close();
    data.close();
    assertThrows(IllegalStateException.class, () -> Fixtures.floats(data.train(), PIXELS, 19_999));
    assertThrows(IllegalStateException.class, () -> Fixtures.classes(data.train()));
  }

  @Test
  void aRowThatFailsFailsItsReader() {
    try (var rows =
        new LazyRows(
            4,
            1,
            row -> {
              if (row == 2) {
                throw new ArithmeticException("on purpose");
              }
            })) {
      rows.start();
      var error =
          assertThrows(
              IllegalStateException.class,
              () -> {
                rows.await(new int[] {2}, 0, 1, 0);
              });
      assertTrue(error.getCause() instanceof ArithmeticException);
    }
  }

  @Test
  void theFingerprintDependsOnTheSizes() {
    try (Dataset a = load(20, 10, 1);
        Dataset b = load(20, 10, 2);
        Dataset c = load(30, 10, 1)) {
      assertEquals(a.fingerprint(), b.fingerprint());
      assertNotEquals(a.fingerprint(), c.fingerprint());
    }
  }

  @Test
  void filesAreRefused() {
    assertMentions(
        assertThrows(
            InvalidRequestException.class,
            () ->
                new DigitsProvider()
                    .load(DatasetRequest.of("digits", Optional.of(Path.of("somewhere"))))
                    .close()),
        "somewhere",
        "built in");
    assertMentions(
        assertThrows(
            InvalidRequestException.class,
            () ->
                new DigitsProvider()
                    .load(Fixtures.withTest(REQUEST, Path.of("elsewhere")))
                    .close()),
        "elsewhere",
        "test rows");
  }
}
