package io.measureflow.core.augmentation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.DatasetRequest.Scaling;
import io.measureflow.api.data.Preprocessing;
import io.measureflow.api.data.Schema;
import io.measureflow.api.data.Schema.ImageShape;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.program.Philox;
import io.measureflow.api.program.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pixels against a plain description of what moves where. */
class ImageAugmenterTest {

  private static final long SEED = 0x123456789ABL;
  private static final int EPOCH = 4;
  private static final int POSITION = 256;
  private static final int BATCH = 40;

  /** What becomes of one image. */
  private record Draw(int down, int right, boolean flip) {

    static Draw of(Augmentation augmentation, int epoch, int position) {
      int[] words = new int[Philox.WORDS];
      Philox.block(SEED, position, epoch, -1, words);
      return new Draw(
          offset(augmentation.shift(), words[0]),
          offset(augmentation.shift(), words[1]),
          augmentation.flip() && Integer.toUnsignedLong(words[2]) >= 1L << 31);
    }

    private static int offset(int shift, int word) {
      return (int) Math.floor(Integer.toUnsignedLong(word) * 0x1p-32 * (2 * shift + 1)) - shift;
    }

    /** The index of the pixel that comes to a place, or -1. */
    int source(ImageShape image, int channel, int y, int x) {
      int fromY = y - down;
      int fromX = (flip ? image.width() - 1 - x : x) - right;
      return fromY < 0 || fromY >= image.height() || fromX < 0 || fromX >= image.width()
          ? -1
          : (channel * image.height() + fromY) * image.width() + fromX;
    }
  }

  private static int size(ImageShape image) {
    return image.channels() * image.height() * image.width();
  }

  private static Preprocessing plain(ImageShape image) {
    return Preprocessing.none(schema(Optional.of(image), size(image)));
  }

  private static Schema schema(Optional<ImageShape> image, int features) {
    return new Schema(List.of(), features, new Schema.Target.Classes(List.of("a", "b")), image);
  }

  private static Tensor noise(ImageShape image, ElementType type) {
    var random = new SplittableRandom(3);
    Tensor batch = Tensor.zeros(Shape.of(BATCH, size(image)), type);
    for (int i = 0; i < batch.shape().size(); i++) {
      batch.set(i, random.nextDouble(0.1, 1));
    }
    return batch;
  }

  @ParameterizedTest
  @CsvSource({
    "1, 5, 7, 2, true, FLOAT32",
    "1, 5, 7, 4, true, FLOAT64",
    "3, 4, 4, 1, false, FLOAT32",
    "3, 4, 4, 3, true, FLOAT32",
    "2, 6, 3, 2, false, FLOAT64",
    "2, 1, 6, 0, true, FLOAT32",
    "3, 32, 32, 3, true, FLOAT32",
  })
  void everyPixelIsWhereItShouldBe(
      int channels, int height, int width, int shift, boolean flip, ElementType type) {
    var image = new ImageShape(channels, height, width);
    var augmentation = new Augmentation(shift, flip);
    Tensor batch = noise(image, type);
    double[] before = batch.toDoubles();
    new ImageAugmenter(augmentation, image, plain(image), SEED).apply(batch, EPOCH, POSITION);
    double[] after = batch.toDoubles();
    int size = size(image);
    for (int row = 0; row < BATCH; row++) {
      Draw draw = Draw.of(augmentation, EPOCH, POSITION + row);
      double[] expected = new double[size];
      int i = 0;
      for (int channel = 0; channel < channels; channel++) {
        for (int y = 0; y < height; y++) {
          for (int x = 0; x < width; x++) {
            int source = draw.source(image, channel, y, x);
            expected[i++] = source < 0 ? 0 : before[row * size + source];
          }
        }
      }
      assertArrayEquals(
          expected,
          Arrays.copyOfRange(after, row * size, (row + 1) * size),
          draw + " of row " + row);
    }
  }

  @ParameterizedTest
  @CsvSource({"FLOAT32, 1e-6", "FLOAT64, 1e-14"})
  void standardisedPixelsMoveAsRawValues(ElementType type, double tolerance) {
    var image = new ImageShape(2, 4, 5);
    int size = size(image);
    var random = new SplittableRandom(5);
    List<Double> mean = new ArrayList<>();
    List<Double> deviation = new ArrayList<>();
    for (int j = 0; j < size; j++) {
      mean.add(random.nextDouble(-1, 1));
      deviation.add(random.nextDouble(0.5, 2));
    }
    // A pixel that was the same in all images.
    deviation.set(7, Double.MAX_VALUE);
    Preprocessing preprocessing =
        plain(image).withFeatures(Scaling.STANDARDISE, List.of(), mean, deviation);
    Tensor batch = noise(image, type);
    for (int row = 0; row < BATCH; row++) {
      batch.set((long) row * size + 7, 0);
    }
    double[] before = batch.toDoubles();
    var augmentation = Augmentation.shift(2).andFlip();
    new ImageAugmenter(augmentation, image, preprocessing, SEED).apply(batch, EPOCH, POSITION);
    int i = 0;
    for (int row = 0; row < BATCH; row++) {
      Draw draw = Draw.of(augmentation, EPOCH, POSITION + row);
      for (int place = 0; place < size; place++) {
        int source =
            draw.source(
                image,
                place / (image.height() * image.width()),
                place / image.width() % image.height(),
                place % image.width());
        double raw =
            source < 0 ? 0 : before[row * size + source] * deviation.get(source) + mean.get(source);
        double expected = (raw - mean.get(place)) / deviation.get(place);
        double found = batch.get(i++);
        assertTrue(
            Math.abs(found - expected) <= tolerance * (1 + Math.abs(expected)),
            () -> "expected " + expected + ", found " + found);
      }
    }
  }

