package io.measureflow.experiments.data;

import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.Schema;
import io.measureflow.api.data.Table;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.program.Shape;
import io.measureflow.experiments.runner.Laboratory;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Features of images from random patches [coates2011]. The filters are patches cut at random from
 * training images. The features of an image are the mean responses relu((patch . filter) - 1/2) of
 * each filter in each quarter of the image; patches and filters are normalized alike. Features are
 * standardized with the statistics of the training rows.
 */
public final class RandomPatches implements Dataset {

  private static final int SIDE = 6;
  private static final int STRIDE = 2;
  private static final int QUARTERS = 4;
  private static final double THRESHOLD = 0.5;

  /** Keeps the noise of flat patches small; the source adds 10 to the variance of 255 levels. */
  private static final double FLAT = 10.0 / (255 * 255);

  private final Dataset images;
  private final int filters;
  private final Rows train;
  private final Rows test;

  /**
   * Computes the features of all rows.
   *
   * @param filters the number of patches; an image has four times as many features
   * @param seed determines the patches
   * @throws InvalidRequestException if the rows are not images, or there are no test rows
   */
  public RandomPatches(Dataset images, int filters, long seed) {
    this.images = images;
    this.filters = filters;
    Schema.ImageShape shape =
        images
            .schema()
            .image()
            .orElseThrow(
                () ->
                    InvalidRequestException.of(
                        images.name(),
                        "images",
                        "rows without an image shape",
                        "Choose a dataset of images."));
    float[] bank = filters(images.train(), shape, filters, seed);
    train = features(images.train(), shape, bank, filters);
    test = features(Laboratory.test(images), shape, bank, filters);
    standardize(train, test);
  }

  private static float[] image(Table rows, int row, Schema.ImageShape shape) {
    int size = shape.channels() * shape.height() * shape.width();
    float[] image = new float[size];
    rows.features(new int[] {row}, 0, Tensor.of(Shape.of(1, size), image));
    return image;
  }

  /** Copies a patch and normalizes it to mean 0 and length 1, or less if it is flat. */
  private static void patch(
      float[] image, Schema.ImageShape shape, int top, int left, float[] to, int at) {
    int size = shape.channels() * SIDE * SIDE;
    int next = at;
    double mean = 0;
    for (int c = 0; c < shape.channels(); c++) {
      for (int y = 0; y < SIDE; y++) {
        for (int x = 0; x < SIDE; x++) {
          float value = image[(c * shape.height() + top + y) * shape.width() + left + x];
          to[next++] = value;
          mean += value;
        }
      }
    }
    mean /= size;
    double squares = 0;
    for (int i = at; i < at + size; i++) {
      to[i] = (float) (to[i] - mean);
      squares += to[i] * to[i];
    }
    double length = Math.sqrt(squares + size * FLAT);
    for (int i = at; i < at + size; i++) {
      to[i] = (float) (to[i] / length);
    }
  }

  private static float[] filters(Table rows, Schema.ImageShape shape, int filters, long seed) {
    var random = new SplittableRandom(seed);
    int size = shape.channels() * SIDE * SIDE;
    float[] bank = new float[filters * size];
    for (int f = 0; f < filters; f++) {
      float[] image = image(rows, random.nextInt(rows.rows()), shape);
      int top = random.nextInt(shape.height() - SIDE + 1);
      int left = random.nextInt(shape.width() - SIDE + 1);
      patch(image, shape, top, left, bank, f * size);
    }
    return bank;
  }

  private static Rows features(Table rows, Schema.ImageShape shape, float[] bank, int filters) {
    int width = QUARTERS * filters;
    float[] features = new float[Math.multiplyExact(rows.rows(), width)];
    IntStream.range(0, rows.rows())
        .parallel()
        .forEach(row -> describe(image(rows, row, shape), shape, bank, features, row * width));
    return new Rows(features, width, Outputs.labels(rows));
  }

  private static void describe(
      float[] image, Schema.ImageShape shape, float[] bank, float[] features, int at) {
    int size = shape.channels() * SIDE * SIDE;
    int filters = bank.length / size;
    float[] patch = new float[size];
    int[] places = new int[QUARTERS];
    for (int top = 0; top + SIDE <= shape.height(); top += STRIDE) {
      for (int left = 0; left + SIDE <= shape.width(); left += STRIDE) {
        patch(image, shape, top, left, patch, 0);
        int quarter =
            (2 * top + SIDE > shape.height() ? 2 : 0) + (2 * left + SIDE > shape.width() ? 1 : 0);
        places[quarter]++;
        for (int f = 0; f < filters; f++) {
          float sum = 0;
          for (int i = 0; i < size; i++) {
            sum += patch[i] * bank[f * size + i];
          }
          features[at + quarter * filters + f] += (float) Math.max(0, sum - THRESHOLD);
        }
      }
    }
    for (int i = 0; i < QUARTERS * filters; i++) {
      features[at + i] /= Math.max(1, places[i / filters]);
    }
  }

  private static void standardize(Rows train, Rows test) {
    int width = train.width;
    for (int j = 0; j < width; j++) {
      double sum = 0;
      double squares = 0;
      for (int row = 0; row < train.rows(); row++) {
        double value = train.features[row * width + j];
        sum += value;
        squares += value * value;
      }
      double mean = sum / train.rows();
      double variance = Math.max(0, squares / train.rows() - mean * mean);
      // Also divided by sqrt(d), so that rows have length about 1.
      double scale = variance > 0 ? 1 / Math.sqrt(variance * width) : 0;
      train.scale(j, mean, scale);
      test.scale(j, mean, scale);
    }
  }

  /** Rows on the heap. */
  private static final class Rows implements Table {

    private final float[] features;
    private final int width;
    private final int[] labels;

    Rows(float[] features, int width, int[] labels) {
      this.features = features;
      this.width = width;
      this.labels = labels;
    }

    void scale(int column, double mean, double scale) {
      for (int row = 0; row < labels.length; row++) {
        int at = row * width + column;
        features[at] = (float) ((features[at] - mean) * scale);
      }
    }

    @Override
    public int rows() {
      return labels.length;
    }

    @Override
    public void features(int[] order, int from, Tensor batch) {
      int count = batch.shape().dimension(0);
      Tensor rows = Tensor.zeros(batch.shape(), ElementType.FLOAT32);
      for (int i = 0; i < count; i++) {
        for (int j = 0; j < width; j++) {
          rows.set((long) i * width + j, features[order[from + i] * width + j]);
        }
      }
      batch.copyFrom(rows);
    }

    @Override
    public void targets(int[] order, int from, Tensor batch) {
      int count = batch.shape().dimension(0);
      for (int i = 0; i < count; i++) {
        batch.set(i, labels[order[from + i]]);
      }
    }
  }

  @Override
  public String name() {
    return images.name() + " by " + filters + " random patches";
  }

  @Override
  public Schema schema() {
    return new Schema(List.of(), QUARTERS * filters, images.schema().target(), Optional.empty());
  }

  @Override
  public Table train() {
    return train;
  }

  @Override
  public Optional<Table> test() {
    return Optional.of(test);
  }

  @Override
  public String fingerprint() {
    return images.fingerprint();
  }

  @Override
  public void close() {
    // The owner of the images closes them.
  }
}
