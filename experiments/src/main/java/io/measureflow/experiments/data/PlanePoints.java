package io.measureflow.experiments.data;

import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.Table;
import java.util.SplittableRandom;

/** Points in the plane, in two classes. */
public final class PlanePoints implements Table {

  private static final double MOON_NOISE = 0.1;
  private static final double SPIRAL_NOISE = 0.04;
  private static final double TURNS = 1.25;

  private final double[] coordinates;
  private final int[] labels;

  private PlanePoints(double[] coordinates, int[] labels) {
    this.coordinates = coordinates;
    this.labels = labels;
  }

  /** Two interleaving half circles with noise. */
  public static PlanePoints moons(int rows, long seed) {
    var random = new SplittableRandom(seed);
    double[] coordinates = new double[2 * rows];
    int[] labels = new int[rows];
    for (int i = 0; i < rows; i++) {
      labels[i] = i % 2;
      double angle = Math.PI * random.nextDouble();
      double x = labels[i] == 0 ? Math.cos(angle) : 1 - Math.cos(angle);
      double y = labels[i] == 0 ? Math.sin(angle) : 0.5 - Math.sin(angle);
      coordinates[2 * i] = x - 0.5 + MOON_NOISE * random.nextGaussian();
      coordinates[2 * i + 1] = y - 0.25 + MOON_NOISE * random.nextGaussian();
    }
    return new PlanePoints(coordinates, labels);
  }

  /** Two interleaving spirals with noise; each is the other turned by 180 degrees. */
  public static PlanePoints spirals(int rows, long seed) {
    var random = new SplittableRandom(seed);
    double[] coordinates = new double[2 * rows];
    int[] labels = new int[rows];
    for (int i = 0; i < rows; i++) {
      labels[i] = i % 2;
      // Uniform along the arm, which gets longer with the radius.
      double radius = 0.15 + 1.25 * Math.sqrt(random.nextDouble());
      double angle = 2 * Math.PI * TURNS * radius / 1.4 + Math.PI * labels[i];
      coordinates[2 * i] = radius * Math.cos(angle) + SPIRAL_NOISE * random.nextGaussian();
      coordinates[2 * i + 1] = radius * Math.sin(angle) + SPIRAL_NOISE * random.nextGaussian();
    }
    return new PlanePoints(coordinates, labels);
  }

  /**
   * The centers of {@code side} times {@code side} squares that cover [-extent, extent]^2, row by
   * row from the upper left; all labels are 0.
   */
  public static PlanePoints grid(int side, double extent) {
    double[] coordinates = new double[2 * side * side];
    double step = 2 * extent / side;
    for (int row = 0; row < side; row++) {
      for (int column = 0; column < side; column++) {
        int at = 2 * (row * side + column);
        coordinates[at] = -extent + (column + 0.5) * step;
        coordinates[at + 1] = extent - (row + 0.5) * step;
      }
    }
    return new PlanePoints(coordinates, new int[side * side]);
  }

  /** The first coordinate of a point. */
  public double x(int row) {
    return coordinates[2 * row];
  }

  /** The second coordinate of a point. */
  public double y(int row) {
    return coordinates[2 * row + 1];
  }

  /** The class of a point. */
  public int label(int row) {
    return labels[row];
  }

  @Override
  public int rows() {
    return labels.length;
  }

  @Override
  public void features(int[] order, int from, Tensor batch) {
    for (int i = 0; i < batch.shape().dimension(0); i++) {
      batch.set(2L * i, x(order[from + i]));
      batch.set(2L * i + 1, y(order[from + i]));
    }
  }

  @Override
  public void targets(int[] order, int from, Tensor batch) {
    for (int i = 0; i < batch.shape().dimension(0); i++) {
      batch.set(i, labels[order[from + i]]);
    }
  }
}