  /** However an epoch is cut into batches; other epochs and seeds give other images. */
  @Test
  void anImageDependsOnSeedEpochAndPositionAlone() {
    var image = new ImageShape(1, 6, 6);
    var augmentation = Augmentation.shift(2).andFlip();
    var augmenter = new ImageAugmenter(augmentation, image, plain(image), SEED);
    Tensor whole = noise(image, ElementType.FLOAT32);
    double[] before = whole.toDoubles();
    augmenter.apply(whole, EPOCH, 0);
    double[] expected = whole.toDoubles();
    for (int begin = 0; begin < BATCH; begin += 7) {
      int rows = Math.min(7, BATCH - begin);
      double[] part = Arrays.copyOfRange(before, begin * 36, (begin + rows) * 36);
      Tensor batch = Tensor.zeros(Shape.of(rows, 36), ElementType.FLOAT32);
      for (int i = 0; i < part.length; i++) {
        batch.set(i, part[i]);
      }
      augmenter.apply(batch, EPOCH, begin);
      assertArrayEquals(
          Arrays.copyOfRange(expected, begin * 36, (begin + rows) * 36), batch.toDoubles());
    }
    Tensor otherEpoch = noise(image, ElementType.FLOAT32);
    augmenter.apply(otherEpoch, EPOCH + 1, 0);
    assertTrue(!Arrays.equals(expected, otherEpoch.toDoubles()));
    Tensor otherSeed = noise(image, ElementType.FLOAT32);
    new ImageAugmenter(augmentation, image, plain(image), SEED + 1).apply(otherSeed, EPOCH, 0);
    assertTrue(!Arrays.equals(expected, otherSeed.toDoubles()));
  }

  /** Each of 50 outcomes comes 400 times, with a standard deviation of 20. */
  @Test
  void allShiftsAndFlipsAreEquallyLikely() {
    // The place of the one bright pixel tells what became of the image, and the next one the flip.
    var image = new ImageShape(1, 9, 9);
    var augmenter = new ImageAugmenter(Augmentation.shift(2).andFlip(), image, plain(image), SEED);
    Tensor batch = Tensor.zeros(Shape.of(20_000, 81), ElementType.FLOAT32);
    for (int row = 0; row < 20_000; row++) {
      batch.set(row * 81L + 40, 1);
      batch.set(row * 81L + 41, 2);
    }
    augmenter.apply(batch, 1, 0);
    double[] pixels = batch.toDoubles();
    int[] counts = new int[50];
    for (int row = 0; row < 20_000; row++) {
      int place = 0;
      while (pixels[row * 81 + place] != 1) {
        place++;
      }
      boolean flipped = pixels[row * 81 + place - 1] == 2;
      counts[(place / 9 - 2) * 10 + (place % 9 - 2) * 2 + (flipped ? 1 : 0)]++;
    }
    for (int count : counts) {
      assertTrue(Math.abs(count - 400) < 100, Arrays.toString(counts));
    }
  }

  @Test
  void dataThatAreNoImagesAndShiftsThatEmptyThemAreRefused() {
    Augmentation.NONE.requireFit(schema(Optional.empty(), 12));
    var image = Optional.of(new ImageShape(3, 4, 5));
    Augmentation.shift(3).andFlip().requireFit(schema(image, 60));
    assertRefused(
        Augmentation.NONE.andFlip(),
        schema(Optional.empty(), 12),
        "training.augment: expected images, found rows of 12 features that are not pixels");
    assertRefused(Augmentation.shift(1), schema(image, 61), "found rows of 61 features");
    assertRefused(
        Augmentation.shift(4),
        schema(image, 60),
        "training.augment.shift: expected less than 4, the smaller side of the images, found 4");
    assertEquals(
        "shift: expected at least 0, found -1",
        assertThrows(IllegalArgumentException.class, () -> Augmentation.shift(-1)).getMessage());
  }

  private static void assertRefused(Augmentation augmentation, Schema schema, String message) {
    var error = assertThrows(InvalidRequestException.class, () -> augmentation.requireFit(schema));
    assertTrue(String.valueOf(error.getMessage()).contains(message), error.getMessage());
  }
}
