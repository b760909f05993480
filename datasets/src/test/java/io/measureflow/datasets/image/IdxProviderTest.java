package io.measureflow.datasets.image;

import static io.measureflow.datasets.testing.Fixtures.assertMentions;
import static io.measureflow.datasets.testing.Fixtures.gzip;
import static io.measureflow.datasets.testing.Fixtures.idx;
import static io.measureflow.datasets.testing.Fixtures.request;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.backend.ByteRows;
import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.data.DatasetRequest.Scaling;
import io.measureflow.api.data.Schema;
import io.measureflow.api.data.Table;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.program.Shape;
import io.measureflow.datasets.testing.Fixtures;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IdxProviderTest {

  private static final int PIXELS = 28 * 28;
  private static final int TRAIN = 700; // More than one block of conversion.
  private static final int TEST = 3;

  @TempDir Path folder;

  @BeforeEach
  void writeFiles() throws IOException {
    write("train-images-idx3-ubyte", images(TRAIN));
    write("train-labels-idx1-ubyte", labels(TRAIN));
    write("t10k-images-idx3-ubyte.gz", gzip(images(TEST)));
    write("t10k-labels-idx1-ubyte.gz", gzip(labels(TEST)));
  }

  private void write(String name, byte[] bytes) throws IOException {
    Files.write(folder.resolve(name), bytes);
  }

  private static byte pixel(int row, int column) {
    return (byte) (31 * row + 7 * column);
  }

  private static byte[] images(int rows) {
    byte[] pixels = new byte[rows * PIXELS];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = pixel(i / PIXELS, i % PIXELS);
    }
    return idx(new int[] {rows, 28, 28}, pixels);
  }

  private static byte[] labels(int rows) {
    byte[] labels = new byte[rows];
    for (int i = 0; i < rows; i++) {
      labels[i] = (byte) (i * 7 % 10);
    }
    return idx(new int[] {rows}, labels);
  }

  private static Dataset load(DatasetRequest request) {
    return new IdxProvider().load(request);
  }

  private InvalidRequestException refused() {
    return assertThrows(
        InvalidRequestException.class, () -> load(request("mnist", folder)).close());
  }

  @Test
  void plainAndCompressedFilesGiveTheirBytesOver255() {
    try (Dataset data = load(request("mnist", folder))) {
      assertEquals(TRAIN, data.train().rows());
      assertEquals(TEST, data.test().orElseThrow().rows());
      assertEquals(PIXELS, data.schema().featureCount());
      assertEquals(Optional.of(new Schema.ImageShape(1, 28, 28)), data.schema().image());
      for (Table table : new Table[] {data.train(), data.test().orElseThrow()}) {
        float[] rows = Fixtures.floats(table, PIXELS, Fixtures.inOrder(table));
        for (int i = 0; i < rows.length; i++) {
          assertEquals(Byte.toUnsignedInt(pixel(i / PIXELS, i % PIXELS)) / 255f, rows[i], 0f);
        }
        int[] classes = Fixtures.classes(table);
        for (int i = 0; i < classes.length; i++) {
          assertEquals(i * 7 % 10, classes[i]);
        }
      }
    }
  }

  @Test
  void scalingNoneKeepsBytesAndFloat64IsExact() {
    var request = Fixtures.in64(request("mnist", folder));
    try (Dataset unit = load(request);
        Dataset raw = load(Fixtures.scaled(request, Scaling.NONE))) {
      double[] scaled = Fixtures.features(unit.train(), PIXELS);
      double[] bytes = Fixtures.features(raw.train(), PIXELS);
      for (int i = 0; i < bytes.length; i++) {
        assertEquals(Byte.toUnsignedInt(pixel(i / PIXELS, i % PIXELS)), bytes[i], 0.0);
        assertEquals(bytes[i] / 255, scaled[i], 0.0);
      }
      assertEquals(unit.fingerprint(), raw.fingerprint());
    }
  }

  @Test
  void bytesStayBytesAndBecomeNumbersOnDemand() {
    for (Scaling scaling : new Scaling[] {Scaling.NONE, Scaling.UNIT}) {
      for (var request :
          List.of(request("mnist", folder), Fixtures.in64(request("mnist", folder)))) {
        try (Dataset data = load(Fixtures.scaled(request, scaling))) {
          ByteRows bytes = data.train().bytes().orElseThrow();
          assertEquals(Shape.of(TRAIN, PIXELS), bytes.shape());
          assertEquals(scaling == Scaling.UNIT ? 255 : 1, bytes.divisor());
          for (int i = 0; i < TRAIN * PIXELS; i++) {
            assertEquals(
                pixel(i / PIXELS, i % PIXELS), bytes.memory().get(ValueLayout.JAVA_BYTE, i));
          }
          Tensor whole = data.train().whole().orElseThrow();
          assertEquals(request.precision().elementType(), whole.type());
          assertArrayEquals(Fixtures.features(data.train(), PIXELS), whole.toDoubles(), 0.0);
          assertEquals(whole, data.train().whole().orElseThrow());
        }
      }
    }
  }

  @Test
  void rowsAreGatheredInAnyOrderAndIntoEitherPrecision() {
    int[] order = {9, 5, 6, 7, 7, 699, 0, 1};
    try (Dataset data = load(request("mnist", folder))) {
      Tensor floats = Tensor.zeros(Shape.of(6, PIXELS), ElementType.FLOAT32);
      Tensor doubles = Tensor.zeros(Shape.of(6, PIXELS), ElementType.FLOAT64);
      Tensor classes = Tensor.zeros(Shape.of(6), ElementType.INT32);
      data.train().features(order, 1, floats);
      data.train().features(order, 1, doubles);
      data.train().targets(order, 1, classes);
      for (int i = 0; i < 6; i++) {
        assertEquals(order[i + 1] * 7 % 10, (int) classes.get(i));
        for (int j = 0; j < PIXELS; j++) {
          float expected = Byte.toUnsignedInt(pixel(order[i + 1], j)) / 255f;
          assertEquals(expected, floats.get((long) i * PIXELS + j), 0.0);
          assertEquals(expected, doubles.get((long) i * PIXELS + j), 0.0);
        }
      }
    }
  }

  @Test
  void wrongRowsAndBatchesAreRefused() {
    try (Dataset data = load(request("mnist", folder))) {
      Tensor batch = Tensor.zeros(Shape.of(2, PIXELS), ElementType.FLOAT32);
      Tensor narrow = Tensor.zeros(Shape.of(2, 5), ElementType.FLOAT32);
      Table table = data.train();
      assertThrows(
          IndexOutOfBoundsException.class, () -> table.features(new int[] {0, TRAIN}, 0, batch));
      assertThrows(
          IndexOutOfBoundsException.class, () -> table.features(new int[] {0, -1}, 0, batch));
      assertThrows(
          IndexOutOfBoundsException.class, () -> table.features(new int[] {0, 1}, 1, batch));
      assertThrows(
          IllegalArgumentException.class, () -> table.features(new int[] {0, 1}, 0, narrow));
      assertThrows(IllegalArgumentException.class, () -> table.targets(new int[] {0, 1}, 0, batch));
    }
  }

  @Test
  void useAfterCloseIsAnErrorAndClosingTwiceIsNone() {
    Dataset data = load(request("mnist", folder));
    Tensor batch = Tensor.zeros(Shape.of(2, PIXELS), ElementType.FLOAT32);
    data.close();
    data.close();
    assertThrows(
        IllegalStateException.class, () -> data.train().features(new int[] {0, 1}, 0, batch));
  }

  @Test
  void closingWhileAnotherThreadReadsIsAnErrorThere() throws InterruptedException {
    Dataset data = load(request("mnist", folder));
    var end = new Throwable[1];
    Thread reader =
        Thread.ofPlatform()
            .start(
                () -> {
                  Tensor batch = Tensor.zeros(Shape.of(TRAIN, PIXELS), ElementType.FLOAT32);
                  int[] order = Fixtures.inOrder(data.train());
                  try {
                    while (!Thread.interrupted()) {
                      data.train().features(order, 0, batch);
                    }
                  } catch (IllegalStateException e) {
                    end[0] = e;
                  }
                });
    Thread.sleep(20);
    data.close();
    reader.join();
    assertTrue(end[0] instanceof IllegalStateException);
  }

  @Test
  void theFingerprintDependsOnTheContent() throws IOException {
    String before;
    try (Dataset data = load(request("mnist", folder))) {
      before = data.fingerprint();
      assertEquals(64, before.length());
      assertEquals(before, data.fingerprint());
    }
    byte[] changed = images(TRAIN);
    changed[12345] ^= 1;
    write("train-images-idx3-ubyte", changed);
    try (Dataset data = load(request("mnist", folder))) {
      assertNotEquals(before, data.fingerprint());
    }
  }

  @Test
  void aMissingFolderOrFileIsNamedAndHowToGetIt() throws IOException {
    var absent = folder.resolve("absent");
    assertMentions(
        assertThrows(InvalidRequestException.class, () -> load(request("mnist", absent)).close()),
        absent.toString(),
        "folder",
        "https://");
    assertMentions(
        assertThrows(
            InvalidRequestException.class,
            () -> load(DatasetRequest.of("fashion-mnist", Optional.empty())).close()),
        "--data",
        "https://");
    Files.delete(folder.resolve("t10k-labels-idx1-ubyte.gz"));
    assertMentions(refused(), folder.toString(), "no t10k-labels-idx1-ubyte[.gz]", "https://");
  }

  @Test
  void everyTruncationOfAPlainFileIsRefused() throws IOException {
    byte[] images = images(1);
    write("t10k-labels-idx1-ubyte.gz", gzip(labels(1)));
    Files.delete(folder.resolve("t10k-images-idx3-ubyte.gz"));
    for (int length = 0; length < images.length; length++) {
      write("t10k-images-idx3-ubyte", Arrays.copyOf(images, length));
      assertMentions(refused(), "t10k-images-idx3-ubyte, byte ", "expected", "found");
    }
    write("t10k-images-idx3-ubyte", Arrays.copyOf(images, images.length + 1));
    assertMentions(refused(), "byte " + images.length, "found " + (images.length + 1) + " bytes");
  }

  @Test
  void everyTruncationOfACompressedFileIsRefused() throws IOException {
    byte[] images = gzip(images(1));
    write("t10k-labels-idx1-ubyte.gz", gzip(labels(1)));
    // The first two bytes mark it as gzip.
    for (int length = 2; length < images.length; length++) {
      write("t10k-images-idx3-ubyte.gz", Arrays.copyOf(images, length));
      assertMentions(refused(), "t10k-images-idx3-ubyte.gz, decompressed, byte ");
    }
    byte[] more = gzip(Arrays.copyOf(images(1), 16 + PIXELS + 5));
    write("t10k-images-idx3-ubyte.gz", more);
    assertMentions(refused(), "byte 800", "more data");
  }

  @Test
  void everyChangedByteOfACompressedFileIsNoticed() throws IOException {
    byte[] labels = gzip(labels(TEST));
    for (int i = 10; i < labels.length; i++) { // The gzip header has bytes without meaning.
      byte[] damaged = labels.clone();
      damaged[i] ^= 0x55;
      write("t10k-labels-idx1-ubyte.gz", damaged);
      assertMentions(refused(), "t10k-labels-idx1-ubyte.gz");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0, 00000804, 'byte 3'", // magic
    "0, 01000803, 'byte 0'",
    "0, 00000d03, 'byte 2'", // floats
    "0, 00000801, 'byte 3'",
    "4, 7fffffff, 'byte'", // counts
    "4, ffffffff, 'byte 4'",
    "4, 00000000, 'byte 4'",
    "4, 000002bd, 'byte'",
    "8, 0000001d, 'byte'",
    "8, 7fffffff, 'byte'",
    "12, 7fffffff, 'byte'",
  })
  void headersThatLieAreRefused(int at, String hex, String where) throws IOException {
    byte[] images = images(TRAIN);
    ByteBuffer.wrap(images).putInt(at, Integer.parseUnsignedInt(hex, 16));
    write("train-images-idx3-ubyte", images);
    assertMentions(refused(), "train-images-idx3-ubyte, " + where, "expected", "found");
    Files.delete(folder.resolve("train-images-idx3-ubyte"));
    write("train-images-idx3-ubyte.gz", gzip(images));
    assertMentions(refused(), "train-images-idx3-ubyte.gz", "expected", "found");
  }

  @Test
  void testImagesOfOtherSidesAreRefused() throws IOException {
    write(
        "t10k-images-idx3-ubyte.gz", gzip(idx(new int[] {TEST, 14, 56}, new byte[TEST * PIXELS])));
    assertMentions(refused(), "byte 8", "28", "14");
  }

  @ParameterizedTest
  @CsvSource({
    "train-images.idx3-ubyte, train-labels.idx1-ubyte, t10k-images.idx3-ubyte,"
        + " t10k-labels.idx1-ubyte",
    "emnist-x-train-images-idx3-ubyte, emnist-x-train-labels-idx1-ubyte,"
        + " emnist-x-test-images-idx3-ubyte, emnist-x-test-labels-idx1-ubyte",
    "train-images.idx3-ubyte/train-images.idx3-ubyte, train-labels-idx1-ubyte,"
        + " t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte",
  })
  void otherNamesSizesAndClassesAreRead(
      String trainImages, String trainLabels, String testImages, String testLabels)
      throws IOException {
    Path other = Files.createDirectories(folder.resolve("other"));
    byte[] pixels = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    Files.createDirectories(other.resolve(trainImages).getParent());
    Files.write(other.resolve(trainImages), idx(new int[] {2, 2, 3}, pixels));
    Files.write(other.resolve(trainLabels), idx(new int[] {2}, new byte[] {46, 1}));
    Files.write(other.resolve(testImages), idx(new int[] {1, 2, 3}, Arrays.copyOf(pixels, 6)));
    Files.write(other.resolve(testLabels), idx(new int[] {1}, new byte[] {3}));
    try (Dataset data = load(Fixtures.scaled(request("mnist", other), Scaling.NONE))) {
      assertEquals(Optional.of(new Schema.ImageShape(1, 2, 3)), data.schema().image());
      assertEquals(47, ((Schema.Target.Classes) data.schema().target()).names().size());
      assertArrayEquals(new int[] {46, 1}, Fixtures.classes(data.train()));
      assertArrayEquals(new int[] {3}, Fixtures.classes(data.test().orElseThrow()));
      assertArrayEquals(
          new double[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12},
          Fixtures.features(data.train(), 6),
          0.0);
    }
  }

  @Test
  void aBombThatAnnouncesWhatItHoldsNotIsRefusedBeforeMemoryIsTaken() throws IOException {
    // 400,000 images declared, 150,000 present; the first ones do not compress, so the size of the
    // file alone does not reveal it.
    byte[] pixels = new byte[150_000 * PIXELS];
    byte[] noise = new byte[400 * PIXELS];
    new Random(1).nextBytes(noise);
    System.arraycopy(noise, 0, pixels, 0, noise.length);
    write("t10k-images-idx3-ubyte.gz", gzip(idx(new int[] {400_000, 28, 28}, pixels)));
    write("t10k-labels-idx1-ubyte.gz", gzip(labels(400_000)));
    assertMentions(refused(), "decompressed", "found");
  }

  @Test
  void labelsMustFitTheImagesAndTheClasses() throws IOException {
    write("t10k-labels-idx1-ubyte.gz", gzip(labels(TEST + 1)));
    assertMentions(refused(), "t10k-labels", "byte 4", "3 labels", "4 labels");
    byte[] labels = labels(TEST);
    labels[9] = 10;
    write("t10k-labels-idx1-ubyte.gz", gzip(labels));
    assertMentions(refused(), "t10k-labels", "byte 9", "0 to 9", "found 10");
  }

  @ParameterizedTest
  @CsvSource({
    "mnist, 82.03, 0.130660, 0.308108",
    "fashion-mnist, 67.68, 0.286041, 0.353024",
  })
  void theOriginalFilesHaveTheirPublishedFigures(
      String name, double nearestCentroid, double mean, double deviation) {
    try (Dataset data = load(request(name, Fixtures.shared(name)))) {
      assertEquals(60_000, data.train().rows());
      assertEquals(10_000, data.test().orElseThrow().rows());
      int[] labels = Fixtures.classes(data.train());
      int[] expected =
          name.equals("mnist")
              ? new int[] {5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949}
              : new int[] {6000, 6000, 6000, 6000, 6000, 6000, 6000, 6000, 6000, 6000};
      int[] histogram = new int[10];
      Arrays.stream(labels).forEach(label -> histogram[label]++);
      assertArrayEquals(expected, histogram);

      double[] centroids = new double[10 * PIXELS];
      double sum = 0;
      double squares = 0;
      Tensor row = Tensor.zeros(Shape.of(1, PIXELS), ElementType.FLOAT32);
      int[] order = Fixtures.inOrder(data.train());
      for (int i = 0; i < labels.length; i++) {
        data.train().features(order, i, row);
        float[] pixels = row.toFloats();
        for (int j = 0; j < PIXELS; j++) {
          sum += pixels[j];
          squares += (double) pixels[j] * pixels[j];
          centroids[labels[i] * PIXELS + j] += pixels[j] / (double) histogram[labels[i]];
        }
      }
      double count = 60_000.0 * PIXELS;
      assertEquals(mean, sum / count, 1e-6);
      assertEquals(deviation, Math.sqrt(squares / count - (sum / count) * (sum / count)), 1e-6);
      assertEquals(
          nearestCentroid, Difficulty.nearestCentroid(centroids, data.test().orElseThrow()), 0.005);
    }
  }
}
