package io.measureflow.core.augmentation;

import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.Preprocessing;
import io.measureflow.api.data.Schema;
import io.measureflow.api.program.Philox;
import io.measureflow.core.data.FeatureTransform;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Changes the images of batches as an {@link Augmentation} says. What becomes of an image depends
 * on the seed, the epoch and the position of the image in the epoch alone, so that neither threads
 * nor prefetching nor a pause between epochs change a bit. Not safe for concurrent use.
 */
public final class ImageAugmenter {

  /** Draws of layers count their streams from 0. */
  private static final int STREAM = -1;

  private final Augmentation augmentation;
  private final int channels;
  private final int height;
  private final int width;
  private final FeatureTransform transform;
  private final boolean standardised;
  private final long seed;
  private final int[] words = new int[Philox.WORDS];
  private float[] singles = new float[0];
  private float[] movedSingles = new float[0];
  private double[] doubles = new double[0];
  private double[] movedDoubles = new double[0];

  /**
   * @param augmentation what is done
   * @param image the shape of the images
   * @param preprocessing how raw values became features
   */
  public ImageAugmenter(
      Augmentation augmentation, Schema.ImageShape image, Preprocessing preprocessing, long seed) {
    this.augmentation = augmentation;
    this.channels = image.channels();
    this.height = image.height();
    this.width = image.width();
    this.transform = FeatureTransform.of(preprocessing);
    this.standardised = !preprocessing.mean().isEmpty();
    this.seed = seed;
  }

  /**
   * Changes a batch in place.
   *
   * @param batch [B, C H W], FLOAT32 or FLOAT64
   * @param epoch the number of the epoch
   * @param position the position of the first image in the epoch
   */
  public void apply(Tensor batch, int epoch, int position) {
    int rows = batch.shape().dimension(0);
    for (int row = 0; row < rows; row++) {
      Philox.block(seed, position + row, epoch, STREAM, words);
      int down = offset(words[0]);
      int right = offset(words[1]);
      boolean flip = augmentation.flip() && words[2] < 0;
      if (down == 0 && right == 0 && !flip) {
        continue;
      }
      if (batch.type() == ElementType.FLOAT32 && !standardised) {
        changeSingles(batch, row, down, right, flip);
      } else {
        changeDoubles(batch, row, down, right, flip);
      }
    }
  }

  /** Returns a number from -shift to shift, all equally likely. */
  private int offset(int word) {
    long count = 2L * augmentation.shift() + 1;
    return (int) (((word & 0xFFFFFFFFL) * count) >>> 32) - augmentation.shift();
  }

  private void changeSingles(Tensor batch, int row, int down, int right, boolean flip) {
    int size = channels * height * width;
    if (singles.length == 0) {
      singles = new float[size];
      movedSingles = new float[size];
    }
    MemorySegment memory = batch.memory();
    long at = (long) row * size * Float.BYTES;
    MemorySegment.copy(memory, ValueLayout.JAVA_FLOAT, at, singles, 0, size);
    move(singles, movedSingles, down, right);
    if (flip) {
      for (int line = 0; line < size; line += width) {
        for (int i = line, j = line + width - 1; i < j; i++, j--) {
          float left = movedSingles[i];
          movedSingles[i] = movedSingles[j];
          movedSingles[j] = left;
        }
      }
    }
    MemorySegment.copy(movedSingles, 0, memory, ValueLayout.JAVA_FLOAT, at, size);
  }

  /**
   * Features that are standardised become raw values first: each pixel has a mean and a deviation
   * of its own.
   */
  private void changeDoubles(Tensor batch, int row, int down, int right, boolean flip) {
    int size = channels * height * width;
    if (doubles.length == 0) {
      doubles = new double[size];
      movedDoubles = new double[size];
    }
    long at = (long) row * size;
    for (int i = 0; i < size; i++) {
      doubles[i] = batch.get(at + i);
    }
    transform.invert(doubles);
    move(doubles, movedDoubles, down, right);
    if (flip) {
      for (int line = 0; line < size; line += width) {
        for (int i = line, j = line + width - 1; i < j; i++, j--) {
          double left = movedDoubles[i];
          movedDoubles[i] = movedDoubles[j];
          movedDoubles[j] = left;
        }
      }
    }
    transform.apply(movedDoubles, 0);
    for (int i = 0; i < size; i++) {
      batch.set(at + i, movedDoubles[i]);
    }
  }

  /** Copies an image of floats or doubles with its pixels moved, and zeros where none come from. */
  private void move(Object from, Object to, int down, int right) {
    int count = width - Math.abs(right);
    int first = Math.max(0, right);
    for (int channel = 0; channel < channels; channel++) {
      for (int y = 0; y < height; y++) {
        int line = (channel * height + y) * width;
        int source = y - down;
        if (source < 0 || source >= height) {
          clear(to, line, line + width);
          continue;
        }
        System.arraycopy(
            from,
            (channel * height + source) * width + Math.max(0, -right),
            to,
            line + first,
            count);
        clear(to, line, line + first);
        clear(to, line + first + count, line + width);
      }
    }
  }

  private static void clear(Object pixels, int from, int to) {
    switch (pixels) {
      case float[] floats -> Arrays.fill(floats, from, to, 0);
      case double[] numbers -> Arrays.fill(numbers, from, to, 0);
      default -> throw new IllegalArgumentException("expected floats or doubles");
    }
  }
}
