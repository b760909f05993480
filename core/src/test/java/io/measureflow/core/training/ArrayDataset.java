package io.measureflow.core.training;

import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.Schema;
import io.measureflow.api.data.Table;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.program.Shape;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Two noisy classes in the plane, separated by a circle: too hard for a linear model, easy for a
 * layer.
 */
final class ArrayDataset implements Dataset {

  private final Rows train;
  private final Rows test;

  ArrayDataset(int trainRows, int testRows, long seed) {
    this(trainRows, testRows, seed, -1);
  }

  /**
   * @param broken the index of a training row that cannot be read
   */
  ArrayDataset(int trainRows, int testRows, long seed, int broken) {
    var random = new SplittableRandom(seed);
    this.train = new Rows(trainRows, random, broken);
    this.test = new Rows(testRows, random, -1);
  }

  /** Sets the first feature, named x, of a training row, or of a test row. */
  ArrayDataset with(boolean training, int row, double x) {
    (training ? train : test).features[2 * row] = x;
    return this;
  }

  @Override
  public String name() {
    return "circle";
  }

  @Override
  public Schema schema() {
    return new Schema(
        List.of("x", "y"),
        2,
        new Schema.Target.Classes(List.of("inside", "outside")),
        Optional.empty());
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
    return "circle";
  }

  @Override
  public void close() {}

  private static final class Rows implements Table {

    private final double[] features;
    private final int[] labels;
    private final int broken;

    Rows(int rows, SplittableRandom random, int broken) {
      this.broken = broken;
      features = new double[2 * rows];
      labels = new int[rows];
      for (int i = 0; i < rows; i++) {
        double x = random.nextDouble(-2, 2);
        double y = random.nextDouble(-2, 2);
        features[2 * i] = x;
        features[2 * i + 1] = y;
        labels[i] = x * x + y * y < 2 ? 0 : 1;
      }
    }

    @Override
    public int rows() {
      return labels.length;
    }

    /** Returns nothing, so that the broken row is found by reading row by row. */
    @Override
    public Optional<Tensor> whole() {
      return broken < 0 ? Optional.of(Tensor.of(Shape.of(rows(), 2), features)) : Optional.empty();
    }

    @Override
    public void features(int[] order, int from, Tensor batch) {
      for (int i = 0; i < batch.shape().dimension(0); i++) {
        if (order[from + i] == broken) {
          throw InvalidRequestException.of("row " + broken, "a row", "none", "Mend it.");
        }
        batch.set(2L * i, features[2 * order[from + i]]);
        batch.set(2L * i + 1, features[2 * order[from + i] + 1]);
      }
    }

    @Override
    public void targets(int[] order, int from, Tensor batch) {
      for (int i = 0; i < batch.shape().dimension(0); i++) {
        batch.set(i, labels[order[from + i]]);
      }
    }
  }
}
